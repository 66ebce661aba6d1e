"""What the buttons around leave mean."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Press
from models.leave import LeaveCategory
from models.session_posts import SessionPost


class Verdict(enum.StrEnum):
    """Approve, refuse; ask the deputy something first, or rather not."""

    APPROVE = "approve"
    REFUSE = "refuse"
    ASK = "ask"
    LEAVE_IT = "leave_it"


@dataclass(frozen=True)
class VerdictPress(Press):
    prefix: ClassVar[str] = "ld"
    request_id: int
    verdict: Verdict


@dataclass(frozen=True)
class HalfDaysPress(Press):
    """The half days of a session as chosen so far, a bit each; ``done`` is 1 once they are all."""

    prefix: ClassVar[str] = "lvh"
    activity_id: int
    sequence: int
    category: LeaveCategory
    chosen: int
    done: int


class MoreDo(enum.StrEnum):
    ADD = "add"
    LEAVE_IT = "leave_it"


@dataclass(frozen=True)
class MorePress(Press):
    """The deputy answers a question, or adds words or a proof to a request."""

    prefix: ClassVar[str] = "lvm"
    request_id: int
    do: MoreDo


class BatchDo(enum.StrEnum):
    """All activities with requests; the requests of one; approve those chosen; look at them one by one."""

    ALL = "all"
    SHOW = "show"
    APPROVE = "approve"
    EACH = "each"


@dataclass(frozen=True)
class BatchPress(Press):
    """``seen`` stands for the list as it was shown, ``chosen`` for those ticked, a bit each."""

    prefix: ClassVar[str] = "lvb"
    do: BatchDo
    activity_id: int = 0
    page: int = 0
    chosen: int = 0
    seen: str = ""


class DelegateDo(enum.StrEnum):
    OVERVIEW = "o"
    CHOOSE = "c"
    DAYS = "d"
    PREVIEW = "p"
    GIVE = "g"
    END = "e"


@dataclass(frozen=True)
class DelegatePress(Press):
    """``first`` and ``last`` are days, counted as Python's calendar does. To END, ``number`` is a delegation, else a person."""

    prefix: ClassVar[str] = "dlg"
    do: DelegateDo
    number: int = 0
    first: int = 0
    last: int = 0


class PostDo(enum.StrEnum):
    OVERVIEW = "o"
    CHOOSE = "c"
    SET = "s"
    EMPTY = "e"


@dataclass(frozen=True)
class PostPress(Press):
    """``group_id`` is 0 for the secretary-general, who has none."""

    prefix: ClassVar[str] = "spo"
    do: PostDo
    post: SessionPost = SessionPost.SECRETARY_GENERAL
    group_id: int = 0
    person_id: int = 0
