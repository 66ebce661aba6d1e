"""Gathering: whatever a deputy forwards or writes joins the draft, and what is edited is edited there too."""

from __future__ import annotations

from telegram import Message, Update

from handlers.context import HomeContext
from handlers.draft_card import GATHERING, show_draft
from handlers.journey import Journey
from handlers.pieces import read_message, source_name
from handlers.texts import t
from models.drafts import open_draft
from models.issue_pieces import IssuePiece, piece_at
from models.issues import IssueState, issue_by_id
from models.people import Role


async def gather(update: Update, context: HomeContext) -> bool:
    """Anything a deputy says in private, with nothing else open, joins the draft."""
    message = update.message
    if message is None or not context.person.has(Role.DEPUTY) or _is_command(message):
        return False
    said = read_message(message)
    if said is None:
        if message.effective_attachment is None:
            return False
        await context.reply("issues/unsupported")
        return True
    if await piece_at(context.session, message.chat.id, message.message_id) is not None:
        return True
    issue = await open_draft(context.session, context.person, now=context.now)
    issue.add(
        IssuePiece(
            kind=said.kind,
            text=said.text,
            chat_id=message.chat.id,
            message_id=message.message_id,
            media_group_id=message.media_group_id,
            file_id=said.file_id,
            file_name=said.file_name,
            source_name=source_name(message),
            attachment=None,
            received_at=context.now,
        )
    )
    await context.session.flush()
    await show_draft(context.post, issue, afresh=True, wait=GATHERING)
    return True


def _is_command(message: Message) -> bool:
    return (message.text or "").startswith("/") and message.forward_origin is None


async def reword(update: Update, context: HomeContext) -> bool:
    """An edited message is edited in the draft too; what has been shared stays as it was, and the deputy is told."""
    message = update.edited_message
    piece = await piece_at(context.session, message.chat.id, message.message_id) if message is not None else None
    if message is None or piece is None:
        return False
    issue = await issue_by_id(context.session, piece.issue_id)
    said = read_message(message)
    if context.person.id != issue.deputy_id or said is None or not piece.differs(said.text, said.file_id):
        return True
    if issue.state is not IssueState.DRAFT:
        await context.reply("plain", text=t("issue.edit_too_late", number=issue.number))
        return True
    issue.reword(piece, said.text, said.kind, said.file_id, said.file_name, now=context.now)
    await show_draft(context.post, issue, wait=GATHERING)
    return True


JOURNEY = Journey(takers=(gather,), edit_takers=(reword,))
