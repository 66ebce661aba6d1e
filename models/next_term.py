"""The next term: who is elected again comes back into seat and circles, and then it begins; what nobody carries on is handed on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import record
from models.issues import LIVE, Issue
from models.mandates import EndReason, Mandate, give_mandate, return_to_circles
from models.people import Person, Role, serving
from models.policy import Policy
from models.referrals import Referral, ReferralState, expected_after
from models.rules import Gone, NotAllowed
from models.suggestion_drafts import SuggestionDraft
from models.term_closing import last_closed
from models.terms import Term, TermState, open_term
from models.working_days import add_working_days, half_way, in_working_hours

PEOPLE_AT_ONCE = 20


def _of_last(term: Term) -> Select[Mandate]:
    """The mandates that ended with a term."""
    return select(Mandate).where(Mandate.term_id == term.id, Mandate.reason == EndReason.TERM_ENDED)


async def last_mandates(session: AsyncSession, *, offset: int = 0, limit: int = 50) -> Sequence[Mandate]:
    """Who was a deputy at the end of the last term, in the order of the mandates."""
    term = await last_closed(session)
    if term is None:
        return []
    return (await session.scalars(_of_last(term).order_by(Mandate.id).offset(offset).limit(limit))).all()


async def again_counts(session: AsyncSession) -> tuple[int, int]:
    """How many were deputies at the end of the last term, and how many of them are marked or on the new roster already."""
    term = await last_closed(session)
    if term is None:
        return 0, 0
    of_last = _of_last(term).subquery()
    everybody = await session.scalar(select(func.count()).select_from(of_last)) or 0
    back = Mandate.again | Mandate.person.has(serving())
    return everybody, await session.scalar(select(func.count()).select_from(_of_last(term).where(back).subquery())) or 0


async def mark_again(session: AsyncSession, mandate: Mandate, actor: Person, *, again: bool, now: datetime) -> None:
    """Note that somebody is elected again, or not; whoever is a deputy by now stays one. Raises NotAllowed, Gone."""
    actor.require(Role.OFFICE)
    term = await last_closed(session)
    if term is None or mandate.term_id != term.id or mandate.reason is not EndReason.TERM_ENDED:
        raise Gone
    if mandate.again != again and not mandate.person.serves:
        mandate.again = again
        record(session, actor, "mandate.again" if again else "mandate.not_again", f"person:{mandate.person_id}", now=now)


async def ask_start(session: AsyncSession, actor: Person, *, now: datetime) -> Term:
    """The new roster is complete: the prepared term shall begin. Raises NotAllowed, Gone."""
    actor.require(Role.OFFICE)
    term = await open_term(session)
    if term is None or term.state is not TermState.PREPARED:
        raise Gone
    if term.start_asked_at is None:
        term.start_asked_at = now
        record(session, actor, "term.start", f"term:{term.id}", now=now)
    return term


async def return_some(session: AsyncSession, *, now: datetime) -> list[Person]:
    """Some of those elected again are deputies again, in their old seats and circles; gives them, nobody when all are."""
    term, last = await open_term(session), await last_closed(session)
    if term is None or last is None or (term.state is TermState.PREPARED and term.start_asked_at is None):
        return []
    marked = _of_last(last).where(Mandate.again, Mandate.person.has(~serving())).order_by(Mandate.id).limit(PEOPLE_AT_ONCE)
    returned = []
    for mandate in (await session.scalars(marked)).all():
        person = mandate.person
        person.active, mandate.again = True, False
        person.give(Role.DEPUTY)
        give_mandate(session, person, term, began_on=term.starts_on, actor=None, now=now, area=mandate.area, seat=mandate.seat)
        await return_to_circles(session, mandate)
        returned.append(person)
    await session.flush()
    return returned


async def start(session: AsyncSession, policy: Policy, *, now: datetime) -> Term | None:
    """Let the prepared term run, once those elected again are back; gives it where it has just begun.

    Nobody answered between the terms, so whoever was asked before has the usual time anew.
    """
    term = await open_term(session)
    if term is None or term.state is not TermState.PREPARED or term.start_asked_at is None:
        return None
    term.state, term.rostered_at = TermState.RUNNING, now
    record(session, None, "term.begun", f"term:{term.id}", now=now, starts_on=term.starts_on.isoformat())
    await session.flush()
    days, zone = policy.referral_lapse_days, policy.timezone
    remind_at = in_working_hours(half_way(now, days, zone), policy.work_starts, policy.work_ends, zone)
    lapses_at = max(add_working_days(now, days, zone), remind_at + timedelta(hours=1))
    of_deputies = Referral.person.has(serving())
    await session.execute(
        update(Referral)
        .where(Referral.state == ReferralState.OFFERED, of_deputies)
        .values(remind_at=remind_at, lapses_at=lapses_at)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        update(Referral)
        .where(Referral.state == ReferralState.ACCEPTED, Referral.advised_at.is_(None), Referral.remind_at <= now, of_deputies)
        .values(remind_at=expected_after(now, policy))
        .execution_options(synchronize_session=False)
    )
    return term


def _orphaned_issues() -> ColumnElement[bool]:
    return Issue.state.in_(LIVE) & Issue.deputy.has(~serving())


def _orphaned_drafts() -> ColumnElement[bool]:
    return SuggestionDraft.exported_at.is_(None) & SuggestionDraft.lead.has(~serving())


async def carried_counts(session: AsyncSession) -> tuple[int, int]:
    """How many open issues, and how many suggestion drafts, have nobody to carry them on."""
    issues = await session.scalar(select(func.count()).where(_orphaned_issues()))
    drafts = await session.scalar(select(func.count()).where(_orphaned_drafts()))
    return issues or 0, drafts or 0


async def carried_issues(session: AsyncSession, *, offset: int = 0, limit: int = 50) -> Sequence[Issue]:
    """Open issues whose home deputy is no deputy any more, the oldest first."""
    return (await session.scalars(select(Issue).where(_orphaned_issues()).order_by(Issue.id).offset(offset).limit(limit))).all()


async def carried_drafts(session: AsyncSession, *, offset: int = 0, limit: int = 50) -> Sequence[SuggestionDraft]:
    """Unfinished suggestion drafts whose lead is no deputy any more, the oldest first."""
    found = select(SuggestionDraft).where(_orphaned_drafts()).order_by(SuggestionDraft.id)
    return (await session.scalars(found.offset(offset).limit(limit))).all()


async def hand_on_draft(session: AsyncSession, draft: SuggestionDraft, deputy: Person, office: Person, *, now: datetime) -> None:
    """Another deputy leads the suggestion from now on. Raises NotAllowed, Gone where its lead is a deputy still."""
    office.require(Role.OFFICE)
    if draft.lead.serves:
        raise Gone
    if not deputy.serves:
        raise NotAllowed
    left_by, draft.lead = draft.lead_id, deputy
    for signature in [row for row in draft.cosigners if row.person_id == deputy.id]:
        draft.cosigners.remove(signature)  # nobody co-signs what they lead
    await session.flush()
    record(session, office, "suggestion.taken_over", f"suggestion:{draft.id}", now=now, left_by=left_by, taken_by=deputy.id)
