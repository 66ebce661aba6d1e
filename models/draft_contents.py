"""What a draft holds, piece by piece: some are dropped, some stay here, some belong to a second matter."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.audit import record
from models.issue_pieces import NEVER_SHARED, IssuePiece
from models.issues import Issue, new_draft
from models.people import Person
from models.rules import Gone, RuleBroken


class NothingToSplit(RuleBroken):
    """Each of the two drafts needs at least one piece."""

    key = "desk.nothing_to_split"


class LastPiece(RuleBroken):
    """Without its last piece a draft is nothing: it is discarded instead."""

    key = "desk.last_piece"


def piece_of(issue: Issue, piece_id: int) -> IssuePiece:
    """Raises Gone for a piece that is not, or no longer, this draft's."""
    issue.require_draft()
    for piece in issue.pieces:
        if piece.id == piece_id:
            return piece
    raise Gone


def drop(issue: Issue, piece: IssuePiece) -> None:
    """Forget one piece. Raises LastPiece."""
    if len(issue.pieces) == 1:
        raise LastPiece
    issue.pieces.remove(piece)
    issue.choose(issue.specialty if issue.raw_text.strip() else None)
    issue.version += 1


def turn_sharing(issue: Issue, piece: IssuePiece) -> None:
    """Let an attachment go along, or stay here."""
    if piece.kind in NEVER_SHARED:
        raise Gone
    goes = piece not in issue.attachments
    if not issue.with_attachments:
        for other in issue.attachable:
            other.shared = False
        issue.with_attachments = True
    piece.shared = goes
    issue.version += 1


def turn_sharing_of_all(issue: Issue) -> None:
    """Leave all attachments here where any would go along, else let all go."""
    issue.require_draft()
    issue.with_attachments = not issue.attachments
    for piece in issue.attachable:
        piece.shared = issue.with_attachments
    issue.version += 1


def turn_apart(piece: IssuePiece) -> None:
    """Mark a piece as belonging to the second matter, or not."""
    piece.apart = not piece.apart


def keep_together(issue: Issue) -> None:
    """Think again: nothing is marked any more."""
    issue.require_draft()
    for piece in issue.pieces:
        piece.apart = False


async def split_draft(session: AsyncSession, issue: Issue, deputy: Person, *, now: datetime) -> Issue:
    """Make a second draft of the pieces marked; the first is worked on first. Raises NothingToSplit."""
    issue.require_draft()
    leaving = [piece for piece in issue.pieces if piece.apart]
    if not leaving or len(leaving) == len(issue.pieces):
        raise NothingToSplit
    second = new_draft(deputy, now=now)
    session.add(second)
    await session.flush()
    for piece in leaving:
        issue.pieces.remove(piece)
        second.pieces.append(piece)
        piece.apart = False
    second.cover_more, second.readable = list(issue.cover_more), list(issue.readable)
    issue.choose(None)
    issue.worked_at = now
    issue.version += 1
    second.version += 1
    await session.flush()
    record(session, deputy, "issue.split", f"issue:{issue.id}", now=now, second=second.id, pieces=len(leaving))
    return second
