"""What becomes of a letter once it is sent: taken, answered, handed on, ended, rated, reopened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.account_names import forms_of
from models.audit import record
from models.drafts import discard_draft, draft_of, open_draft
from models.issue_pieces import IssuePiece, piece_at
from models.issues import ClosedAs, Issue, IssueState
from models.mailbox import Contentment, Letter, LetterPiece, LetterState, Side, Solved, letter_by_id
from models.mailbox_senders import Sender
from models.mailbox_writing import choose_deputy
from models.masking import mask
from models.people import Person, Role, serving
from models.policy import Policy
from models.remarks import reopen
from models.rules import Gone, RuleBroken
from models.terms import between_terms
from models.working_days import in_working_hours


class DraftInTheWay(RuleBroken):
    """The deputy has another draft open; the letter would be mixed with it."""

    key = "mailbox.draft_in_the_way"


class AlreadyTaken(RuleBroken):
    """An issue was made of the letter before."""

    key = "mailbox.already_taken"


class AlreadyReopened(RuleBroken):
    """A letter can be reopened once."""

    key = "mailbox.already_reopened"


class NotADeputyOfHome(RuleBroken):
    """A letter is handed to a deputy only."""

    key = "mailbox.not_a_deputy"


def _subject(letter: Letter) -> str:
    return f"letter:{letter.id}"


def _covered(letter: Letter, reason: str) -> str:
    """A reason as the log keeps it: nothing can be taken out of the log again, so nobody's name or number comes in."""
    return mask(reason, forms_of(letter.sender_name)).text


async def take_into_draft(session: AsyncSession, letter: Letter, deputy: Person, *, now: datetime) -> Issue:
    """Begin an issue with the letter's pieces. Raises LetterOver, NotAllowed, AlreadyTaken, DraftInTheWay."""
    letter.require_deputy(deputy)
    letter.require_open()
    if letter.became_issue:
        raise AlreadyTaken
    other = await draft_of(session, deputy)
    if other is not None and other.pieces:
        raise DraftInTheWay
    left = [piece for piece in letter.pieces if piece.side is Side.SENDER and not await _elsewhere(session, piece)]
    if not left:
        raise AlreadyTaken
    issue = await open_draft(session, deputy, now=now)
    for piece in left:
        issue.add(_as_issue_piece(piece, letter.sender_name))
    letter.issue = issue
    if letter.state is LetterState.WAITING:
        letter.state = LetterState.IN_HAND
    await session.flush()
    record(session, deputy, "letter.taken", _subject(letter), now=now, issue=issue.id)
    return issue


async def _elsewhere(session: AsyncSession, piece: LetterPiece) -> bool:
    """Whether it is another issue's: the draft that was made of the letter before had been split."""
    return await piece_at(session, piece.chat_id, piece.message_id) is not None


def _as_issue_piece(piece: LetterPiece, source_name: str) -> IssuePiece:
    return IssuePiece(
        kind=piece.kind,
        text=piece.text,
        chat_id=piece.chat_id,
        message_id=piece.message_id,
        media_group_id=piece.media_group_id,
        file_id=piece.file_id,
        file_name=piece.file_name,
        source_name=source_name,
        attachment=None,
        received_at=piece.said_at,
    )


def answered(session: AsyncSession, letter: Letter, deputy: Person, *, now: datetime) -> None:
    """The deputy has written to the constituent, who is not waiting any more. Raises NotAllowed, LetterOver."""
    letter.require_deputy(deputy)
    letter.require_open()
    letter.state, letter.waits_since, letter.chased_at = LetterState.ANSWERED, None, None
    record(session, deputy, "letter.answered", _subject(letter), now=now)


def written_back(session: AsyncSession, letter: Letter, *, now: datetime) -> None:
    """The constituent has written again and waits anew. Raises LetterOver."""
    letter.require_open()
    if letter.state is LetterState.ANSWERED:
        letter.state = LetterState.IN_HAND
    letter.waits_since = letter.waits_since or now
    record(session, None, "letter.written_back", _subject(letter), now=now)


def hand_to_office(session: AsyncSession, letter: Letter, deputy: Person, reason: str, *, now: datetime) -> None:
    """Not for this deputy. Raises NotAllowed, LetterOver; AlreadyTaken once it is an issue, which stays with its deputy."""
    letter.require_deputy(deputy)
    letter.require_open()
    if letter.linked_issue is not None:
        raise AlreadyTaken
    letter.deputy, letter.handed_reason = None, reason
    letter.state, letter.waits_since = LetterState.WAITING, letter.waits_since or now
    record(session, deputy, "letter.handed_to_office", _subject(letter), now=now, reason=_covered(letter, reason))


def assign(session: AsyncSession, letter: Letter, deputy: Person, office: Person, *, now: datetime) -> bool:
    """The office gives it to a deputy; False for whoever has it. Raises NotAllowed, LetterOver, AlreadyTaken, NotADeputyOfHome."""
    office.require(Role.OFFICE)
    letter.require_open()
    if letter.linked_issue is not None:
        raise AlreadyTaken
    if not deputy.has(Role.DEPUTY):
        raise NotADeputyOfHome
    if letter.deputy_id == deputy.id:
        return False
    letter.deputy, letter.handed_reason, letter.report_reason = deputy, "", ""
    letter.state, letter.chased_at, letter.waits_since = LetterState.WAITING, None, letter.waits_since or now
    record(session, office, "letter.assigned", _subject(letter), now=now, deputy=deputy.id)
    return True


def report_abuse(session: AsyncSession, letter: Letter, deputy: Person, reason: str, *, now: datetime) -> None:
    """The deputy holds it for abuse; the office decides. Raises NotAllowed, LetterOver, AlreadyTaken."""
    hand_to_office(session, letter, deputy, "", now=now)
    letter.report_reason = reason
    record(session, deputy, "letter.reported", _subject(letter), now=now, reason=_covered(letter, reason))


async def block_sender(session: AsyncSession, letter: Letter, sender: Sender, office: Person, reason: str, *, now: datetime) -> None:
    """Close the mailbox to whoever wrote this; what else they have waiting with nobody at work on it ends too."""
    office.require(Role.OFFICE)
    if sender.blocked_at is None:
        sender.blocked_at, sender.blocked_by_id, sender.block_reason, sender.told_blocked = now, office.id, reason, False
        sender.blocked_for_id, sender.blocked_for = letter.id, letter
        record(session, office, "sender.blocked", _subject(letter), now=now, reason=_covered(letter, reason))
    if letter.open and letter.linked_issue is None:
        letter.state, letter.closed_at, letter.waits_since, letter.report_reason = LetterState.REFUSED, now, None, ""
        record(session, office, "letter.refused", _subject(letter), now=now, reason=_covered(letter, reason))


def unblock_sender(session: AsyncSession, sender: Sender, office: Person, reason: str, *, now: datetime) -> None:
    """Open the mailbox to them again. Raises NotAllowed, or Gone where they are not blocked."""
    office.require(Role.OFFICE)
    if sender.blocked_at is None:
        raise Gone
    subject = f"letter:{sender.blocked_for_id}"
    said = _covered(sender.blocked_for, reason) if sender.blocked_for is not None else mask(reason).text
    sender.blocked_at, sender.blocked_by_id, sender.blocked_for_id, sender.blocked_for = None, None, None, None
    sender.block_reason, sender.told_blocked = "", False
    record(session, office, "sender.unblocked", subject, now=now, reason=said)


def end(session: AsyncSession, letter: Letter, closed_as: ClosedAs, by: Person | None, *, now: datetime) -> None:
    """It is over; the constituent is asked what they think of it. Raises LetterOver."""
    letter.require_open()
    letter.state, letter.closed_as, letter.closed_at = LetterState.CLOSED, closed_as, now
    letter.waits_since, letter.chased_at = None, None
    letter.solved, letter.contentment = None, None
    record(session, by, "letter.closed", _subject(letter), now=now, closed_as=closed_as.value)


def rate(
    session: AsyncSession, letter: Letter, *, solved: Solved | None = None, contentment: Contentment | None = None, now: datetime
) -> None:
    """The constituent's word on the outcome, two questions apart; the last answer counts. Raises Gone while it is open."""
    if letter.state is not LetterState.CLOSED:
        raise Gone
    letter.solved, letter.contentment = solved or letter.solved, contentment or letter.contentment
    answers = {"solved": solved.value if solved else None, "contentment": contentment.value if contentment else None}
    record(session, None, "letter.rated", _subject(letter), now=now, **{key: value for key, value in answers.items() if value})


def require_reopenable(letter: Letter) -> None:
    """Raise Gone for one that is not closed, AlreadyReopened the second time."""
    if letter.state is not LetterState.CLOSED:
        raise Gone
    if letter.reopened_at is not None:
        raise AlreadyReopened


async def reopen_letter(session: AsyncSession, letter: Letter, reason: str, *, now: datetime) -> Issue | None:
    """The constituent is not content: it goes back to its deputy, and the issue made of it lives again; gives that issue.

    Raises Gone, AlreadyReopened.
    """
    require_reopenable(letter)
    letter.state, letter.reopened_at, letter.reopen_reason, letter.answer = LetterState.IN_HAND, now, reason, ""
    letter.closed_as, letter.closed_at, letter.waits_since = None, None, now
    record(session, None, "letter.reopened", _subject(letter), now=now)
    if letter.deputy is None or not letter.deputy.has(Role.DEPUTY):
        letter.deputy = await choose_deputy(session, letter.area, now=now) if letter.area is not None else None
    issue = letter.issue
    if issue is None or issue.state is not IssueState.CLOSED or not issue.deputy.serves:
        return None
    await reopen(session, issue, issue.deputy, now=now)
    return issue


def followed_reopening(session: AsyncSession, letter: Letter, *, now: datetime) -> None:
    """The deputy has reopened the issue: the letter is in hand again."""
    letter.state, letter.closed_as, letter.closed_at, letter.waits_since, letter.answer = LetterState.IN_HAND, None, None, now, ""
    record(session, letter.deputy, "letter.in_hand_again", _subject(letter), now=now)


async def letters_of_issue(session: AsyncSession, issue: Issue) -> Sequence[Letter]:
    """The letters an issue was made of, as long as their writers are known: one that was forgotten cannot be told anything."""
    of_issue = select(Letter).where(Letter.issue_id == issue.id, Letter.identity_forgotten_at.is_(None))
    return (await session.scalars(of_issue.order_by(Letter.id))).all()


async def stranded_letters(session: AsyncSession) -> Sequence[Letter]:
    """Letters whose deputy has left, or cannot be reached before having looked at it; an issue made of one is the office's matter.

    None between two terms, when an area has no deputies.
    """
    if await between_terms(session):
        return []
    gone = Letter.deputy.has(or_(~serving(), Person.telegram_id.is_(None)))
    lost = (Letter.state == LetterState.WAITING) & Letter.deputy.has(Person.unreachable_since.is_not(None))
    live = Letter.state.in_((LetterState.WAITING, LetterState.IN_HAND)) & Letter.waits_since.is_not(None)
    numbered = Letter.issue.has(Issue.number.is_not(None) & (Issue.state != IssueState.WITHDRAWN))
    return (await session.scalars(select(Letter).where(live, ~numbered, or_(gone, lost)).order_by(Letter.id).limit(50))).all()


async def pass_to_another(session: AsyncSession, id: int, *, now: datetime) -> Letter:
    """Give a stranded letter to another deputy of the area, or to the office; a draft begun of it is dropped."""
    letter = await letter_by_id(session, id)
    before = letter.deputy
    letter.deputy = await choose_deputy(session, letter.area, now=now, without=before) if letter.area is not None else None
    letter.state = LetterState.WAITING
    if before is not None and letter.issue is not None and letter.issue.state is IssueState.DRAFT:
        await discard_draft(session, letter.issue, before, now=now)
        letter.issue = None
    await session.flush()
    record(session, None, "letter.passed_on", _subject(letter), now=now, deputy=letter.deputy.id if letter.deputy else None)
    return letter


async def letters_to_chase(session: AsyncSession, policy: Policy, *, now: datetime) -> Sequence[Letter]:
    """Letters that have waited too long and of which the office has not been told yet; none outside of working hours."""
    if in_working_hours(now, policy.work_starts, policy.work_ends, policy.timezone) != now:
        return []
    waiting = (
        select(Letter).where(Letter.waits_since <= now - policy.mailbox_waits, Letter.chased_at.is_(None)).order_by(Letter.waits_since)
    )
    return (await session.scalars(waiting.limit(100))).all()


async def next_to_chase(session: AsyncSession) -> datetime | None:
    """When the next one has waited too long, by the usual measure: asked by the demo, which keeps to it."""
    oldest = await session.scalar(select(func.min(Letter.waits_since)).where(Letter.chased_at.is_(None)))
    usual = Policy()
    if oldest is None:
        return None
    return in_working_hours(oldest + usual.mailbox_waits, usual.work_starts, usual.work_ends, usual.timezone)
