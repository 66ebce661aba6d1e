"""A circle is made, gets another name, or other specialties."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from telegram import Update

from handlers.circle_group_card import refresh_group_card
from handlers.circle_issues import follow_specialties
from handlers.circle_presses import CircleAct, CirclePress, EditAct, EditPress
from handlers.circle_rights import check_rights, note_refused
from handlers.circle_screens import back_to
from handlers.circles import show_circle
from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button, rows
from handlers.pieces import words_of
from handlers.post import Post
from handlers.texts import t
from models.circle_upkeep import NAME_LIMIT, give_specialties, live_issues_of, make_circle, rename_circle, require_in_use
from models.circles import Circle
from models.forms import Form, close_form, form_of, open_form
from models.outbox import OutboxMessage, OutboxState
from models.people import Role, Specialty, people_with
from models.rules import Gone

NAMING, CHOOSING = "circle_name", "circle_specialties"
TITLE_LIMIT = 128
"""Telegram's, of a group's title and of a topic's."""
CHOICES = 90


async def edit(update: Update, context: HomeContext) -> None:
    """A button of making, naming or specialties."""
    press = EditPress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    if press.does is EditAct.MAKE:
        await open_form(context.session, context.person.id, NAMING, "new", now=context.now)
        back = Button(t("circles.back"), CirclePress(CircleAct.LIST))
        await context.show("plain", keyboard=[[back]], text=t("circles.ask_name", limit=NAME_LIMIT))
        return
    circle = await context.session.get(Circle, press.circle)
    if circle is None:
        raise Gone
    require_in_use(circle)
    match press.does:
        case EditAct.RENAME:
            await open_form(context.session, context.person.id, NAMING, "rename", now=context.now, circle=circle.id)
            await context.show("plain", keyboard=[[back_to(circle)]], text=t("circles.ask_new_name", name=circle.name, limit=NAME_LIMIT))
        case EditAct.WITH_TITLE | EditAct.NAME_ONLY:
            await _rename_as_typed(context, circle, with_title=press.does is EditAct.WITH_TITLE)
        case EditAct.SPECIALTIES:
            ids = [each.id for each in circle.specialties]
            form = await open_form(context.session, context.person.id, CHOOSING, "choose", now=context.now, circle=circle.id, chosen=ids)
            await _show_specialties(context, circle, form)
        case EditAct.TOGGLE:
            form = await _form(context, CHOOSING, circle)
            form.data["chosen"] = sorted(set(form.data["chosen"]) ^ {press.specialty})
            form.updated_at = context.now
            await _show_specialties(context, circle, form)
        case _:
            await _save_specialties(context, circle)


async def take_name(update: Update, context: HomeContext) -> None:
    """The typed name of a new circle, or the new one of an old."""
    context.person.require(Role.OFFICE)
    form = await form_of(context.session, context.person.id, NAMING)
    assert form is not None
    name = (words_of(update.message) or "").strip()
    if form.step == "new":
        circle = await make_circle(context.session, name, context.person, now=context.now)
        await close_form(context.session, context.person.id)
        await context.reply("plain", text=t("circles.made", name=circle.name))
        await show_circle(context, circle, anew=True)
        return
    circle_named = await context.session.get(Circle, form.data["circle"])
    if circle_named is None:
        raise Gone
    title = new_title(circle_named, name)
    if title is None:
        await _rename(context, circle_named, name, with_title=False)
        return
    form.step, form.data["name"], form.updated_at = "confirm", name, context.now
    both = Button(t("circles.name_and_title"), EditPress(EditAct.WITH_TITLE, circle_named.id))
    only = Button(t("circles.name_only"), EditPress(EditAct.NAME_ONLY, circle_named.id))
    asked = t("circles.ask_title", old=circle_named.name, new=name, title=title)
    await context.reply("plain", keyboard=[[both, only], [back_to(circle_named)]], text=asked)


def new_title(circle: Circle, name: str) -> str | None:
    """What its own group would be called; None where it has none, or the bot may not say."""
    chat = circle.chat
    if chat is None or not circle.lives or circle.thread_id is not None or not chat.can_change_info:
        return None
    title = (chat.title.replace(circle.name, name) if circle.name in chat.title else name)[:TITLE_LIMIT]
    return title if title != chat.title else None


async def _rename_as_typed(context: HomeContext, circle: Circle, *, with_title: bool) -> None:
    form = await _form(context, NAMING, circle)
    if "name" not in form.data:
        raise Gone
    await _rename(context, circle, form.data["name"], with_title=with_title)


async def _rename(context: HomeContext, circle: Circle, name: str, *, with_title: bool) -> None:
    """The circle's topic, or if wanted its group, gets the name too."""
    title, chat = new_title(circle, name), circle.chat
    old = await rename_circle(context.session, circle, name, context.person, now=context.now)
    await close_form(context.session, context.person.id)
    subject = f"circlename:{circle.id}"
    if chat is not None and circle.lives and circle.thread_id is not None and old != circle.name:
        params = {"message_thread_id": circle.thread_id, "name": circle.name}
        await context.post.call("editForumTopic", params, chat_id=chat.id, subject=subject)
    elif chat is not None and with_title and title is not None:
        await context.post.call("setChatTitle", {"title": title}, chat_id=chat.id, subject=subject)
        chat.title = title
    if chat is not None:
        await refresh_group_card(context.post, chat)
    unchanged = chat is not None and circle.lives and circle.thread_id is None and not chat.can_change_info
    if chat is not None and unchanged:
        await check_rights(context.post, chat)
    key = "circles.renamed_not_title" if unchanged else "circles.renamed"
    await context.show("plain", keyboard=[[back_to(circle)]], text=t(key, old=old, new=circle.name))


async def name_shown(post: Post, message: OutboxMessage, result: Any) -> None:
    """The name could not be shown in Telegram: the circle has it all the same, and the office hears of it."""
    circle = await post.session.get(Circle, int((message.subject or "").split(":")[1]))
    if message.state is OutboxState.SENT or circle is None or "not modified" in (message.error or "").lower():
        return
    await note_refused(post, message)
    for colleague in await people_with(post.session, Role.OFFICE):
        await post.tell(colleague, "plain", text=t("circles.title_not_changed", name=circle.name))


async def _show_specialties(context: HomeContext, circle: Circle, form: Form) -> None:
    """Tick by tick; nothing changes before it is saved."""
    chosen = set(form.data["chosen"])
    every = (await context.session.scalars(select(Specialty).order_by(Specialty.id).limit(CHOICES))).all()
    ticks = [
        Button(t("audience.marked", mark="☑" if each.id in chosen else "☐", name=each.name), EditPress(EditAct.TOGGLE, circle.id, each.id))
        for each in every
    ]
    before = {each.id for each in circle.specialties}
    coming = await live_issues_of(context.session, chosen - before) if chosen - before and circle.lives else []
    save = [[Button(t("circles.save_specialties"), EditPress(EditAct.SAVE, circle.id))]] if chosen != before else []
    keyboard = [*rows(ticks, 2), *save, [back_to(circle)]]
    await context.show("circles/specialties", keyboard=keyboard, circle=circle, coming=len(coming), leaving=bool(before - chosen))


async def _save_specialties(context: HomeContext, circle: Circle) -> None:
    form = await _form(context, CHOOSING, circle)
    before = {each.id for each in circle.specialties}
    await give_specialties(context.session, circle, form.data["chosen"], context.person, now=context.now)
    await close_form(context.session, context.person.id)
    await follow_specialties(context.post, before ^ {each.id for each in circle.specialties})
    await context.toast(t("circles.saved"))
    await show_circle(context, circle)


async def no_words_wanted(update: Update, context: HomeContext) -> None:
    """Specialties are chosen by buttons."""
    await context.reply("plain", text=t("circles.use_buttons"))


async def _form(context: HomeContext, kind: str, circle: Circle) -> Form:
    form = await form_of(context.session, context.person.id, kind)
    if form is None or form.data.get("circle") != circle.id:
        raise Gone
    return form


JOURNEY = Journey(presses={EditPress: edit}, forms={NAMING: take_name, CHOOSING: no_words_wanted}, outcomes={"circlename": name_shown})
