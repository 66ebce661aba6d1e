"""The form in which one person is added: what was said so far, and what comes next."""

from __future__ import annotations

import re
from typing import Any

from handlers.roster_card_presses import AddDo
from models.forms import Form
from models.people import Role
from models.roster_rows import Field, RosterRow
from models.roster_words import words_of_roles

KIND = "add_person"
STEPS = ("name", "phone", "area", "group", "specialties", "roles", "confirm")
_ASIDE = {"alike": "name", "number": "phone"}
"""Questions in between: who is called alike, and whose number it was."""
_WITH_PHONE = re.compile(r"(.*?\D)[\s,，、:：]*(\+?\d[\d\s-]{6,18})", re.DOTALL)


def split_phone(said: str) -> tuple[str, str]:
    """A name, and the number written behind it, empty for none."""
    found = _WITH_PHONE.fullmatch(said.strip())
    return (found[1].strip(" ,，、:：\n"), found[2]) if found is not None else (said, "")


class AddForm:
    """A typed view of the form's row."""

    def __init__(self, row: Form) -> None:
        self.row = row

    @property
    def step(self) -> str:
        return self.row.step

    @property
    def asked(self) -> str:
        """The step a question in between belongs to."""
        return _ASIDE.get(self.step, self.step)

    @property
    def field(self) -> Field | None:
        """What is chosen at this step."""
        return Field(self.step) if self.step in ("area", "group", "specialties", "roles") else None

    @property
    def name(self) -> str:
        return str(self.row.data.get("name", ""))

    @property
    def phone(self) -> str:
        return str(self.row.data.get("phone", ""))

    def put(self, what: str, value: Any) -> None:
        self.row.data[what] = value

    def several(self, what: Field) -> list[str]:
        """What is chosen of several; somebody is a deputy, unless another role is said."""
        return list(self.row.data.get(what.value, [Role.DEPUTY.value] if what is Field.ROLES else []))

    def toggle(self, what: Field, name: str, *, on: bool) -> None:
        others = [each for each in self.several(what) if each != name]
        self.put(what.value, [*others, name] if on else others)

    def tap(self, marked: bool) -> AddDo:
        """What a tap on an option does."""
        if self.field in (Field.SPECIALTIES, Field.ROLES):
            return AddDo.OFF if marked else AddDo.ON
        return AddDo.CHOOSE

    def go_to(self, step: str) -> None:
        self.row.step = step

    def go_on(self) -> None:
        self.go_to(STEPS[STEPS.index(self.asked) + 1])

    def as_row(self) -> RosterRow:
        """As a line of a spreadsheet would say it, so that the same rules hold."""
        roles = {Role(name) for name in self.several(Field.ROLES)}
        return RosterRow(
            line=1,
            name=self.name,
            phone=self.phone,
            area=self.row.data.get("area", ""),
            group=self.row.data.get("group", ""),
            specialties=tuple(self.several(Field.SPECIALTIES)),
            roles=words_of_roles(roles | ({Role.DEPUTY} if Role.GROUP_LEADER in roles else set())),
        )
