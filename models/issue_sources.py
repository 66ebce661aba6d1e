"""From whom the pieces of an issue came, as far as its home deputy may know."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.issue_pieces import PieceKind
from models.issues import Issue
from models.mailbox import LetterPiece


async def tellers(session: AsyncSession, issue: Issue) -> dict[int, str]:
    """By the pieces' ids, the names under which they were forwarded. Whoever wrote to the mailbox was promised to stay unknown."""
    chats, ids = {piece.chat_id for piece in issue.pieces}, [piece.message_id for piece in issue.pieces]
    # By the messages, not by the letter's issue: a draft may have been split, and a letter is one issue's only.
    of_letters = select(LetterPiece.chat_id, LetterPiece.message_id).where(LetterPiece.chat_id.in_(chats), LetterPiece.message_id.in_(ids))
    hidden = {(chat_id, message_id) for chat_id, message_id in await session.execute(of_letters)}
    return {
        piece.id: piece.source_name
        for piece in issue.pieces
        if piece.source_name and piece.kind is not PieceKind.CONTACT and (piece.chat_id, piece.message_id) not in hidden
    }
