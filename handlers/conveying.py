"""Bringing a remark of an issue's thread to its readers, as messages that can be replied to; an album goes along whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from handlers.issue_presses import AnswerPress, IssueDo, IssuePress
from handlers.keyboards import Button, Keyboard
from handlers.long_texts import in_parts
from handlers.post import Post
from handlers.texts import t
from models.issue_pieces import PieceKind
from models.outbox import OutboxMessage, OutboxState
from models.people import Person
from models.remarks import Remark, note_readers

GATHERING = timedelta(milliseconds=1500)
"""An album comes as many messages without an end mark; its copy waits for the last of them."""


async def convey(
    post: Post,
    remark: Remark,
    text: str,
    readers: Sequence[Person],
    *,
    album: Remark | None = None,
    corrected: bool = False,
    file: bool = True,
) -> None:
    """Bring a remark to its readers; its ``file`` follows as a copy. ``album`` is the remark whose album this one goes on with."""
    await note_readers(post.session, remark, readers)
    for reader in readers:
        if album is None or text:
            await _say(post, remark, text, reader, corrected=corrected)
        if remark.kind is not PieceKind.TEXT and file:
            await _copy(post, remark, album or remark, reader, whole=not corrected)


async def _say(post: Post, remark: Remark, text: str, reader: Person, *, corrected: bool) -> None:
    parts = in_parts(text)
    for number, part in enumerate(parts or [""]):
        last = number == max(len(parts) - 1, 0)
        await post.tell(
            reader,
            "issues/remark",
            keyboard=_buttons(remark, reader) if last else (),
            subject=f"remark:{remark.id}",
            issue=remark.issue,
            remark=remark,
            text=part,
            first=number == 0,
            corrected=corrected,
        )


async def _copy(post: Post, remark: Remark, begun: Remark, reader: Person, *, whole: bool) -> None:
    """Copy the remark's file; the parts of an album wait for each other and go by one call, so that it stays an album."""
    key = f"album:{begun.id}:{remark.chat_id}:{reader.id}" if whole and remark.media_group_id is not None else None
    if key is not None:
        waiting = (
            select(OutboxMessage)
            .where(OutboxMessage.replaces == key, OutboxMessage.state == OutboxState.QUEUED)
            .with_for_update(of=OutboxMessage)
        )
        message = await post.session.scalar(waiting)
        if message is not None:
            message.params = message.params | {"message_ids": sorted({*message.params["message_ids"], remark.message_id})}
            message.due_at = post.now + GATHERING
            return
    await post.copy(
        reader,
        remark.chat_id,
        [remark.message_id],
        without_captions=True,
        subject=f"remark:{begun.id}",
        replaces=key,
        wait=GATHERING if key is not None else timedelta(0),
    )


def _buttons(remark: Remark, reader: Person) -> Keyboard:
    if reader.id == remark.issue.deputy_id:
        close = [Button(t("issue.do.close"), IssuePress(remark.issue_id, IssueDo.CLOSE))] if remark.issue.live else []
        return [[Button(t("issue.do.reply"), AnswerPress(remark.id)), *close]]
    return [[Button(t("issue.do.reply"), AnswerPress(remark.id))]] if not remark.is_opinion else []
