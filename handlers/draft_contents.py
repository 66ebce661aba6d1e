"""What a draft holds, in the deputy's hands: take a piece out, say which attachments go along, split two matters."""

from __future__ import annotations

from collections import Counter
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
    LastPiece,
    entries_of,
    entry_of,
    keep_together,
    require_seen,
    split_draft,
    turn_apart,
    turn_dropped,
    turn_sharing,
    turn_sharing_of_all,
)
from models.drafts import DraftChanged
from models.issue_pieces import IssuePiece
from models.issue_sources import tellers
from models.issues import Issue, issue_by_id

PAGE = 8
WORDS_SHOWN = 50


@dataclass(frozen=True)
class Line:
    """One entry as the card lists it; ``goes`` is None for what is never an attachment."""

    number: int
    piece_id: int
    size: int
    counts: Counter[str]
    words: str
    teller: str
    goes: bool | None
    some: bool
    """Only some of an album's pictures go along."""
    dropped: bool
    apart: bool

    @property
    def kind(self) -> str:
        return next(iter(self.counts))


async def press(update: Update, context: HomeContext) -> None:
    """A button of the contents card."""
    pressed = ContentsPress.unpack(context.pressed)
    issue = await issue_by_id(context.session, pressed.issue_id)
    issue.require_home(context.person)
    issue.require_draft()
    issue.worked_at = context.now
    await leave_form(context)
    try:
        if pressed.do is ContentsDo.SPLIT_SURE:
            require_seen(issue, pressed.version)
            await _split(context, issue)
            return
        await _change(context, issue, pressed)
    except DraftChanged as refusal:
        await context.toast(t(refusal.key), alert=True)
    except LastPiece:
        await ask_to_discard(context.post, issue)
        return
    await show_contents(
        context.post,
        issue,
        page=pressed.page,
        inside=pressed.piece_id if pressed.do is ContentsDo.ALBUM else pressed.inside,
        splitting=pressed.do in (ContentsDo.SPLIT, ContentsDo.MARK),
    )


async def _change(context: HomeContext, issue: Issue, pressed: ContentsPress) -> None:
    if pressed.do in (ContentsDo.SHOW, ContentsDo.ALBUM, ContentsDo.SPLIT):
        return
    require_seen(issue, pressed.version)
    if pressed.do is ContentsDo.SHARE_ALL:
        turn_sharing_of_all(issue)
    elif pressed.do is ContentsDo.TOGETHER:
        keep_together(issue)
    elif pressed.do is ContentsDo.MARK:
        turn_apart(issue, entry_of(issue, pressed.piece_id))
    else:
        entry = entry_of(issue, pressed.piece_id)
        meant = [piece for piece in entry if piece.id == pressed.piece_id] if pressed.inside else entry
        if pressed.do is ContentsDo.SHARE:
            turn_sharing(issue, meant)
        else:
            await context.toast(t("desk.dropped_toast" if turn_dropped(issue, meant) else "desk.brought_back_toast"))


async def _split(context: HomeContext, issue: Issue) -> None:
    await split_draft(context.session, issue, context.person, now=context.now)
    await context.toast(t("desk.split_toast"), alert=True)
    await show_draft(context.post, issue)


async def show_contents(post: Post, issue: Issue, *, page: int = 0, inside: int = 0, splitting: bool = False) -> None:
    """The entries by number, or the pictures ``inside`` of one album, in the place of the draft's card."""
    entries = [[piece] for piece in entry_of(issue, inside)] if inside else entries_of(issue)
    names = await tellers(post.session, issue)
    lines = [_line(number, entry, issue, names.get(entry[0].id, "")) for number, entry in enumerate(entries, start=1)]
    last = max(len(lines) - 1, 0) // PAGE
    page = min(max(page, 0), last)
    shown = lines[page * PAGE : (page + 1) * PAGE]
    keys = _Keys(issue, page, inside)
    await post.card(
        f"issue:{issue.id}",
        issue.deputy,
        "desk/contents",
        keyboard=keys.to_split(shown, last) if splitting else keys.to_sort(shown, last),
        title="split" if splitting else "album" if inside else "contents",
        total=len(lines),
        lines=shown,
        splitting=splitting,
        attachable=bool(issue.attachable),
    )


def _line(number: int, entry: Sequence[IssuePiece], issue: Issue, teller: str) -> Line:
    kept = [piece for piece in entry if not piece.dropped]
    going = [piece for piece in kept if piece in issue.attachments]
    words = " ".join(" ".join(piece.text or piece.file_name or "" for piece in entry).split())
    return Line(
        number=number,
        piece_id=entry[0].id,
        size=len(entry),
        counts=Counter(piece.kind.value for piece in kept or entry),
        words=shortened(words, WORDS_SHOWN),
        teller=teller,
        goes=bool(going) if entry[0].may_go else None,
        some=0 < len(going) < len(kept),
        dropped=not kept,
        apart=entry[0].apart,
    )


@dataclass(frozen=True)
class _Keys:
    """The buttons under the list."""

    issue: Issue
    page: int
    inside: int

    def to_sort(self, shown: Sequence[Line], last: int) -> Keyboard:
        """Two for each entry, and what concerns all of them."""
        issue, of_all = self.issue, []
        if len(issue.attachable) > 1 and not self.inside:
            of_all = [self._button("stay_all" if issue.attachments else "go_all", ContentsDo.SHARE_ALL)]
        split = [self._button("split", ContentsDo.SPLIT)] if len(entries_of(issue)) > 1 else []
        back = Button(t("desk.do.to_draft"), DraftPress(issue.id, DraftDo.CONTINUE))
        if self.inside:
            split, back = [], Button(t("desk.do.to_contents"), ContentsPress(issue.id, ContentsDo.SHOW))
        return [*map(self._of_one, shown), self._pages(ContentsDo.SHOW, last), of_all, [*split, back]]

    def to_split(self, shown: Sequence[Line], last: int) -> Keyboard:
        marks = [self._button("second" if line.apart else "first", ContentsDo.MARK, line.piece_id, number=line.number) for line in shown]
        sure = [self._button("split_sure", ContentsDo.SPLIT_SURE), self._button("together", ContentsDo.TOGETHER)]
        return [*rows(marks, 3), self._pages(ContentsDo.SPLIT, last), sure]

    def _of_one(self, line: Line) -> list[Button]:
        if line.dropped:
            return [self._button("bring_back", ContentsDo.DROP, line.piece_id, number=line.number)]
        keys = [self._button("drop", ContentsDo.DROP, line.piece_id, number=line.number)]
        if line.goes is not None:
            keys.append(self._button("stay" if line.goes else "go", ContentsDo.SHARE, line.piece_id, number=line.number))
        if line.size > 1:
            keys.append(self._button("one_by_one", ContentsDo.ALBUM, line.piece_id, number=line.number))
        return keys

    def _pages(self, do: ContentsDo, last: int) -> list[Button]:
        pages = [self._button("earlier", do, at=self.page - 1)] if self.page else []
        return [*pages, self._button("later", do, at=self.page + 1)] if self.page < last else pages

    def _button(self, key: str, do: ContentsDo, piece_id: int = 0, *, at: int | None = None, **values: int) -> Button:
        page = self.page if at is None else at
        return Button(t(f"desk.do.{key}", **values), ContentsPress(self.issue.id, do, piece_id, page, self.inside, self.issue.version))


JOURNEY = Journey(presses={ContentsPress: press})
