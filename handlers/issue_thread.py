"""The thread of an issue: opinions come to the home deputy, answers go back, by replying to a message or by a button."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Message, Update

from handlers.context import HomeContext
from handlers.conveying import convey
from handlers.issue_cards import show_home_card
from handlers.issue_circle_card import show_circle_card
from handlers.issue_presses import AnswerPress
from handlers.journey import Journey
from handlers.nobody_left import refresh_nobody_left
from handlers.offer_card import show_offer
from handlers.pieces import Said, read_message
from handlers.post import Post
from handlers.texts import t
from models.absence import absences_of
from models.forms import close_form, form_of, open_form
from models.issue_pieces import NAMED_FILES, PieceKind, names_place
from models.issue_reading import concerns
from models.issues import Issue, IssueState, issue_by_id
from models.outbox import card_at, subject_of
from models.people import Person, Role, people_with
from models.referrals import Referral, ReferralState, referral_between, referral_by_id, referrals_of
from models.remarks import Remark, advise, advisers_of, answer, readers_of, remark_at, remark_of_album
from models.rules import Gone, NotAllowed, RuleBroken


@dataclass(frozen=True)
class Thread:
    """What a message is part of: the issue, and whose words it carries."""

    issue: Issue
    to: Person | None = None
    to_members: bool = False
    """Whether it was told to the members of a circle one by one: each may answer as in the circle."""


async def thread_of(post: Post, chat_id: int, message_id: int) -> Thread | None:
    """The thread that a message of the Home belongs to."""
    card = await card_at(post.session, chat_id, message_id)
    subject = card.key if card is not None else await subject_of(post.session, chat_id, message_id)
    if subject is None and chat_id < 0 and (said := await remark_at(post.session, chat_id, message_id)) is not None:
        return Thread(await issue_by_id(post.session, said.issue_id))  # a reply to what a colleague said in the circle
    word, id, *_ = [*(subject or "").split(":"), ""]
    if not id.isdecimal():
        return None
    if word in ("issue", "circled"):
        return Thread(await issue_by_id(post.session, int(id)))
    if word == "aside":
        return Thread(await issue_by_id(post.session, int(id)), to_members=True)
    if word in ("offer", "referral"):
        return Thread((await referral_by_id(post.session, int(id))).issue)
    if word == "remark" and (remark := await post.session.get(Remark, int(id))) is not None:
        return Thread(await issue_by_id(post.session, remark.issue_id), remark.author)
    return None


async def take_reply(update: Update, context: HomeContext) -> bool:
    """A reply to anything about an issue is part of its thread; so is the rest of an album that began there."""
    message = update.message
    if message is None:
        return False
    thread = await _thread_of_reply(context, message)
    if thread is None or thread.issue.number is None or thread.issue.state is IssueState.DRAFT:
        return False
    person, issue = context.person, thread.issue
    if issue.deputy_id == person.id:
        await _answer(context, issue, message, thread.to)
    elif (
        await referral_between(context.session, issue, person) is not None
        or person in await advisers_of(context.session, issue)
        or (thread.to_members and person.has(Role.DEPUTY) and await concerns(context.session, person, issue))
    ):
        await _advise(context, issue, message)
    else:
        return False
    return True


async def take_in_circle(update: Update, context: HomeContext) -> bool:
    """A deputy's reply in the circle to an issue's card is an opinion that all have read; the office's is talk."""
    message = update.message
    if message is None or not context.person.has(Role.DEPUTY):
        return False
    thread = await _thread_of_reply(context, message)
    if thread is None or thread.issue.number is None or thread.issue.state is IssueState.WITHDRAWN:
        return False
    said, issue = read_message(message), thread.issue
    if said is None:
        return False
    remark, album = _remark(context, issue, message, said, in_circle=True), await _album_of(context, issue, message)
    if issue.deputy_id == context.person.id:
        if issue.live:
            await answer(context.session, remark, now=context.now)
        return True
    await _take_opinion(context, remark, album)
    return True


async def _thread_of_reply(context: HomeContext, message: Message) -> Thread | None:
    if message.reply_to_message is not None:
        return await thread_of(context.post, message.chat.id, message.reply_to_message.message_id)
    if message.media_group_id is not None:
        begun = await remark_of_album(context.session, context.person, message.media_group_id)
        return Thread(await issue_by_id(context.session, begun.issue_id)) if begun is not None else None
    return None


async def _advise(context: HomeContext, issue: Issue, message: Message) -> None:
    said = read_message(message)
    if said is None:
        await context.reply("issues/unsupported")
        return
    if issue.state is IssueState.WITHDRAWN:
        await context.reply("plain", text=t("issue.withdrawn_meanwhile", number=issue.number))
        return
    remark, album = _remark(context, issue, message, said), await _album_of(context, issue, message)
    await _take_opinion(context, remark, album)
    if album is None:
        await context.reply("issues/opinion_passed", issue=issue)


async def _album_of(context: HomeContext, issue: Issue, message: Message) -> Remark | None:
    """The remark with which the message's album began."""
    if message.media_group_id is None:
        return None
    begun = await remark_of_album(context.session, context.person, message.media_group_id)
    return begun if begun is not None and begun.issue_id == issue.id else None


async def _take_opinion(context: HomeContext, remark: Remark, album: Remark | None) -> None:
    post, issue = context.post, remark.issue
    referral = await advise(context.session, remark, context.policy, now=context.now)
    if referral is not None:
        await show_offer(post, referral)
    readers = [issue.deputy] if issue.deputy.serves else list(await people_with(context.session, Role.OFFICE))
    await convey(post, remark, remark.text, readers, album=album)
    await show_home_card(post, issue)
    await show_circle_card(post, issue)
    await refresh_nobody_left(post, issue)


async def _answer(context: HomeContext, issue: Issue, message: Message, to: Person | None) -> None:
    """The home deputy's word; what would tell who the constituent is stays covered here too."""
    said = read_message(message)
    if said is None or said.kind is PieceKind.CONTACT:
        await context.reply("issues/unsupported")
        return
    if said.file_name is not None or said.kind in NAMED_FILES:
        await context.reply("plain", text=t("issue.named_file"))
        return
    issue.require_live()
    asked = [r.person for r in await referrals_of(context.session, issue) if r.state is ReferralState.OFFERED and r.person.serves]
    album = await _album_of(context, issue, message)
    if album is not None:
        readers = await readers_of(context.session, album)
    else:
        readers = [to] if to is not None and to.serves and to.id != issue.deputy_id else await advisers_of(context.session, issue) or asked
    if not readers:
        await context.reply("plain", text=t("issue.nobody_to_answer", number=issue.number))
        return
    remark = _remark(context, issue, message, said)
    await answer(context.session, remark, now=context.now)
    text = issue.covered(said.text)
    await convey(context.post, remark, text, readers, album=album, file=not names_place(said.kind, said.text))
    if album is None:
        away = await absences_of(context.session, readers, now=context.now)
        await context.reply("issues/answer_passed", readers=readers, masked=text != said.text, away=away)
    await show_circle_card(context.post, issue)


def _remark(context: HomeContext, issue: Issue, message: Message, said: Said, *, in_circle: bool = False) -> Remark:
    return Remark(
        issue=issue,
        issue_id=issue.id,
        author=context.person,
        author_id=context.person.id,
        kind=said.kind,
        text=said.text,
        chat_id=message.chat.id,
        message_id=message.message_id,
        media_group_id=message.media_group_id,
        file_id=said.file_id,
        in_circle=in_circle,
        said_at=context.now,
    )


async def open_opinion(context: HomeContext, referral: Referral) -> None:
    """The next message is the opinion."""
    await open_form(context.session, context.person.id, "opinion", "text", now=context.now, issue=referral.issue_id)
    await context.reply("issues/ask_opinion", issue=referral.issue)


async def open_answer(context: HomeContext, issue: Issue, to: Person | None) -> None:
    """The next message is the answer."""
    data = {"issue": issue.id, "to": to.id if to is not None else None}
    await open_form(context.session, context.person.id, "answer", "text", now=context.now, **data)
    await context.reply("issues/ask_answer", issue=issue, reader=to)


async def press_answer(update: Update, context: HomeContext) -> None:
    """*Reply* under somebody's words."""
    pressed = AnswerPress.unpack(context.pressed)
    remark = await context.session.get(Remark, pressed.remark_id)
    if remark is None:
        raise Gone
    issue, person = remark.issue, context.person
    issue.require_live()
    if person.id == issue.deputy_id:
        await open_answer(context, issue, remark.author)
    elif (referral := await referral_between(context.session, issue, person)) is not None:
        await open_opinion(context, referral)
    elif person in await advisers_of(context.session, issue):
        await open_form(context.session, person.id, "opinion", "text", now=context.now, issue=issue.id)
        await context.reply("issues/ask_opinion", issue=issue)
    else:
        raise NotAllowed


async def take_form(update: Update, context: HomeContext) -> None:
    """What was written after *write an opinion* or *reply*. The form is over whatever becomes of it, so that nobody is stuck in one."""
    form = await form_of(context.session, context.person.id)
    message = update.message
    if form is None or message is None:
        return
    kind, data = form.kind, dict(form.data)
    await close_form(context.session, context.person.id)
    if await take_reply(update, context):  # a reply says itself what it is about
        return
    issue = await issue_by_id(context.session, int(data["issue"]))
    try:
        if kind == "opinion":
            await _advise(context, issue, message)
        else:
            to = await context.session.get(Person, data["to"]) if data.get("to") is not None else None
            await _answer(context, issue, message, to)
    except RuleBroken as refusal:  # the rules refuse before anything is changed
        await context.refuse(refusal)


async def reword(update: Update, context: HomeContext) -> bool:
    """An edited opinion or answer is corrected for those who got it, its file too where that was changed."""
    message = update.edited_message
    remark = await remark_at(context.session, message.chat.id, message.message_id) if message is not None else None
    if message is None or remark is None:
        return False
    issue, said = await issue_by_id(context.session, remark.issue_id), read_message(message)
    if said is None or remark.author_id != context.person.id or issue.state is IssueState.WITHDRAWN:
        return True
    new_file = said.file_id != remark.file_id
    if said.text == remark.text and not new_file:
        return True
    if not remark.is_opinion and (said.file_name is not None or said.kind in (*NAMED_FILES, PieceKind.CONTACT)):
        await context.reply("plain", text=t("issue.named_file"))
        return True
    remark.text, remark.kind, remark.file_id = said.text, said.kind, said.file_id
    text = remark.text if remark.is_opinion else issue.covered(remark.text)
    await convey(context.post, remark, text, await readers_of(context.session, remark), corrected=True, file=new_file)
    await show_home_card(context.post, issue)
    await show_circle_card(context.post, issue)
    return True


JOURNEY = Journey(
    presses={AnswerPress: press_answer},
    forms={"opinion": take_form, "answer": take_form},
    takers=(take_reply,),
    group_takers=(take_in_circle,),
    edit_takers=(reword,),
)
