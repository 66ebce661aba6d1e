"""What a draft holds, in the deputy's hands: drop a piece, say which attachments go along, split two matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from telegram import Update

from handlers.context import HomeContext
from handlers.draft_card import ask_to_discard, show_draft
from handlers.draft_masking import leave_form
from handlers.draft_presses import ContentsDo, ContentsPress
from handlers.issue_presses import DraftDo, DraftPress
from handlers.journey import Journey
from handlers.keyboards import Button, Keyboard, rows
from handlers.long_texts import shortened
from handlers.post import Post
from handlers.texts import t
from models.draft_contents import (
    drop,
    keep_together,
    piece_of,
    split_draft,
    turn_apart,
    turn_sharing,
    turn_sharing_of_all,
)
from models.issue_pieces import NEVER_SHARED, IssuePiece
from models.issues import Issue, issue_by_id

PAGE = 8
WORDS_SHOWN = 60


@dataclass(frozen=True)
class Line:
    """One piece as the card lists it; ``goes`` is None for what is never an attachment."""

    number: int
    piece_id: int
    kind: str
    words: str
    album: tuple[int, int] | None
    goes: bool | None
    apart: bool


async def press(update: Update, context: HomeContext) -> None:
    """A button of the contents card."""
    pressed = ContentsPress.unpack(context.pressed)
    issue = await issue_by_id(context.session, pressed.issue_id)
    issue.require_home(context.person)
    issue.require_draft()
    issue.worked_at = context.now
    await leave_form(context)
    if pressed.do is ContentsDo.SPLIT_SURE:
        await _split(context, issue)
        return
    if pressed.do is ContentsDo.DROP and len(issue.pieces) == 1 and piece_of(issue, pressed.piece_id):
        await ask_to_discard(context.post, issue)
        return
    await _change(context, issue, pressed)
    splitting = pressed.do in (ContentsDo.SPLIT, ContentsDo.MARK)
    await show_contents(context.post, issue, page=pressed.page, splitting=splitting)


async def _change(context: HomeContext, issue: Issue, pressed: ContentsPress) -> None:
    if pressed.do is ContentsDo.DROP:
        drop(issue, piece_of(issue, pressed.piece_id))
        await context.session.flush()
        await context.toast(t("desk.dropped_toast"))
    elif pressed.do is ContentsDo.SHARE:
        turn_sharing(issue, piece_of(issue, pressed.piece_id))
    elif pressed.do is ContentsDo.SHARE_ALL:
        turn_sharing_of_all(issue)
    elif pressed.do is ContentsDo.MARK:
        turn_apart(piece_of(issue, pressed.piece_id))
    elif pressed.do is ContentsDo.TOGETHER:
        keep_together(issue)


async def _split(context: HomeContext, issue: Issue) -> None:
    await split_draft(context.session, issue, context.person, now=context.now)
    await context.toast(t("desk.split_toast"), alert=True)
    await show_draft(context.post, issue)


async def show_contents(post: Post, issue: Issue, *, page: int = 0, splitting: bool = False) -> None:
    """The pieces by number, in the place of the draft's card."""
    lines = _lines(issue.pieces, issue)
    last = max(len(lines) - 1, 0) // PAGE
    page = min(max(page, 0), last)
    shown = lines[page * PAGE : (page + 1) * PAGE]
    await post.card(
        f"issue:{issue.id}",
        issue.deputy,
        "desk/contents",
        keyboard=_buttons(issue, shown, page, last, splitting=splitting),
        total=len(lines),
        lines=shown,
        splitting=splitting,
        attachable=bool(issue.attachable),
    )


def _lines(pieces: Sequence[IssuePiece], issue: Issue) -> list[Line]:
    albums: dict[str, list[int]] = {}
    for piece in pieces:
        if piece.media_group_id is not None:
            albums.setdefault(piece.media_group_id, []).append(piece.id)
    going = {piece.id for piece in issue.attachments}
    lines = []
    for number, piece in enumerate(pieces, start=1):
        album = albums.get(piece.media_group_id or "", [])
        lines.append(
            Line(
                number=number,
                piece_id=piece.id,
                kind=piece.kind.value,
                words=shortened(" ".join((piece.text or piece.file_name or "").split()), WORDS_SHOWN),
                album=(album.index(piece.id) + 1, len(album)) if len(album) > 1 else None,
                goes=None if piece.kind in NEVER_SHARED else piece.id in going,
                apart=piece.apart,
            )
        )
    return lines


def _buttons(issue: Issue, shown: Sequence[Line], page: int, last: int, *, splitting: bool) -> Keyboard:
    def button(key: str, do: ContentsDo, piece_id: int = 0, at: int = page, **values: int) -> Button:
        return Button(t(f"desk.do.{key}", **values), ContentsPress(issue.id, do, piece_id, at))

    turning = ContentsDo.SPLIT if splitting else ContentsDo.SHOW
    pages = [button("earlier", turning, at=page - 1)] if page else []
    pages += [button("later", turning, at=page + 1)] if page < last else []
    if splitting:
        marks = [button("second" if line.apart else "first", ContentsDo.MARK, line.piece_id, number=line.number) for line in shown]
        return [*rows(marks, 3), pages, [button("split_sure", ContentsDo.SPLIT_SURE), button("together", ContentsDo.TOGETHER)]]
    pieces = []
    for line in shown:
        row = [button("drop", ContentsDo.DROP, line.piece_id, number=line.number)]
        if line.goes is not None:
            row.append(button("stay" if line.goes else "go", ContentsDo.SHARE, line.piece_id, number=line.number))
        pieces.append(row)
    of_all = [button("stay_all" if issue.attachments else "go_all", ContentsDo.SHARE_ALL)] if len(issue.attachable) > 1 else []
    split = [button("split", ContentsDo.SPLIT)] if len(issue.pieces) > 1 else []
    back = Button(t("desk.do.to_draft"), DraftPress(issue.id, DraftDo.CONTINUE))
    return [*pieces, pages, of_all, [*split, back]]


JOURNEY = Journey(presses={ContentsPress: press})
