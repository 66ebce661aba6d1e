"""What the buttons of an issue say."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Press
from models.issues import ClosedAs
from models.referrals import ReasonToDecline


class DraftDo(enum.StrEnum):
    PICK = "pick"
    ALL = "all"
    BACK = "back"
    ATTACH = "attach"
    CONFIRM = "yes"
    DISCARD = "drop"
    DISCARD_SURE = "drop2"


@dataclass(frozen=True)
class DraftPress(Press):
    """``which`` is a specialty to pick, or the specialist shown when confirming; ``version`` is the draft as it was seen."""

    prefix: ClassVar[str] = "dr"
    issue_id: int
    do: DraftDo
    which: int = 0
    version: int = 0


class IssueDo(enum.StrEnum):
    OPEN = "open"
    REPLY = "reply"
    CLOSE = "close"
    WITHDRAW = "wd"
    WITHDRAW_SURE = "wd2"
    REOPEN = "reopen"
    REDIRECT = "other"
    BACK = "back"


@dataclass(frozen=True)
class IssuePress(Press):
    prefix: ClassVar[str] = "is"
    issue_id: int
    do: IssueDo


@dataclass(frozen=True)
class ClosePress(Press):
    prefix: ClassVar[str] = "ic"
    issue_id: int
    closed_as: ClosedAs


@dataclass(frozen=True)
class RedirectPress(Press):
    prefix: ClassVar[str] = "ir"
    issue_id: int
    specialty_id: int


@dataclass(frozen=True)
class IssuesPress(Press):
    """One page of the list: one's own, or (for the office) all that are not over."""

    prefix: ClassVar[str] = "il"
    everyone: int
    page: int


class OfferDo(enum.StrEnum):
    OPEN = "open"
    ACCEPT = "yes"
    DECLINE = "no"
    WRITE = "write"
    BACK = "back"


@dataclass(frozen=True)
class OfferPress(Press):
    prefix: ClassVar[str] = "of"
    referral_id: int
    do: OfferDo


@dataclass(frozen=True)
class DeclinePress(Press):
    prefix: ClassVar[str] = "od"
    referral_id: int
    reason: ReasonToDecline


@dataclass(frozen=True)
class VolunteerPress(Press):
    prefix: ClassVar[str] = "vo"
    issue_id: int


@dataclass(frozen=True)
class AnswerPress(Press):
    """Answer whoever said this."""

    prefix: ClassVar[str] = "an"
    remark_id: int
