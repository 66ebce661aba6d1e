"""What was sent to a record, piece by piece: taken out or brought back, captioned, or made into an issue."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Update

from handlers.context import HomeContext
from handlers.draft_card import show_draft
from handlers.journey import Journey
from handlers.keyboards import Button, Keyboard
from handlers.long_texts import shortened
from handlers.record_gathering import CAPTION, open_gathering
from handlers.record_presses import PieceDo, PiecePress, RecordDo, RecordPress
from handlers.texts import T, t
from models.audit import record as audit
from models.drafts import new_draft
from models.invitations import activity_by_id
from models.issue_pieces import IssuePiece, PieceKind, piece_at
from models.people import Person, Role
from models.records import ActivityRecord, RecordPiece, Section, begun_record, require_keeper
from models.rules import RuleBroken

PAGE, WORDS_SHOWN = 8, 60


class NoDeputy(RuleBroken):
    """Only deputies bring issues in."""

    key = "record.no_deputy"


class IssueAlready(RuleBroken):
    """These words were made into an issue before."""

    key = "record.issue_already"


@dataclass(frozen=True)
class Line:
    number: int
    piece: RecordPiece
    kind: T
    words: str


async def press(update: Update, context: HomeContext) -> None:
    """A button of the list."""
    pressed = PiecePress.unpack(context.pressed)
    activity = await activity_by_id(context.session, pressed.activity_id)
    kept = await begun_record(context.session, activity, now=context.now)
    require_keeper(context.person, activity, kept)
    if pressed.do is PieceDo.DROP:
        out = kept.turn_dropped(kept.piece(pressed.piece_id))
        await context.toast(t("record.dropped_toast" if out else "record.brought_back_toast"))
    elif pressed.do is PieceDo.CAPTION:
        await _ask_caption(context, kept, kept.piece(pressed.piece_id))
        return
    elif pressed.do is PieceDo.ISSUE:
        await _make_issue(context, kept, kept.piece(pressed.piece_id))
    await context.session.flush()
    await _show(context, kept, pressed.page)


async def _show(context: HomeContext, kept: ActivityRecord, page: int) -> None:
    last = max(len(kept.pieces) - 1, 0) // PAGE
    page = min(max(page, 0), last)
    lines = [_line(number, piece) for number, piece in enumerate(kept.pieces[page * PAGE : (page + 1) * PAGE], start=page * PAGE + 1)]
    by_hand = Section.CONTENT.value in kept.sections
    await context.show("record/contents", keyboard=_keys(kept, lines, page, last), activity=kept.activity, lines=lines, by_hand=by_hand)


def _line(number: int, piece: RecordPiece) -> Line:
    words = " ".join((piece.text or piece.file_name or "").split())
    kind = t("record.kind.photo") if piece.is_photo else t(f"record.kind.{piece.kind}")
    return Line(number, piece, kind, shortened(words, WORDS_SHOWN))


def _keys(kept: ActivityRecord, lines: list[Line], page: int, last: int) -> Keyboard:
    def turn(key: str, to: int) -> Button:
        return Button(t(key), PiecePress(kept.activity_id, PieceDo.LIST, 0, to))

    def button(key: str, do: PieceDo, line: Line) -> Button:
        return Button(t(f"record.do.{key}", number=line.number), PiecePress(kept.activity_id, do, line.piece.id, page))

    rows = []
    for line in lines:
        if line.piece.dropped:
            rows.append([button("bring_back", PieceDo.DROP, line)])
            continue
        row = [button("drop", PieceDo.DROP, line)]
        if line.piece.kind is not PieceKind.TEXT:
            row.append(button("caption", PieceDo.CAPTION, line))
        elif line.piece.issue_id is None:
            row.append(button("issue", PieceDo.ISSUE, line))
        rows.append(row)
    pages = [*([turn("desk.do.earlier", page - 1)] if page else []), *([turn("desk.do.later", page + 1)] if page < last else [])]
    back = [Button(t("record.do.back_to_card"), RecordPress(kept.activity_id, RecordDo.OPEN))]
    return [*rows, pages, back]


async def _ask_caption(context: HomeContext, kept: ActivityRecord, piece: RecordPiece) -> None:
    """Asked as a reply to the photo itself, so that it is seen which one is meant; another's photo is copied."""
    kept.require_draft()
    await open_gathering(context, kept.activity_id, CAPTION, piece=piece.id)
    if piece.chat_id != context.here.chat_id:
        await context.post.copy(context.here, piece.chat_id, [piece.message_id])
    text = context.post.texts.say(t("record.ask_caption"), context.language)
    reply = {"message_id": piece.message_id, "allow_sending_without_reply": True} if piece.chat_id == context.here.chat_id else None
    params = {"text": text, **({"reply_parameters": reply} if reply else {})}
    await context.post.queue(context.here, "sendMessage", params)


async def _make_issue(context: HomeContext, kept: ActivityRecord, piece: RecordPiece) -> None:
    """The words become a draft of the deputy who said them, else of whoever taps; it goes the way of every draft."""
    if piece.kind is not PieceKind.TEXT or piece.issue_id is not None or await piece_at(context.session, piece.chat_id, piece.message_id):
        raise IssueAlready
    deputy = next((person for person in (piece.said_by, context.person, piece.author) if person is not None and _can(person)), None)
    if deputy is None:
        raise NoDeputy
    issue = new_draft(deputy, now=context.now)
    context.session.add(issue)
    await context.session.flush()
    issue.add(
        IssuePiece(
            kind=PieceKind.TEXT,
            text=piece.text,
            chat_id=piece.chat_id,
            message_id=piece.message_id,
            source_name="",
            attachment=None,
            received_at=context.now,
        )
    )
    await context.session.flush()
    piece.issue_id = issue.id
    audit(context.session, context.person, "issue.drafted", f"issue:{issue.id}", now=context.now, record=kept.id)
    if deputy.id != context.person.id:
        await context.post.tell(deputy, "record/issue_for_you", activity=kept.activity, by=context.person)
    await show_draft(context.post, issue, afresh=True)
    await context.toast(t("record.issue_toast", name=deputy.name))


def _can(person: Person) -> bool:
    return person.has(Role.DEPUTY) and person.telegram_id is not None


JOURNEY = Journey(presses={PiecePress: press})
