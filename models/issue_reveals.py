"""Looking again at who a constituent is: only the home deputy may, says why, and it is written down."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import record
from models.issues import Issue
from models.people import Person
from models.rules import Gone, RuleBroken

REASON_LENGTH = 200


class ReasonToReveal(enum.StrEnum):
    ASK = "ask"
    """None given yet."""
    CONTACT = "contact"
    VERIFY = "verify"
    OTHER = "other"
    """In the deputy's own words."""


class NoReason(RuleBroken):
    """Nobody looks without saying why."""

    key = "desk.no_reason"


class OriginalForgotten(RuleBroken):
    """The constituent's data was erased, or its time was over."""

    key = "privacy.original_forgotten"


def require_original(issue: Issue, person: Person) -> None:
    """Raise NotAllowed for anybody but the home deputy, Gone for what never got a number, OriginalForgotten once it is forgotten."""
    issue.require_home(person)
    if issue.number is None:
        raise Gone
    if issue.identity_forgotten_at is not None:
        raise OriginalForgotten(number=issue.number)


def reveal(session: AsyncSession, issue: Issue, person: Person, reason: ReasonToReveal, words: str = "", *, now: datetime) -> None:
    """Write down who looks, and why, before it is shown. Raises NotAllowed, Gone, OriginalForgotten, NoReason."""
    require_original(issue, person)
    said = issue.covered(" ".join(words.split()))[:REASON_LENGTH]
    if reason is ReasonToReveal.ASK or (reason is ReasonToReveal.OTHER and not said):
        raise NoReason
    record(session, person, "issue.identity_revealed", f"issue:{issue.id}", now=now, reason=reason.value, words=said)
