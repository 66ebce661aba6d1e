"""Forgetting who a constituent is: names, numbers, words as they came and files go, from an issue or a letter; the masked text stays.

The same is done on request and when the time for keeping it is over. Doing it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from models.account_names import forms_of
from models.area_tasks import AreaTask
from models.drafts import discard_draft
from models.issue_pieces import PieceKind
from models.issues import Issue, IssueState
from models.mailbox import Letter, LetterState, Side
from models.mailbox_writing import discard_letter
from models.masking import mask
from models.outbox import Attachment, OutboxMessage
from models.outcomes import Outcome
from models.records import ActivityRecord, RecordPiece
from models.referrals import REASON_LIMIT, Referral
from models.remarks import Remark
from models.suggestion_drafts import TITLE_LIMIT, Part, SuggestionDraft

COVERED = "【隐去】"
SHORTEST = 2
"""A single sign is nobody's name, and would be found everywhere."""


@dataclass
class Forgotten:
    """What went, so that its traces elsewhere can be found: held only while that is done, and never written down."""

    words: set[str] = field(default_factory=set)
    """Names, numbers, addresses."""
    texts: set[str] = field(default_factory=set)
    """What was said, message by message."""
    messages: set[tuple[int, int]] = field(default_factory=set)
    """Where the messages stood: chat and number there."""
    file_ids: set[str] = field(default_factory=set)
    calls: set[int] = field(default_factory=set)
    """The messages of the outbox with which files went out."""
    people: set[int] = field(default_factory=set)
    """Whose private chats may show it: the deputies who had it."""

    def add(self, other: Forgotten) -> None:
        self.words |= other.words
        self.texts |= other.texts
        self.messages |= other.messages
        self.file_ids |= other.file_ids
        self.calls |= other.calls
        self.people |= other.people


async def forget_issue(session: AsyncSession, issue: Issue, *, now: datetime) -> Forgotten:
    """Forget the constituent of an issue; a draft is discarded whole. What the deputies wrote stays, without the names and numbers."""
    gone = _of_issue(issue)
    if issue.identity_forgotten_at is None and issue.state is not IssueState.DRAFT:
        await _cover_what_stays(session, issue, gone.words)
    gone.calls |= await _forget_files(session, [piece.attachment_id for piece in issue.pieces if piece.attachment_id is not None], issue)
    if issue.state is IssueState.DRAFT:
        await discard_draft(session, issue, None, now=now)
    else:
        issue.pieces.clear()
        issue.cover_more, issue.readable = [], []
    issue.identity_forgotten_at = issue.identity_forgotten_at or now
    await session.flush()
    return gone


async def forget_letter(session: AsyncSession, letter: Letter, *, now: datetime) -> Forgotten:
    """Forget the writer of a letter. One that is still open ends with it, since nobody can be answered any more."""
    gone = _of_letter(letter)
    if letter.state is LetterState.DRAFT:
        await discard_letter(session, letter, now=now)
    elif letter.open:
        letter.state, letter.closed_at, letter.waits_since, letter.chased_at = LetterState.CLOSED, now, None, None
    letter.pieces[:] = [piece for piece in letter.pieces if piece.side is not Side.SENDER]
    for piece in letter.pieces:
        piece.text = without(piece.text, gone.words)
    letter.answer, letter.handed_reason = without(letter.answer, gone.words), without(letter.handed_reason, gone.words)
    letter.report_reason, letter.reopen_reason = "", ""
    letter.sender_id, letter.sender_name = 0, ""
    letter.identity_forgotten_at = letter.identity_forgotten_at or now
    await session.flush()
    return gone


def subjects_of(about: Issue | Letter) -> set[str]:
    """What messages about it are called in the outbox."""
    if isinstance(about, Letter):
        return {f"{word}:{about.id}" for word in ("mail", "letter", "lost")}
    return {f"issue:{about.id}", f"issue:{about.id}:shared"}


def without(text: str, words: Iterable[str]) -> str:
    """The text with these words covered, the longest first."""
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, COVERED)
    return text


def _of_issue(issue: Issue) -> Forgotten:
    said = [issue.raw_text, *(piece.text for piece in issue.pieces)]
    words = [*issue.known_names(), *issue.cover_more, *(word for text in said for word in _personal(text, issue.readable))]
    words += [piece.text for piece in issue.pieces if piece.kind is PieceKind.CONTACT]
    return Forgotten(
        words=_long_enough(words),
        texts=_long_enough(piece.text.strip() for piece in issue.pieces),
        messages={(piece.chat_id, piece.message_id) for piece in issue.pieces},
        file_ids={piece.file_id for piece in issue.pieces if piece.file_id is not None},
        people={issue.deputy_id},
    )


def _of_letter(letter: Letter) -> Forgotten:
    own = [piece for piece in letter.pieces if piece.side is Side.SENDER]
    said = [*(piece.text for piece in own), letter.reopen_reason]
    names = forms_of(letter.sender_name) if letter.sender_name else []
    return Forgotten(
        words=_long_enough([*names, *(word for text in said for word in _personal(text, ()))]),
        texts=_long_enough(text.strip() for text in said),
        messages={(piece.chat_id, piece.message_id) for piece in own},
        file_ids={piece.file_id for piece in own if piece.file_id is not None},
        people={letter.deputy_id} if letter.deputy_id is not None else set(),
    )


def _personal(text: str, readable: Sequence[str]) -> list[str]:
    return [text[span.start : span.end] for span in mask(text, readable=readable).found]


def _long_enough(words: Iterable[str]) -> set[str]:
    return {word for word in words if len(word) >= SHORTEST}


async def _cover_what_stays(session: AsyncSession, issue: Issue, words: set[str]) -> None:
    """What deputies and the area wrote about it. The home deputy's words were covered whenever others read them; now they are for good."""
    for remark in await session.scalars(select(Remark).where(Remark.issue_id == issue.id)):
        remark.text = without(remark.text if remark.is_opinion else issue.covered(remark.text), words)
    for outcome in await session.scalars(select(Outcome).where(Outcome.issue_id == issue.id)):
        outcome.answer = without(outcome.answer, words)
    for referral in await session.scalars(select(Referral).where(Referral.issue_id == issue.id)):
        referral.reason_text = without(referral.reason_text, words)[:REASON_LIMIT]
    for task in await session.scalars(select(AreaTask).where(AreaTask.issue_id == issue.id)):
        task.sent_back_for = without(task.sent_back_for, words)
        for piece in task.pieces:
            piece.text = without(piece.text, words)
    for draft in await session.scalars(select(SuggestionDraft).where(SuggestionDraft.issue_id == issue.id)):
        for part in Part:
            covered = without(draft.text_of(part), words)
            setattr(draft, part.value, covered[:TITLE_LIMIT] if part is Part.TITLE else covered)
    issue.shared_text = without(issue.shared_text, words)
    await _cover_records(session, issue, words)


async def _cover_records(session: AsyncSession, issue: Issue, words: set[str]) -> None:
    """An issue may have begun as words said at an activity: its record has them too."""
    pieces = (await session.scalars(select(RecordPiece).where(RecordPiece.issue_id == issue.id))).all()
    for piece in pieces:
        piece.text = without(issue.covered(piece.text), words)
    for id in {piece.record_id for piece in pieces}:
        kept = await session.get_one(ActivityRecord, id)
        for section, text in kept.sections.items():
            kept.sections[section] = without(text, words)


async def _forget_files(session: AsyncSession, ids: Sequence[int], issue: Issue) -> set[int]:
    """The files under a name that told nothing: their bytes, and Telegram's ids of them. Gives the messages they went out with."""
    if not ids:
        return set()
    calls = set(await session.scalars(select(OutboxMessage.id).where(OutboxMessage.attachment_id.in_(ids))))
    await session.execute(update(OutboxMessage).where(OutboxMessage.attachment_id.in_(ids)).values(attachment_id=None))
    for piece in issue.pieces:
        piece.attachment = None
    await session.flush()
    await session.execute(delete(Attachment).where(Attachment.id.in_(ids)))
    return calls
