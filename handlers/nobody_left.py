"""Nobody is left to ask: the office's card of it, which keeps showing whether somebody has come forward since."""

from __future__ import annotations

from sqlalchemy import select

from handlers.advice_presses import NamePress
from handlers.keyboards import Button
from handlers.long_texts import shortened
from handlers.post import Post
from handlers.texts import t
from models.issues import Issue, IssueState
from models.offering import needs_somebody
from models.outbox import Card
from models.people import Person, Role, Specialty, people_with
from models.referrals import referrals_of
from models.remarks import advisers_of

TEXT = 600


def nobody_key(issue: Issue, specialty_id: int) -> str:
    """The office's card about an issue that nobody is left to advise on."""
    return f"nobody:{issue.id}:{specialty_id}"


async def tell_nobody_left(post: Post, issue: Issue, specialty: Specialty | None = None) -> None:
    """The office hears of it with the issue and may name somebody, and so does the deputy."""
    specialty = specialty or issue.specialty
    if specialty is None:
        return
    for person in await people_with(post.session, Role.OFFICE):
        await _show(post, issue, specialty, person, afresh=True)
    if issue.deputy.serves:
        await post.tell(issue.deputy, "issues/nobody_left", subject=f"issue:{issue.id}", issue=issue, specialty=specialty)


async def refresh_nobody_left(post: Post, issue: Issue) -> None:
    """Where the office has such a card, it shows how things stand now."""
    keys = [nobody_key(issue, specialty_id) for specialty_id in await post.session.scalars(select(Specialty.id))]
    told = (await post.session.execute(select(Card.key, Card.chat_id).where(Card.key.in_(keys)))).all()
    office = {person.telegram_id: person for person in await people_with(post.session, Role.OFFICE)} if told else {}
    for key, chat_id in told:
        specialty = await post.session.get(Specialty, int(key.rpartition(":")[2]))
        if specialty is not None and chat_id in office:
            await _show(post, issue, specialty, office[chat_id])


async def _show(post: Post, issue: Issue, specialty: Specialty, person: Person, *, afresh: bool = False) -> None:
    wanted = afresh or await needs_somebody(post.session, issue, specialty.id)
    referrals, own = await referrals_of(post.session, issue), specialty.id == issue.specialty_id
    asked = {referral.person_id: (referral.specialty_id or issue.specialty_id) == specialty.id for referral in referrals}
    await post.card(
        nobody_key(issue, specialty.id),
        person,
        "issues/nobody_left_office",
        keyboard=[[Button(t("advice.do.name"), NamePress(issue.id, specialty.id, -1))]] if wanted else [],
        afresh=afresh,
        issue=issue,
        specialty=specialty,
        wanted=wanted,
        # Whoever speaks up in the circle unasked speaks for the issue's own specialty.
        helpers=[person for person in await advisers_of(post.session, issue) if asked.get(person.id, own)],
        referrals=referrals,
        text=shortened(issue.shared_text, TEXT) if issue.state is not IssueState.WITHDRAWN else "",
    )
