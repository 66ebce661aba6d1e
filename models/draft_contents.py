"""What a draft holds, entry by entry: some are taken out, some stay here, some belong to a second matter. An album is one entry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import record
from models.drafts import DraftChanged, new_draft
from models.issue_pieces import IssuePiece
from models.issues import Issue
from models.people import Person
from models.rules import Gone, RuleBroken

Pieces = Sequence[IssuePiece]


class NothingToSplit(RuleBroken):
    """Each of the two drafts needs at least one piece."""

    key = "desk.nothing_to_split"


class LastPiece(RuleBroken):
    """Without its last piece a draft is nothing: it is discarded instead."""

    key = "desk.last_piece"


def entries_of(issue: Issue) -> list[list[IssuePiece]]:
    """The pieces as the deputy sent them: each by itself, those of an album together."""
    entries: list[list[IssuePiece]] = []
    albums: dict[str, list[IssuePiece]] = {}
    for piece in issue.pieces:
        if piece.media_group_id is not None and piece.media_group_id in albums:
            albums[piece.media_group_id].append(piece)
            continue
        entries.append([piece])
        if piece.media_group_id is not None:
            albums[piece.media_group_id] = entries[-1]
    return entries


def entry_of(issue: Issue, piece_id: int) -> list[IssuePiece]:
    """The entry with this piece. Raises Gone for a piece that is not, or no longer, this draft's."""
    issue.require_draft()
    for entry in entries_of(issue):
        if any(piece.id == piece_id for piece in entry):
            return entry
    raise Gone


def require_seen(issue: Issue, version: int) -> None:
    """Raise DraftChanged when something was turned since the deputy looked; a second tap turns nothing back."""
    issue.require_draft()
    if issue.version != version:
        raise DraftChanged


def turn_dropped(issue: Issue, pieces: Pieces) -> bool:
    """Take these out, or bring them back where all of them are out; tells whether they are out now. Raises LastPiece."""
    out = any(not piece.dropped for piece in pieces)
    if out and not any(piece not in pieces for piece in issue.kept):
        raise LastPiece
    for piece in pieces:
        piece.dropped = out
    issue.choose(issue.specialty if issue.raw_text.strip() else None)
    issue.version += 1
    return out


def turn_sharing(issue: Issue, pieces: Pieces) -> None:
    """Leave these attachments here where any of them would go along, else let them go. Raises Gone for what never goes."""
    ours = [piece for piece in pieces if piece.may_go]
    if not ours:
        raise Gone
    go = not any(piece in issue.attachments for piece in ours)
    if not issue.with_attachments:
        for other in issue.attachable:
            other.shared = False
        issue.with_attachments = True
    for piece in ours:
        piece.shared = go
    issue.version += 1


def turn_sharing_of_all(issue: Issue) -> None:
    """Leave all attachments here where any would go along, else let all go."""
    issue.require_draft()
    issue.with_attachments = not issue.attachments
    for piece in issue.attachable:
        piece.shared = issue.with_attachments
    issue.version += 1


def turn_apart(issue: Issue, pieces: Pieces) -> None:
    """Mark an entry as belonging to the second matter, or not. The first one marked takes all that came after it along."""
    issue.version += 1
    if any(piece.apart for piece in issue.pieces) or pieces[0] is issue.pieces[0]:
        apart = not pieces[0].apart
        for piece in pieces:
            piece.apart = apart
        return
    reached = False
    for entry in entries_of(issue):
        reached = reached or pieces[0] in entry
        for piece in entry:
            piece.apart = reached


def keep_together(issue: Issue) -> None:
    """Think again: nothing is marked any more."""
    issue.require_draft()
    for piece in issue.pieces:
        piece.apart = False


async def split_draft(session: AsyncSession, issue: Issue, deputy: Person, *, now: datetime) -> Issue:
    """Make a second draft of the pieces marked; the first is worked on first. Raises NothingToSplit."""
    issue.require_draft()
    leaving = [piece for piece in issue.pieces if piece.apart]
    if len({piece.apart for piece in issue.kept}) < 2:
        raise NothingToSplit
    second = new_draft(deputy, now=now)
    session.add(second)
    await session.flush()
    for piece in leaving:
        issue.pieces.remove(piece)
        second.pieces.append(piece)
        piece.apart = False
    second.cover_more, second.readable = list(issue.cover_more), list(issue.readable)
    second.with_attachments = issue.with_attachments
    issue.choose(None)
    issue.worked_at = now
    issue.version += 1
    second.version += 1
    await session.flush()
    record(session, deputy, "issue.split", f"issue:{issue.id}", now=now, second=second.id, pieces=len(leaving))
    return second
