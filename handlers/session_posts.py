"""The office says who heads each delegation and who is the session's secretary-general: they decide leave from a session."""

from __future__ import annotations

from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.keyboards import Button, rows
from handlers.leave_card import cards_follow
from handlers.leave_presses import PostDo, PostPress
from handlers.menu import BACK_TO_MENU
from handlers.pieces import words_of
from handlers.texts import T, t
from models.forms import close_form, form_of, open_form
from models.people import DeputyGroup, Person, Role, people_with
from models.roster_search import find_people
from models.rules import Gone
from models.session_posts import SessionPost, groups, holders, set_holder

FORM = "session_post"
GROUPS_LISTED = 40
LISTED = 20


async def overview(update: Update, context: HomeContext) -> None:
    """``/session_posts``: who holds which post; a button each to change it."""
    context.person.require(Role.OFFICE)
    if await form_of(context.session, context.person.id, FORM) is not None:
        await close_form(context.session, context.person.id)
    held, those = await holders(context.session), await groups(context.session)
    general = held.get((SessionPost.SECRETARY_GENERAL, None))
    heads = [(group, held.get((SessionPost.DELEGATION_HEAD, group.id))) for group in those[:GROUPS_LISTED]]
    choose = [Button(t("session_post.secretary_general"), PostPress(PostDo.CHOOSE))]
    by_group = [Button(group.name, PostPress(PostDo.CHOOSE, SessionPost.DELEGATION_HEAD, group.id)) for group, _ in heads]
    await context.show("leave/posts", keyboard=[choose, *rows(by_group, 2), [BACK_TO_MENU]], general=general, heads=heads)


async def press(update: Update, context: HomeContext) -> None:
    """The office's buttons. Raises NotAllowed for anybody else."""
    pressed = PostPress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    match pressed.do:
        case PostDo.OVERVIEW:
            await overview(update, context)
        case PostDo.CHOOSE:
            await _ask_name(context, pressed)
        case PostDo.SET:
            person = await context.session.get(Person, pressed.person_id)
            if person is None or not person.active:
                raise Gone
            await _set(update, context, pressed, person)
        case PostDo.EMPTY:
            await _set(update, context, pressed, None)


async def _ask_name(context: HomeContext, pressed: PostPress) -> None:
    await open_form(context.session, context.person.id, FORM, "name", now=context.now, post=pressed.post.value, group=pressed.group_id)
    held = (await holders(context.session)).get((pressed.post, pressed.group_id or None))
    empty = [Button(t("session_post.empty"), PostPress(PostDo.EMPTY, pressed.post, pressed.group_id))] if held else []
    name = await _name_of_post(context, pressed)
    await context.show("leave/post_whom", keyboard=[empty, [_back()]], post=name, person=held)


def _back() -> Button:
    return Button(t("activity.back"), PostPress(PostDo.OVERVIEW))


async def _name_of_post(context: HomeContext, pressed: PostPress) -> T:
    if pressed.post is SessionPost.SECRETARY_GENERAL:
        return t("session_post.secretary_general")
    group = await context.session.get(DeputyGroup, pressed.group_id)
    if group is None:
        raise Gone
    return t("session_post.head_of", group=group.name)


async def take_name(update: Update, context: HomeContext) -> None:
    """Part of a name; a button sets it."""
    form, words = await form_of(context.session, context.person.id, FORM), words_of(update.message)
    if form is None:
        return
    context.person.require(Role.OFFICE)
    found = await find_people(context.session, words, limit=LISTED) if words and not words.startswith("/") else []
    if not found:
        await context.reply("plain", keyboard=[[_back()]], text=t("delegation.nobody", name=words[:30]))
        return
    post, group_id = SessionPost(form.data["post"]), form.data["group"]
    buttons = [Button(_named(person), PostPress(PostDo.SET, post, group_id, person.id)) for person in found]
    await context.reply("plain", keyboard=[*rows(buttons, 2), [_back()]], text=t("delegation.which"))


def _named(person: Person) -> str:
    return " · ".join(filter(None, (person.name, person.group.name if person.group is not None else "")))


async def _set(update: Update, context: HomeContext, pressed: PostPress, person: Person | None) -> None:
    name, group_id = await _name_of_post(context, pressed), pressed.group_id or None
    before = (await holders(context.session)).get((pressed.post, group_id))
    await set_holder(context.session, pressed.post, group_id, person, actor=context.person, now=context.now)
    if person is not None and person != before:
        await context.post.tell(person, "leave/post_given", post=name)
    leaders = await people_with(context.session, Role.LEADER)
    await cards_follow(context.post, [*leaders, *([before] if before is not None else [])])
    await overview(update, context)


JOURNEY = Journey(
    entries=(Entry("session_posts", overview, in_menu=False),),
    presses={PostPress: press},
    forms={FORM: take_name},
)
