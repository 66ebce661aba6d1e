"""A deputy's own profile: photo, biography, preview, and off to the office; changed at any time, by the same steps."""

from __future__ import annotations

import asyncio
from typing import Any

from telegram import Message, Update

from handlers.context import HomeContext
from handlers.keyboards import Button, Keyboard
from handlers.pieces import words_of
from handlers.post import Post
from handlers.profile_presses import ProfileDo, ProfilePress
from handlers.profile_review import settle_review, tell_office
from handlers.profile_view import bring_profile
from handlers.record_photos import is_picture, made_small
from handlers.texts import T, t
from models.forms import close_form, form_of, open_form
from models.outbox import AttachmentKind, OutboxMessage, OutboxState
from models.people import Person, Role
from models.profiles import (
    Profile,
    ProfileState,
    begin_profile,
    hide,
    note_photo,
    profile_by_id,
    set_photo,
    shown_of,
    submit,
    take_back,
    working_of,
    write_biography,
)
from models.rules import Gone, NotAllowed, RuleBroken

FORM = "profile"
SKIP = Button(t("profile.do.no_photo"), ProfilePress(ProfileDo.NO_PHOTO))
BACK = Button(t("profile.do.back"), ProfilePress(ProfileDo.AREAS))


async def own_press(context: HomeContext, pressed: ProfilePress) -> None:
    """A button of the deputy's own. Raises NotAllowed for anybody else, save that the office may take a profile down."""
    do, person = pressed.do, context.person
    if do in (ProfileDo.HIDE, ProfileDo.HIDE_SURE):
        await _hide(context, pressed)
        return
    person.require(Role.DEPUTY)
    if await form_of(context.session, person.id, FORM) is not None:
        await close_form(context.session, person.id)
    if do is ProfileDo.MINE:
        await _show_mine(context)
    elif do is ProfileDo.PHOTO:
        await _ask(context, await _to_change(context), "photo")
    elif do is ProfileDo.NO_PHOTO:
        profile = await _to_change(context)
        if profile.photo is not None:
            await set_photo(context.session, profile, None)
        await _ask(context, profile, "biography") if not profile.biography else await show_preview(context.post, profile)
    elif do is ProfileDo.BIOGRAPHY:
        await _ask(context, await _to_change(context), "biography")
    elif do is ProfileDo.SUBMIT:
        await _submit(context, pressed)
    else:
        waiting = await working_of(context.session, person)
        if waiting is None:
            raise Gone
        take_back(context.session, waiting, now=context.now)
        await settle_review(context.post, waiting)
        await show_preview(context.post, waiting)


async def _to_change(context: HomeContext) -> Profile:
    """The version to work on; one that waits comes back first."""
    profile = await begin_profile(context.session, context.person, now=context.now)
    if profile.state is ProfileState.WAITING:
        take_back(context.session, profile, now=context.now)
        await settle_review(context.post, profile)
    return profile


async def _show_mine(context: HomeContext) -> None:
    working = await working_of(context.session, context.person)
    shown = await shown_of(context.session, context.person)
    if working is not None and (working.biography or working.photo is not None):
        await show_preview(context.post, working)
    elif shown is not None:
        await _bring(context.post, context.person, shown, _editing(None), t("profile.is_shown"))
    else:
        profile = await begin_profile(context.session, context.person, now=context.now)
        await _ask(context, profile, "photo")


async def _ask(context: HomeContext, profile: Profile, step: str, album: str | None = None) -> None:
    await open_form(context.session, context.person.id, FORM, step, now=context.now, album=album)
    skip = [SKIP] if step == "photo" else []
    await context.reply(
        "profiles/ask",
        keyboard=[[*skip, BACK]],
        text=t(f"profile.ask_{step}", limit=context.policy.biography_length),
        first=not profile.biography and profile.photo is None,
        biography=profile.biography if step == "biography" else "",
    )


async def take_part(update: Update, context: HomeContext) -> None:
    """The photo or the words that were asked for. What is neither leaves the question open."""
    form, message = await form_of(context.session, context.person.id, FORM), update.message
    if form is None or message is None:
        return
    if not context.person.has(Role.DEPUTY):
        await close_form(context.session, context.person.id)
        await context.refuse(NotAllowed())
        return
    album = message.media_group_id
    if album is not None and form.data.get("album") == album:  # the rest of an album: one photo is enough
        return
    profile = await _to_change(context)
    if is_picture(message):
        await _take_photo(context, profile, message)
    elif form.step == "photo":
        await context.reply("plain", keyboard=[[SKIP, BACK]], text=t("profile.photo_please"))
    elif not words_of(message):
        await context.reply("plain", keyboard=[[BACK]], text=t("profile.words_please"))
    else:
        await _take_words(context, profile, words_of(message))


async def _take_photo(context: HomeContext, profile: Profile, message: Message) -> None:
    """Its bytes are fetched; the words that came with it are the biography, if there is none."""
    file_id = message.photo[-1].file_id if message.photo else message.document.file_id if message.document else ""
    note_photo(profile, file_id)
    await context.session.flush()
    await context.post.call("getFile", {"file_id": file_id}, chat_id=message.chat.id, subject=f"profile_photo:{profile.id}")
    words = (message.caption or "").strip()
    if words and not profile.biography:
        await _take_words(context, profile, words, album=message.media_group_id)
    elif not profile.biography:
        await _ask(context, profile, "biography", message.media_group_id)
    else:
        await open_form(context.session, context.person.id, FORM, "arriving", now=context.now, album=message.media_group_id)


async def _take_words(context: HomeContext, profile: Profile, words: str, album: str | None = None) -> None:
    try:
        write_biography(profile, words, context.policy.biography_length)
    except RuleBroken as refusal:  # the question stays open
        await open_form(context.session, context.person.id, FORM, "biography", now=context.now, album=album)
        await context.refuse(refusal)
        return
    await context.session.flush()
    if profile.photo_file_id is None:
        await close_form(context.session, context.person.id)
        await show_preview(context.post, profile)
    else:
        await open_form(context.session, context.person.id, FORM, "arriving", now=context.now, album=album)


async def photo_came(post: Post, message: OutboxMessage, content: Any) -> None:
    """The photo is there: made small and without what a camera notes besides. The preview follows once there is a biography."""
    profile = await post.session.get(Profile, int((message.subject or "").partition(":")[2]))
    if profile is None or profile.photo_file_id is None or message.params.get("file_id") != profile.photo_file_id:
        return  # another photo was sent since
    small = await asyncio.to_thread(made_small, content) if message.state is OutboxState.SENT and isinstance(content, bytes) else None
    if small is None:
        profile.photo_file_id = None
        await post.tell(profile.person, "plain", keyboard=[[_button(ProfileDo.PHOTO)]], text=t("profile.photo_lost"))
    else:
        await set_photo(post.session, profile, await post.attach(f"profile-{profile.id}.jpg", small, AttachmentKind.PHOTO))
    if profile.biography:
        if await form_of(post.session, profile.person_id, FORM) is not None:
            await close_form(post.session, profile.person_id)
        await show_preview(post, profile)


async def _submit(context: HomeContext, pressed: ProfilePress) -> None:
    profile = await profile_by_id(context.session, pressed.which)
    if profile.person_id != context.person.id:
        raise NotAllowed
    if profile.version != pressed.seen and profile.state in (ProfileState.DRAFT, ProfileState.RETURNED):
        await context.toast(t("profile.changed_look"), alert=True)
        await show_preview(context.post, profile)
        return
    submit(context.session, profile, pressed.seen, now=context.now)
    await tell_office(context.post, profile)
    await show_preview(context.post, profile)


async def _hide(context: HomeContext, pressed: ProfilePress) -> None:
    deputy = await context.session.get(Person, pressed.which)
    if deputy is None:
        raise Gone
    if deputy.id != context.person.id:
        context.person.require(Role.OFFICE)
    if pressed.do is ProfileDo.HIDE:
        sure = Button(t("profile.do.hide_sure"), ProfilePress(ProfileDo.HIDE_SURE, deputy.id))
        await context.reply("plain", keyboard=[[sure, BACK]], text=t("profile.hide_question", name=deputy.name))
        return
    if await hide(context.session, deputy, context.person, now=context.now) and deputy.id != context.person.id:
        await context.post.tell(deputy, "plain", text=t("profile.hidden_by_office"))
    await context.show("plain", keyboard=[[BACK]], text=t("profile.hidden", name=deputy.name))


async def show_preview(post: Post, profile: Profile) -> None:
    """As others would see it, and where it stands."""
    state = t(f"profile.state.{profile.state}", word=profile.word) if profile.state is not ProfileState.SHOWN else t("profile.is_shown")
    await _bring(post, profile.person, profile, _editing(profile), state)


async def _bring(post: Post, person: Person, profile: Profile, keyboard: Keyboard, note: T) -> None:
    await bring_profile(post, person, person, profile, keyboard=keyboard, note=note)


def _button(do: ProfileDo, which: int = 0, seen: int = 0) -> Button:
    return Button(t(f"profile.do.{do.name.lower()}"), ProfilePress(do, which, seen))


def _editing(profile: Profile | None) -> list[list[Button]]:
    """What the deputy can do with it; None is the one that is shown."""
    if profile is not None and profile.state is ProfileState.WAITING:
        return [[_button(ProfileDo.TAKE_BACK)], [BACK]]
    change = [_button(ProfileDo.PHOTO), _button(ProfileDo.BIOGRAPHY)]
    if profile is None:
        return [change, [BACK]]
    go = [_button(ProfileDo.SUBMIT, profile.id, profile.version)] if profile.biography else []
    return [go, change, [BACK]]
