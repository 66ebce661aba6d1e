"""What each deputy will do about an activity, decided when it is called: the players' own knowledge, which the Home never sees."""

from __future__ import annotations

import enum
import random
from dataclasses import dataclass

from models.leave import LeaveCategory


class Manner(enum.StrEnum):
    """How a deputy deals with invitations."""

    RELIABLE = "reliable"
    LATE = "late"
    SILENT = "silent"
    FORGETFUL = "forgetful"
    BUSY = "busy"
    BLOCKING = "blocking"
    WITHOUT_PHONE = "without_phone"


MANNERS = (
    *(Manner.RELIABLE,) * 9,
    *(Manner.LATE,) * 3,
    *(Manner.BUSY,) * 3,
    *(Manner.SILENT,) * 2,
    Manner.FORGETFUL,
    Manner.BLOCKING,
    Manner.WITHOUT_PHONE,
)
"""Given out in turn."""


class Answer(enum.StrEnum):
    NONE = "none"
    YES = "yes"
    LEAVE = "leave"
    LEAVE_TAKEN_BACK = "leave_taken_back"
    """Asks leave, and can come after all."""


class Verdict(enum.StrEnum):
    """What the leader will say."""

    APPROVED = "approved"
    REFUSED = "refused"
    NONE = "none"


class Coming(enum.StrEnum):
    """How somebody arrives, if at all."""

    SCAN = "scan"
    CODE = "code"
    STALE_FIRST = "stale_first"
    """Scans a picture that somebody forwarded, and then the right one."""
    STALE_ONLY = "stale_only"
    """Was never there, and tries with the picture that somebody forwarded."""
    LATE = "late"
    TAPPED = "tapped"
    """The organiser taps the name."""
    NOT = "not"


@dataclass
class Fate:
    answer: Answer
    round: int
    """In which of the three rounds they answer: after the first notice, after the formal one, after the reminder of the day before."""
    category: LeaveCategory
    verdict: Verdict
    coming: Coming
    asked: bool = False
    """Whether leave has been asked."""


def fate_of(chance: random.Random, manner: Manner) -> Fate:
    answer, verdict, coming = _by_manner(chance, manner)
    return Fate(answer, chance.choice((1, 1, 1, 2, 2, 3)), chance.choice(list(LeaveCategory)), verdict, coming)


def _by_manner(chance: random.Random, manner: Manner) -> tuple[Answer, Verdict, Coming]:
    in_time = chance.choice((Coming.SCAN, Coming.SCAN, Coming.CODE, Coming.STALE_FIRST))
    if manner in (Manner.BLOCKING, Manner.WITHOUT_PHONE):
        return Answer.NONE, Verdict.NONE, chance.choice((Coming.TAPPED, Coming.NOT))
    if manner is Manner.BUSY and chance.random() < 0.6:
        verdict = chance.choice((Verdict.APPROVED, Verdict.APPROVED, Verdict.REFUSED, Verdict.NONE))
        came_though = chance.choice((Coming.NOT, Coming.NOT, Coming.NOT, Coming.STALE_ONLY, Coming.SCAN))
        return Answer.LEAVE, verdict, came_though
    if manner is Manner.SILENT:
        return Answer.NONE, Verdict.NONE, chance.choice((Coming.CODE, Coming.NOT))
    if manner is Manner.FORGETFUL:
        return Answer.YES, Verdict.NONE, chance.choice((Coming.NOT, Coming.NOT, in_time))
    if manner is Manner.LATE:
        return Answer.YES, Verdict.NONE, chance.choice((Coming.LATE, Coming.LATE, in_time))
    if chance.random() < 0.08:
        return Answer.LEAVE_TAKEN_BACK, chance.choice((Verdict.APPROVED, Verdict.NONE)), in_time
    return Answer.YES, Verdict.NONE, in_time
