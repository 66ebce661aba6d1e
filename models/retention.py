"""How long what tells of people is kept: due queries over what is old enough, a piece at a time. Doing it late or twice changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import record
from models.base import Base
from models.drafts import discard_draft
from models.forgetting import Forgotten, forget_issue, forget_letter, subjects_of
from models.forms import Form
from models.issue_search import IssueSearch
from models.issues import Issue, IssueState
from models.mailbox import Letter, LetterState
from models.mailbox_senders import Sender
from models.outbox import Attachment, OutboxMessage
from models.people import Person
from models.policy import Policy
from models.traces import bare, empty_outbox, forget_chats

PIECE = 20
"""Issues, letters and accounts that are done at once."""
BODIES = 200
_OVER_ISSUES = (IssueState.CLOSED, IssueState.WITHDRAWN)
_OVER_LETTERS = (LetterState.CLOSED, LetterState.REFUSED, LetterState.DISCARDED)


def months_before(at: datetime, months: int) -> datetime:
    """The same day so many months earlier; the month's last where it has no such day."""
    number = at.year * 12 + at.month - 1 - months
    year, month = number // 12, number % 12 + 1
    for day in (at.day, 30, 29, 28):
        try:
            return at.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    raise ValueError(at)


async def forget_old_identities(session: AsyncSession, policy: Policy, *, now: datetime) -> int:
    """Forget the constituents of issues and letters that were over long enough ago; gives how many."""
    before = months_before(now, policy.keep_contacts_months)
    gone, subjects = Forgotten(), set[str]()
    issues = await _due_issues(session, before)
    for issue in issues:
        anything = bool(issue.pieces)
        gone.add(await forget_issue(session, issue, now=now))
        subjects |= subjects_of(issue)
        if anything:
            record(session, None, "issue.identity_forgotten", f"issue:{issue.id}", now=now)
    letters = await _due_letters(session, before)
    accounts = {letter.sender_id for letter in letters} - {0}
    for letter in letters:
        gone.add(await forget_letter(session, letter, now=now))
        subjects |= subjects_of(letter)
        record(session, None, "letter.identity_forgotten", f"letter:{letter.id}", now=now)
    if issues or letters:
        wrote_since = set(await session.scalars(select(Letter.sender_id).where(Letter.sender_id.in_(accounts))))
        await empty_outbox(session, gone, subjects, accounts - wrote_since, now=now)
        for account in accounts - wrote_since:
            await _forget_account(session, account, now=now)
    return len(issues) + len(letters)


async def _due_issues(session: AsyncSession, before: datetime) -> Sequence[Issue]:
    over = select(Issue).where(Issue.identity_forgotten_at.is_(None), Issue.closed_at <= before, Issue.state.in_(_OVER_ISSUES))
    return (await session.scalars(over.order_by(Issue.closed_at).limit(PIECE))).all()


async def _due_letters(session: AsyncSession, before: datetime) -> Sequence[Letter]:
    """A letter is kept as long as the issue that was made of it."""
    kept = select(Issue.id).where(Issue.id == Letter.issue_id, or_(Issue.closed_at.is_(None), Issue.closed_at > before))
    over = select(Letter).where(Letter.identity_forgotten_at.is_(None), Letter.closed_at <= before, Letter.state.in_(_OVER_LETTERS))
    return (await session.scalars(over.where(~kept.exists()).order_by(Letter.closed_at).limit(PIECE))).all()


async def forget_strangers(session: AsyncSession, policy: Policy, *, now: datetime) -> int:
    """Forget accounts that only looked in: no letter, not blocked, and not heard of for as long as updates are kept."""
    wrote = select(Letter.id).where(Letter.sender_id == Sender.telegram_id)
    idle = select(Sender).where(Sender.begun_at <= now - policy.keep_updates, Sender.blocked_at.is_(None), ~wrote.exists())
    found = (await session.scalars(idle.order_by(Sender.begun_at).limit(PIECE))).all()
    for sender in found:
        await _forget_account(session, sender.telegram_id, now=now)
    return len(found)


async def _forget_account(session: AsyncSession, account: int, *, now: datetime) -> None:
    """What is left of an account: its number. Somebody who is on the roster by now keeps the own messages."""
    sender = await session.get(Sender, account)
    if sender is not None and sender.blocked_at is None:
        await session.delete(sender)
        await session.flush()
    if await session.scalar(select(Person.id).where(Person.telegram_id == account)) is None:
        await forget_chats(session, {account}, now=now)


async def forget_sent_bodies(session: AsyncSession, policy: Policy, *, now: datetime) -> int:
    """Forget what was said in messages settled long ago, and the files that were made for them alone; gives how many."""
    old = select(OutboxMessage).where(OutboxMessage.forgotten_at.is_(None), OutboxMessage.settled_at <= now - policy.keep_sent_messages)
    messages = (await session.scalars(old.order_by(OutboxMessage.settled_at).limit(BODIES))).all()
    files = {message.attachment_id for message in messages if message.attachment_id is not None}
    for message in messages:
        message.params, message.forgotten_at, message.attachment_id = bare(message.params), now, None
    await session.flush()
    if files:
        await session.execute(delete(Attachment).where(Attachment.id.in_(files), ~_held()))
    return len(messages)


def _held() -> ColumnElement[bool]:
    """Whether anything refers to a file: a message not forgotten, or whatever else it belongs to."""
    file = Attachment.__table__.c.id
    keys = [key for table in Base.metadata.tables.values() for key in table.foreign_keys if key.column is file]
    return or_(*(select(1).where(key.parent == Attachment.id).exists() for key in keys))


async def drafts_to_forget(session: AsyncSession, policy: Policy, *, now: datetime) -> Sequence[Issue]:
    """Drafts that nobody has touched for long: they hold constituents' words that nobody will share."""
    touched = or_(Issue.worked_at <= now - policy.keep_drafts, Issue.worked_at.is_(None) & (Issue.created_at <= now - policy.keep_drafts))
    return (await session.scalars(select(Issue).where(Issue.state == IssueState.DRAFT, touched).order_by(Issue.id).limit(PIECE))).all()


async def forget_draft(session: AsyncSession, issue: Issue, *, now: datetime) -> bool:
    """Forget a draft left lying; tells whether there was anything in it."""
    anything = bool(issue.pieces)
    await discard_draft(session, issue, None, now=now)
    return anything


async def forget_unfinished(session: AsyncSession, policy: Policy, *, now: datetime) -> None:
    """Forget forms and searches that nobody goes on with."""
    before = now - max(policy.keep_forms, timedelta(days=1))
    await session.execute(delete(Form).where(Form.updated_at <= before))
    await session.execute(delete(IssueSearch).where(IssueSearch.searched_at <= before))
