"""From whom the pieces of an issue came, as far as its home deputy may know."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from models.issue_pieces import PieceKind
from models.issues import Issue
from models.mailbox_answering import letters_of_issue


async def tellers(session: AsyncSession, issue: Issue) -> dict[int, str]:
    """By the pieces' ids, the names under which they were forwarded. Whoever wrote to the mailbox was promised to stay unknown."""
    hidden = {letter.sender_id for letter in await letters_of_issue(session, issue)}
    return {
        piece.id: piece.source_name
        for piece in issue.pieces
        if piece.source_name and piece.kind is not PieceKind.CONTACT and piece.chat_id not in hidden
    }
