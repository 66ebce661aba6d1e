"""Erasing a constituent's data on request: found by a letter's code, an issue's number or the account; shown first, then done at once.

What goes: who they are, what they said as they said it, files, and what the routing learnt from it. What stays: the masked issue, the
opinions, the figures. The log tells that it was done, and nothing of what it was.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import AuditEntry, record
from models.forgetting import Forgotten, forget_issue, forget_letter, subjects_of
from models.handovers import Handover
from models.issue_pieces import IssuePiece, PieceKind
from models.issues import Issue, issue_by_id
from models.mailbox import Letter, LetterPiece, Side
from models.mailbox_senders import Sender
from models.mailbox_writing import letter_by_code
from models.people import Person, Role
from models.route_log import Route, erase_routes
from models.rules import RuleBroken
from models.traces import Standing, drop_unfinished, empty_inbox, empty_outbox, forwarded_from


class NobodyFound(RuleBroken):
    """No letter, issue or account of a constituent is meant by this."""

    key = "privacy.nobody_found"


class OfTheRoster(RuleBroken):
    """The account is that of somebody on the roster, who is no constituent."""

    key = "privacy.of_the_roster"


@dataclass
class Sought:
    """All that belongs to one request."""

    letters: Sequence[Letter] = ()
    issues: Sequence[Issue] = ()
    accounts: frozenset[int] = frozenset()

    @property
    def subject(self) -> str:
        """What the log calls it: a row, never an account."""
        if self.issues:
            return f"issue:{self.issues[0].id}"
        return f"letter:{self.letters[0].id}" if self.letters else "sender"


@dataclass(frozen=True)
class Preview:
    """What would go. An issue or a letter that was forgotten before is counted as done."""

    letters: Sequence[Letter]
    issues: Sequence[Issue]
    messages: int
    files: int
    names: int
    routes: int
    accounts: int
    blocked: bool
    """One of the accounts is blocked; its number stays, since the block would end with it."""
    done_before: int

    @property
    def nothing_left(self) -> bool:
        return not (self.messages or self.names or self.routes or self.accounts)


@dataclass
class Erased:
    """What was done, in numbers, and what is left to do in the chats."""

    issues: list[Issue] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    bodies: int = 0
    routes: int = 0
    standing: list[Standing] = field(default_factory=list)


async def sought_by_number(session: AsyncSession, number: str) -> Sought:
    """An issue by its number, the letters it was made of, and whatever else their writers wrote. Raises NobodyFound."""
    issue = await session.scalar(select(Issue).where(Issue.number == number))
    if issue is None:
        raise NobodyFound
    letters = (await session.scalars(select(Letter).where(Letter.issue_id == issue.id))).all()
    accounts = {letter.sender_id for letter in letters if letter.sender_id}
    return await _everything(session, accounts, letters, [issue])


async def sought_by_code(session: AsyncSession, code: str) -> Sought:
    """A letter by its code, and whatever else its writer wrote. Raises NobodyFound."""
    letter = await letter_by_code(session, code)
    if letter is None:
        raise NobodyFound
    issues = [letter.issue] if letter.issue is not None else []
    return await _everything(session, {letter.sender_id} - {0}, [letter], issues)


async def sought_by_account(session: AsyncSession, account: int) -> Sought:
    """Everything of a Telegram account. Raises NobodyFound, or OfTheRoster for somebody who is no constituent."""
    if await session.scalar(select(Person.id).where(Person.telegram_id == account)) is not None:
        wrote = await session.scalar(select(Letter.id).where(Letter.sender_id == account).limit(1))
        if wrote is None:
            raise OfTheRoster
    found = await _everything(session, {account}, [], [])
    known = found.letters or found.issues or await session.get(Sender, account) is not None
    if not known:
        raise NobodyFound
    return found


async def _everything(session: AsyncSession, accounts: Collection[int], letters: Sequence[Letter], issues: Sequence[Issue]) -> Sought:
    """All letters of the accounts, and all issues with messages of theirs: a letter's draft may have been split."""
    all_letters = {letter.id: letter for letter in letters}
    all_issues = {issue.id: issue for issue in issues}
    if accounts:
        for letter in await session.scalars(select(Letter).where(Letter.sender_id.in_(accounts)).order_by(Letter.id)):
            all_letters[letter.id] = letter
        standing = set().union(*[await forwarded_from(session, account) for account in accounts])
        theirs: ColumnElement[bool] = IssuePiece.chat_id.in_(accounts)
        if standing:
            theirs = or_(theirs, tuple_(IssuePiece.chat_id, IssuePiece.message_id).in_(standing))
        for issue in await session.scalars(select(Issue).where(Issue.id.in_(select(IssuePiece.issue_id).where(theirs)))):
            all_issues[issue.id] = issue
    for letter in all_letters.values():
        if letter.issue is not None:
            all_issues[letter.issue.id] = letter.issue
    return Sought([all_letters[id] for id in sorted(all_letters)], [all_issues[id] for id in sorted(all_issues)], frozenset(accounts))


def note_seeking(session: AsyncSession, sought: Sought, office: Person, *, now: datetime) -> None:
    """To look for somebody's data is to look at who they are: it is written down. Raises NotAllowed."""
    office.require(Role.OFFICE)
    record(session, office, "privacy.sought", sought.subject, now=now, letters=len(sought.letters), issues=len(sought.issues))


async def preview(session: AsyncSession, sought: Sought) -> Preview:
    """What would go."""
    own = [piece for letter in sought.letters for piece in letter.pieces if piece.side is Side.SENDER]
    pieces: list[LetterPiece | IssuePiece] = [*own, *(piece for issue in sought.issues for piece in issue.pieces)]
    messages = {(piece.chat_id, piece.message_id): piece for piece in pieces}
    names = {letter.sender_name for letter in sought.letters} | {p.source_name for issue in sought.issues for p in issue.pieces}
    learnt = select(func.count(Route.id)).where(Route.issue_id.in_([issue.id for issue in sought.issues]), Route.erased_at.is_(None))
    senders = (await session.scalars(select(Sender).where(Sender.telegram_id.in_(sought.accounts)))).all()
    return Preview(
        letters=sought.letters,
        issues=sought.issues,
        messages=len(messages),
        files=sum(piece.kind not in (PieceKind.TEXT, PieceKind.CONTACT, PieceKind.LOCATION) for piece in messages.values()),
        names=len(names - {""}),
        routes=await session.scalar(learnt) or 0,
        accounts=sum(sender.blocked_at is None for sender in senders),
        blocked=any(sender.blocked_at is not None for sender in senders),
        done_before=sum(letter.identity_forgotten_at is not None for letter in sought.letters)
        + sum(issue.identity_forgotten_at is not None for issue in sought.issues),
    )


async def erase(session: AsyncSession, sought: Sought, office: Person, *, now: datetime) -> Erased:
    """Do it. What was erased before stays so; doing it twice changes nothing more. Raises NotAllowed."""
    office.require(Role.OFFICE)
    done, gone = Erased(), Forgotten()
    for letter in sought.letters:
        before = letter.identity_forgotten_at is not None
        gone.people |= await _who_had(session, letter)
        gone.add(await forget_letter(session, letter, now=now))
        if not before:
            done.letters.append(letter)
            record(session, office, "letter.erased", f"letter:{letter.id}", now=now)
    for found in sought.issues:
        issue = await issue_by_id(session, found.id)
        gone.people |= set(await session.scalars(select(Handover.left_by_id).where(Handover.issue_id == issue.id)))
        learnt = (await session.scalars(select(Route.id).where(Route.issue_id == issue.id, Route.erased_at.is_(None)))).all()
        anything_left = issue.identity_forgotten_at is None or bool(learnt)
        gone.add(await forget_issue(session, issue, now=now))
        await erase_routes(session, issue, now=now)
        done.routes += len(learnt)
        if anything_left:
            done.issues.append(issue)
            record(session, office, "issue.erased", f"issue:{issue.id}", now=now, routes=len(learnt))
    subjects = set[str]().union(*map(subjects_of, sought.letters), *map(subjects_of, sought.issues))
    done.bodies, done.standing = await empty_outbox(session, gone, subjects, sought.accounts, now=now)
    done.bodies += await empty_inbox(session, gone, sought.accounts)
    await drop_unfinished(session, gone)
    if await _forget_senders(session, sought.accounts) or (done.bodies and not (done.letters or done.issues)):
        record(session, office, "sender.erased", "sender", now=now, bodies=done.bodies)
    await session.flush()
    return done


async def _who_had(session: AsyncSession, letter: Letter) -> set[int]:
    """The deputies who have had a letter, as the log knows."""
    of_letter = select(AuditEntry.actor_id, AuditEntry.details).where(AuditEntry.subject == f"letter:{letter.id}")
    had: set[int] = set()
    for actor_id, details in await session.execute(of_letter):
        had |= {id for id in (actor_id, details.get("deputy")) if isinstance(id, int)}
    return had


async def _forget_senders(session: AsyncSession, accounts: Collection[int]) -> int:
    """What the mailbox knows of the accounts; of one that is blocked its number stays, without the reason."""
    count = 0
    for sender in await session.scalars(select(Sender).where(Sender.telegram_id.in_(accounts))):
        if sender.blocked_at is None:
            await session.delete(sender)
            count += 1
        else:
            sender.awaits, sender.awaits_since, sender.letter_id, sender.block_reason = None, None, None, ""
    return count
