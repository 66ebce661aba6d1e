"""``/ask`` in a circle: an issue begins there and goes on as a draft in the asker's private chat, so that nothing leaves it unmasked."""

from __future__ import annotations

from telegram import Message, Update

from handlers.circle_commands import Command, answer_here, command_in
from handlers.context import HomeContext
from handlers.draft_card import show_draft
from handlers.issue_cards import show_home_card
from handlers.journey import Journey
from handlers.keyboards import Button
from handlers.pieces import read_message, source_name
from handlers.texts import t
from models.audit import record
from models.circle_groups import circles_in
from models.circles import Circle, circle_at
from models.drafts import new_draft
from models.issue_pieces import IssuePiece, PieceKind, piece_at
from models.issues import Issue, IssueState, issue_by_id
from models.people import Role, Specialty
from models.routing import propose_specialties
from models.rules import Gone


async def ask_in_circle(update: Update, context: HomeContext) -> bool:
    """What follows the command, and the message it replies to, become a draft with the circle's specialty."""
    message, command = update.message, command_in(update, context)
    if message is None or command is None or command.name != "ask":
        return False
    if not await circles_in(context.session, message.chat.id):
        return True
    if not context.person.has(Role.DEPUTY):
        await context.post.tell(answer_here(context), "plain", text=t("life.ask_deputies_only"))
        return True
    pieces = await _pieces(context, message, command)
    if not pieces:
        await context.post.tell(answer_here(context), "plain", text=t("life.ask_how"))
        return True
    here = context.here
    issue = await _draft(context, pieces, await circle_at(context.session, here.chat_id, here.thread_id))
    await show_draft(context.post, issue, afresh=True)
    way = Button(t("life.do.open_draft"), context.post.deep_link(f"q_{issue.id}"))
    await context.post.tell(answer_here(context), "plain", keyboard=[[way]], text=t("life.ask_goes_on", name=context.person.name))
    return True


async def _draft(context: HomeContext, pieces: list[IssuePiece], circle: Circle | None) -> Issue:
    """A draft of its own: what the deputy is gathering meanwhile is another matter."""
    issue = new_draft(context.person, now=context.now)
    context.session.add(issue)
    await context.session.flush()
    record(context.session, context.person, "issue.drafted", f"issue:{issue.id}", now=context.now, circle=circle.id if circle else None)
    for piece in pieces:
        issue.add(piece)
    await context.session.flush()
    specialty = await _specialty(context, issue, circle)
    if specialty is not None:
        issue.choose(specialty)
        await context.session.flush()
    return issue


async def _specialty(context: HomeContext, issue: Issue, circle: Circle | None) -> Specialty | None:
    """The circle's specialty; of several the likeliest one. Without a word nothing is settled yet."""
    own = {specialty.id for specialty in circle.specialties} if circle is not None else set()
    if not own or not issue.raw_text.strip():
        return None
    proposals = await propose_specialties(context.session, issue.masked().text)
    return next((each.specialty for each in proposals if each.specialty.id in own), None)


async def _pieces(context: HomeContext, message: Message, command: Command) -> list[IssuePiece]:
    """The message replied to, unless it is the bot's, and the asker's own words or picture."""
    replied, pieces, words = message.reply_to_message, [], command.words
    if replied is not None and replied.forum_topic_created is None and not (replied.from_user is not None and replied.from_user.is_bot):
        said = read_message(replied)
        if said is not None and await piece_at(context.session, replied.chat.id, replied.message_id) is None:
            pieces.append(_piece(context, replied, said.text, said.kind, said.file_id, said.file_name))
        elif said is not None and said.kind is PieceKind.TEXT:  # somebody has asked about it before: its words serve again
            words = f"{said.text}\n{words}".strip()
    own = read_message(message)
    if own is not None and (words or own.kind is not PieceKind.TEXT):
        pieces.append(_piece(context, message, words, own.kind, own.file_id, own.file_name))
    return pieces


def _piece(context: HomeContext, message: Message, text: str, kind: PieceKind, file_id: str | None, file_name: str | None) -> IssuePiece:
    return IssuePiece(
        kind=kind,
        text=text,
        chat_id=message.chat.id,
        message_id=message.message_id,
        media_group_id=message.media_group_id,
        file_id=file_id,
        file_name=file_name,
        source_name=source_name(message),
        attachment=None,
        received_at=context.now,
    )


async def ask_by_unknown(update: Update, context: HomeContext) -> bool:
    """Somebody in a circle whom the bot does not know yet, since they never opened it: one card shows the way, however often they ask."""
    message, command, user = update.message, command_in(update, context), update.effective_user
    if message is None or user is None or command is None or command.name not in ("ask", "who", "about", "circle"):
        return False
    if not any(circle.lives for circle in await circles_in(context.session, message.chat.id)):
        return True
    way = Button(t("life.do.open_bot"), context.post.deep_link("circle"))
    await context.post.card(f"unknown:{user.id}", answer_here(context), "plain", keyboard=[[way]], text=t("life.open_first"))
    return True


async def reword_in_group(update: Update, context: HomeContext) -> bool:
    """Edited in the group, it is edited in the draft too; once it is shared nothing is said of it there."""
    message = update.edited_message
    if message is None or message.chat.type == "private":
        return False
    piece = await piece_at(context.session, message.chat.id, message.message_id)
    said = read_message(message)
    if piece is None or said is None:
        return piece is not None
    issue, command = await issue_by_id(context.session, piece.issue_id), command_in(update, context)
    text = command.words if command is not None and command.name == "ask" else said.text
    if issue.deputy_id == context.person.id and issue.state is IssueState.DRAFT and piece.differs(text, said.file_id):
        issue.reword(piece, text, said.kind, said.file_id, said.file_name, now=context.now)
        await show_draft(context.post, issue)
    return True


async def open_draft_again(update: Update, context: HomeContext, payload: str) -> None:
    """The button in the group: the asker's draft, or what became of it. Raises Gone, NotAllowed."""
    if not payload.isdecimal() or len(payload) > 9:
        raise Gone
    issue = await issue_by_id(context.session, int(payload))
    issue.require_home(context.person)
    if issue.state is IssueState.DRAFT:
        await show_draft(context.post, issue, afresh=True)
    elif issue.number is not None:
        await show_home_card(context.post, issue, afresh=True)
    else:
        raise Gone


JOURNEY = Journey(
    group_takers=(ask_in_circle,),
    stranger_group_takers=(ask_by_unknown,),
    edit_takers=(reword_in_group,),
    starts={"q": open_draft_again},
)
