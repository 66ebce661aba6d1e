"""The office and the profiles: one card for all of the office, approved or sent back with a word; whoever is first decides."""

from __future__ import annotations

from telegram import Update

from handlers.context import HomeContext
from handlers.keyboards import Button
from handlers.pieces import words_of
from handlers.post import Post
from handlers.profile_presses import ProfileDo, ProfilePress
from handlers.profile_view import seen
from handlers.texts import t
from models.forms import close_form, form_of, open_form
from models.outbox import Lane
from models.people import Person, Role, people_with
from models.profiles import Profile, ProfileState, approve, profile_by_id, send_back, waiting_profiles
from models.rules import RuleBroken

WORD_FORM = "profile_word"
LISTED = 30


async def tell_office(post: Post, profile: Profile) -> None:
    """A profile waits: everybody of the office gets the photo, and the card that can be acted on."""
    for office in await people_with(post.session, Role.OFFICE):
        if profile.photo is not None:
            await post.tell(
                office, "plain", attachment=profile.photo, lane=Lane.NOTICE, text=t("profile.photo_of", name=profile.person.name)
            )
        await _card(post, profile, office, afresh=True)


async def settle_review(post: Post, profile: Profile) -> None:
    """It was decided or taken back: the office's cards say so."""
    for office in await people_with(post.session, Role.OFFICE):
        await _card(post, profile, office)


async def _card(post: Post, profile: Profile, office: Person, *, afresh: bool = False) -> None:
    waiting = profile.state is ProfileState.WAITING
    yes = Button(t("profile.do.approve"), ProfilePress(ProfileDo.APPROVE, profile.id, profile.version))
    no = Button(t("profile.do.return"), ProfilePress(ProfileDo.RETURN, profile.id, profile.version))
    await post.card(
        profile.subject,
        office,
        "profiles/review",
        keyboard=[[yes, no]] if waiting else [],
        lane=Lane.NOTICE,
        afresh=afresh,
        profile=profile,
        state=profile.state.value,
        by=profile.decided_by.name if profile.decided_by is not None else "",
        **seen(post, profile.person, profile),
    )


async def review_press(context: HomeContext, pressed: ProfilePress) -> None:
    """A button of the office's. Raises NotAllowed for anybody else, ProfileChanged where a colleague was quicker."""
    context.person.require(Role.OFFICE)
    if pressed.do is ProfileDo.WAITING:
        waiting = await waiting_profiles(context.session, offset=0, limit=LISTED)
        names = [[Button(profile.person.name, ProfilePress(ProfileDo.REVIEW, profile.id))] for profile in waiting]
        back = Button(t("profile.do.back"), ProfilePress(ProfileDo.AREAS))
        await context.show("plain", keyboard=[*names, [back]], text=t("profile.waiting_list" if waiting else "profile.none_waiting"))
        return
    profile = await profile_by_id(context.session, pressed.which)
    if pressed.do is ProfileDo.REVIEW:
        if profile.photo is not None:
            name = profile.person.name
            await context.post.tell(context.person, "plain", attachment=profile.photo, text=t("profile.photo_of", name=name))
        await _card(context.post, profile, context.person, afresh=True)
    elif pressed.do is ProfileDo.APPROVE:
        await approve(context.session, profile, context.person, pressed.seen, now=context.now)
        await settle_review(context.post, profile)
        await context.post.tell(profile.person, "plain", text=t("profile.approved_told"))
    else:
        profile.require_seen(pressed.seen, ProfileState.WAITING)
        data = {"profile": profile.id, "seen": pressed.seen}
        await open_form(context.session, context.person.id, WORD_FORM, "word", now=context.now, **data)
        await context.reply("plain", text=t("profile.ask_word", name=profile.person.name))


async def take_word(update: Update, context: HomeContext) -> None:
    """What the deputy should change."""
    form = await form_of(context.session, context.person.id, WORD_FORM)
    if form is None:
        return
    context.person.require(Role.OFFICE)
    words = words_of(update.message)
    if not words:
        await context.reply("plain", text=t("profile.no_word"))
        return
    await close_form(context.session, context.person.id)
    profile = await profile_by_id(context.session, int(form.data["profile"]))
    try:
        send_back(context.session, profile, context.person, int(form.data["seen"]), words, now=context.now)
    except RuleBroken as refusal:  # a colleague was quicker
        await context.refuse(refusal)
        return
    await settle_review(context.post, profile)
    change = [Button(t(f"profile.do.{do.name.lower()}"), ProfilePress(do)) for do in (ProfileDo.MINE, ProfileDo.BIOGRAPHY)]
    await context.post.tell(profile.person, "plain", keyboard=[change], text=t("profile.returned_told", word=profile.word))
    await context.reply("plain", text=t("profile.returned", name=profile.person.name))
