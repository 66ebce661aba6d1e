"""What a deputy says to a leave request afterwards: the answer to a question, just written, and further proofs."""

from __future__ import annotations

from datetime import timedelta

from telegram import Message, Update

from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button
from handlers.leave_card import refresh_leave_cards
from handlers.leave_presses import MoreDo, MorePress
from handlers.texts import t
from models.drafts import draft_of
from models.forms import close_form, form_of, open_form
from models.leave import LeaveRequest, leave_by_id
from models.leave_thread import LeaveSettled, add_proof, add_words, open_question, request_of_album
from models.outbox import subject_of
from models.rules import Gone, NotAllowed, RuleBroken

FORM = "leave_more"
JUST_WRITTEN = timedelta(days=1)
"""For so long after a question the next message is taken for its answer; a reply to it, or its button, always is."""


def is_proof(message: Message) -> bool:
    return bool(message.photo or message.document)


async def press(update: Update, context: HomeContext) -> None:
    """The deputy wants to answer, or to add something."""
    pressed = MorePress.unpack(context.pressed)
    request = await leave_by_id(context.session, pressed.request_id)
    if request.invitation.person_id != context.person.id:
        raise NotAllowed
    if pressed.do is MoreDo.LEAVE_IT:
        form = await form_of(context.session, context.person.id, FORM)
        if form is None or form.data["request"] != request.id:
            raise Gone
        await close_form(context.session, context.person.id)
        await context.show("plain", text=t("leave.nothing_added"))
        return
    if not request.waits:
        raise LeaveSettled
    await open_form(context.session, context.person.id, FORM, "words", now=context.now, request=request.id)
    back = Button(t("leave.rather_not"), MorePress(request.id, MoreDo.LEAVE_IT))
    question = request.remarks[-1].text if request.asked_back else ""
    await context.reply("leave/add_more", keyboard=[[back]], activity=request.invitation.activity, question=question)


async def take_more(update: Update, context: HomeContext) -> None:
    """What was announced by the button."""
    form, message = await form_of(context.session, context.person.id, FORM), update.message
    if form is None or message is None:
        return
    try:
        request = await leave_by_id(context.session, form.data["request"])
        if not request.waits:
            raise LeaveSettled
    except RuleBroken as refusal:  # the form is over too, so that nobody is stuck in it
        await close_form(context.session, context.person.id)
        await context.refuse(refusal)
        return
    if await _contribute(context, request, message):
        await close_form(context.session, context.person.id)


async def take_answer(update: Update, context: HomeContext) -> bool:
    """A reply to a question, the rest of an album of proofs, or, with nothing else going on, the message after a question."""
    message = update.message
    if message is None or (message.text or "").startswith("/"):
        return False
    request_id = await _meant(context, message)
    if request_id is None:
        return False
    try:
        request = await leave_by_id(context.session, request_id)
    except Gone:
        return False
    await _contribute(context, request, message)
    return True


async def _meant(context: HomeContext, message: Message) -> int | None:
    """The request that a message speaks to, if it speaks to any."""
    if message.reply_to_message is not None:
        word, _, id = (await subject_of(context.session, message.chat.id, message.reply_to_message.message_id) or "").partition(":")
        return int(id) if word == "leave_question" else None
    if message.media_group_id is not None and (begun := await request_of_album(context.session, message.chat.id, message.media_group_id)):
        return begun
    if message.forward_origin is not None or not (message.text or is_proof(message)):
        return None
    question = await open_question(context.session, context.person)
    if question is None or context.now - question.said_at > JUST_WRITTEN:
        return None
    draft = await draft_of(context.session, context.person)
    if draft is not None and (draft.worked_at or draft.created_at) > question.said_at:
        return None  # somebody's matter is being gathered, and this is about it
    return question.request_id


async def _contribute(context: HomeContext, request: LeaveRequest, message: Message) -> bool:
    """Words or a proof join the request, and whoever decides sees them. False for what says nothing about it."""
    words = (message.text or message.caption or "").strip()
    if not is_proof(message) and not (message.text and words and not words.startswith("/")):
        await context.reply("plain", text=t("leave.add_what"))
        return False
    session, person, now = context.session, context.person, context.now
    if is_proof(message):
        begun = message.media_group_id is not None and await request_of_album(session, message.chat.id, message.media_group_id)
        add_proof(session, request, person, message.chat.id, message.message_id, message.media_group_id, now=now)
    else:
        begun = False
    if words:
        add_words(session, request, person, words, now=now)
    await session.flush()
    await refresh_leave_cards(context.post, request, afresh=not begun)
    if not begun:
        more = Button(t("leave.add_more"), MorePress(request.id, MoreDo.ADD))
        await context.reply("leave/added", keyboard=[[more]], activity=request.invitation.activity)
    return True


JOURNEY = Journey(presses={MorePress: press}, forms={FORM: take_more}, file_forms=frozenset({FORM}), takers=(take_answer,))
