"""An activity in the making: a typed view of the form's row, so that a half-finished form survives a restart."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers.whom_form import WhomForm
from models.activities import ActivityKind, Offsets
from models.policy import Policy

STEPS = ("kind", "title", "when", "place", "whom", "notes")
PREVIEW = "preview"
CAPACITY = "capacity"
"""Asked only where the preview's button leads to it: mostly there is room for all."""
PRESETS = (
    None,
    Offsets(timedelta(days=14), timedelta(days=5), (timedelta(days=1), timedelta(hours=2))),
    Offsets(None, timedelta(days=2), (timedelta(hours=2),)),
)
"""What the button for the notice times goes through; None stands for the Home's own."""


class Draft(WhomForm):
    """Reads and writes one form of the kind ``activity``. A step is done once its answer was given, be it empty."""

    @property
    def token(self) -> int:
        """Tells this form's buttons from those of an earlier one."""
        return int(self.form.data["token"])

    @property
    def card_key(self) -> str:
        return f"activity-form:{self.form.person_id}:{self.token}"

    @property
    def done(self) -> list[str]:
        return list(self.form.data.get("done", []))

    def answered(self, step: str) -> None:
        """Note an answer and go on: to the next step without one, or to the preview."""
        self.form.data["done"] = [*(other for other in self.done if other != step), step]
        self.go_on()

    def go_on(self) -> None:
        self.form.step = next((step for step in STEPS if step not in self.done), PREVIEW)

    def go_back(self) -> None:
        """To the step before this one; its answer stays until it is given anew."""
        steps = [step for step in (*STEPS, PREVIEW) if step == self.form.step or step not in self.fixed]
        place = steps.index(self.form.step) if self.form.step in steps else len(steps)
        self.form.step = steps[max(place - 1, 0)]

    @property
    def fixed(self) -> tuple[str, ...]:
        """Steps that are not asked: a group leader's activity is for the own group."""
        return tuple(self.form.data.get("fixed", ()))

    @property
    def kind(self) -> ActivityKind | None:
        value = self.form.data.get("kind")
        return ActivityKind(value) if value else None

    @kind.setter
    def kind(self, kind: ActivityKind) -> None:
        self.form.data["kind"] = kind.value

    @property
    def title(self) -> str:
        return str(self.form.data.get("title", ""))

    @title.setter
    def title(self, title: str) -> None:
        self.form.data["title"] = title

    @property
    def starts_at(self) -> datetime | None:
        return self._moment("starts_at")

    @property
    def ends_at(self) -> datetime | None:
        return self._moment("ends_at")

    def set_time(self, starts_at: datetime, ends_at: datetime | None) -> None:
        self.form.data["starts_at"] = starts_at.isoformat()
        self.form.data["ends_at"] = ends_at.isoformat() if ends_at else None

    def _moment(self, name: str) -> datetime | None:
        value = self.form.data.get(name)
        return datetime.fromisoformat(value) if value else None

    @property
    def place(self) -> str:
        return str(self.form.data.get("place", ""))

    @place.setter
    def place(self, place: str) -> None:
        self.form.data["place"] = place

    @property
    def notes(self) -> str:
        return str(self.form.data.get("notes", ""))

    @notes.setter
    def notes(self, notes: str) -> None:
        self.form.data["notes"] = notes

    @property
    def capacity(self) -> int | None:
        value = self.form.data.get("capacity")
        return int(value) if value else None

    @capacity.setter
    def capacity(self, places: int | None) -> None:
        self.form.data["capacity"] = places

    def offsets(self, policy: Policy) -> Offsets:
        value = self.form.data.get("offsets")
        return Offsets.from_json(value) if value else Offsets.of(policy)

    def set_offsets(self, offsets: Offsets | None) -> None:
        self.form.data["offsets"] = offsets.as_json() if offsets else None

    def next_preset(self) -> None:
        """The next of the usual notice times."""
        place = (int(self.form.data.get("preset", 0)) + 1) % len(PRESETS)
        self.form.data["preset"] = place
        self.set_offsets(PRESETS[place])
