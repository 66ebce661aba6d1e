"""What the buttons around choosing and consulting specialists say."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Press


@dataclass(frozen=True)
class PickPress(Press):
    """The deputy looks for another specialist for the draft: one page of candidates."""

    prefix: ClassVar[str] = "pk"
    issue_id: int
    page: int


@dataclass(frozen=True)
class WishPress(Press):
    """The deputy picked this one; 0 goes back."""

    prefix: ClassVar[str] = "pw"
    issue_id: int
    person_id: int


@dataclass(frozen=True)
class HandPress(Press):
    """The specialist looks for a colleague to hand the offer to."""

    prefix: ClassVar[str] = "ho"
    referral_id: int
    page: int


@dataclass(frozen=True)
class HandToPress(Press):
    prefix: ClassVar[str] = "ht"
    referral_id: int
    person_id: int


@dataclass(frozen=True)
class NamePress(Press):
    """The office looks whom to ask; page -1 opens the list."""

    prefix: ClassVar[str] = "nm"
    issue_id: int
    specialty_id: int
    page: int


@dataclass(frozen=True)
class NameByNamePress(Press):
    """The office will type somebody's name."""

    prefix: ClassVar[str] = "nf"
    issue_id: int
    specialty_id: int


@dataclass(frozen=True)
class AskPress(Press):
    """The office asks this one."""

    prefix: ClassVar[str] = "na"
    issue_id: int
    specialty_id: int
    person_id: int


@dataclass(frozen=True)
class SecondPress(Press):
    """The home deputy wants another specialty's opinion too; 0 asks which, any other shows what would be shared."""

    prefix: ClassVar[str] = "so"
    issue_id: int
    specialty_id: int


@dataclass(frozen=True)
class SecondSurePress(Press):
    """Having seen it, the deputy shares it; ``person_id`` is the specialist that was shown, 0 for nobody."""

    prefix: ClassVar[str] = "sq"
    issue_id: int
    specialty_id: int
    person_id: int


class AwayDo(enum.StrEnum):
    TODAY = "1"
    THREE_DAYS = "3"
    WEEK = "7"
    TYPE = "type"
    BACK = "back"
    HAND_ON = "hand"
    KEEP = "keep"


@dataclass(frozen=True)
class AwayPress(Press):
    prefix: ClassVar[str] = "aw"
    do: AwayDo
