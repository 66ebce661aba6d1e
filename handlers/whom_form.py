"""A form in which an audience is chosen: what the chooser's buttons and typed names read and change."""

from __future__ import annotations

from models.audience import Audience, Part, Side
from models.forms import Form


class WhomForm:
    """A typed view of a form's row, as far as the audience is concerned."""

    def __init__(self, form: Form) -> None:
        self.form = form

    @property
    def fixed(self) -> tuple[str, ...]:
        """Steps that are not asked."""
        return ()

    def answered(self, step: str) -> None:
        """Note that a step has its answer, and go on."""
        raise NotImplementedError

    @property
    def audience(self) -> Audience:
        return Audience.from_json(self.form.data.get("audience"))

    @audience.setter
    def audience(self, audience: Audience) -> None:
        self.form.data["audience"] = audience.as_json()

    @property
    def tab(self) -> Part:
        """Which part of the audience the buttons show."""
        return Part(self.form.data.get("tab", Part.CIRCLE.value))

    @tab.setter
    def tab(self, part: Part) -> None:
        self.form.data["tab"] = part.value

    @property
    def side(self) -> Side:
        """Whether a tap calls somebody, or leaves them out."""
        return Side(self.form.data.get("side", Side.WITH.value))

    @side.setter
    def side(self, side: Side) -> None:
        self.form.data["side"] = side.value
