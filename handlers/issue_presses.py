"""What the buttons of an issue say."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Press
from models.issue_reading import Age, Scope, Selection, Standing
from models.issues import ClosedAs
from models.referrals import ReasonToDecline


class DraftDo(enum.StrEnum):
    PICK = "pick"
    ALL = "all"
    BACK = "back"
    CONTINUE = "on"
    WHOLE = "whole"
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


class ListDo(enum.StrEnum):
    """What a button of a list does; narrowing down is called as in ``By``."""

    LIST = "l"
    VIEW = "v"
    WHOLE = "w"
    EXPORT = "x"
    BY_STATE = "s"
    BY_SPECIALTY = "p"
    BY_AREA = "a"
    BY_AGE = "g"


@dataclass(frozen=True)
class IssuesPress(Press):
    """A page of a selection of issues, one issue of it, or another way to choose."""

    prefix: ClassVar[str] = "il"
    do: ListDo
    scope: Scope
    standing: Standing = Standing.LIVE
    specialty_id: int = 0
    area_id: int = 0
    age: Age = Age.ANY
    page: int = 0
    issue_id: int = 0

    @property
    def selection(self) -> Selection:
        return Selection(self.scope, self.standing, self.specialty_id, self.area_id, self.age)

    @classmethod
    def of(cls, chosen: Selection, do: ListDo = ListDo.LIST, *, page: int = 0, issue_id: int = 0) -> IssuesPress:
        return cls(do, chosen.scope, chosen.standing, chosen.specialty_id, chosen.area_id, chosen.age, page, issue_id)

    @classmethod
    def whole_of(cls, issue_id: int) -> IssuesPress:
        """The whole text of an issue, from wherever it was found."""
        return cls(ListDo.WHOLE, Scope.OWN, issue_id=issue_id)


class BoardDo(enum.StrEnum):
    BOARD = "b"
    PICTURE = "p"
    WEEK = "w"
    WEEKS = "ws"


@dataclass(frozen=True)
class BoardPress(Press):
    prefix: ClassVar[str] = "ib"
    do: BoardDo


@dataclass(frozen=True)
class SearchPress(Press):
    """Search anew (no id), a page of what was found, or one issue of it."""

    prefix: ClassVar[str] = "iq"
    search_id: int = 0
    page: int = 0
    issue_id: int = 0


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
class OffersPress(Press):
    """A page of what the specialist was asked to advise on."""

    prefix: ClassVar[str] = "ol"
    page: int


@dataclass(frozen=True)
class DeclinePress(Press):
    prefix: ClassVar[str] = "od"
    referral_id: int
    reason: ReasonToDecline


@dataclass(frozen=True)
class VolunteerPress(Press):
    prefix: ClassVar[str] = "vo"
    in_groups: ClassVar[bool] = True
    issue_id: int


@dataclass(frozen=True)
class AnswerPress(Press):
    """Answer whoever said this."""

    prefix: ClassVar[str] = "an"
    remark_id: int
