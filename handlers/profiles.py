"""``/profiles``: the deputies of each area as they present themselves; a deputy's own, and for the office those that wait."""

from __future__ import annotations

from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.keyboards import Button, rows
from handlers.menu import BACK_TO_MENU
from handlers.paging import turns
from handlers.profile_editing import FORM, own_press, photo_came, take_part
from handlers.profile_presses import ProfileDo, ProfilePress
from handlers.profile_review import WORD_FORM, review_press, take_word
from handlers.profile_view import bring_profile
from handlers.texts import t
from models.people import Area, Person, Role
from models.profiles import areas_with_deputies, count_waiting, deputies_in, shown_of
from models.rules import Gone

PAGE = 24
_OWN = frozenset(
    {
        ProfileDo.MINE,
        ProfileDo.PHOTO,
        ProfileDo.NO_PHOTO,
        ProfileDo.BIOGRAPHY,
        ProfileDo.SUBMIT,
        ProfileDo.TAKE_BACK,
        ProfileDo.HIDE,
        ProfileDo.HIDE_SURE,
    }
)
_LOOKING = frozenset({ProfileDo.AREAS, ProfileDo.AREA, ProfileDo.SHOW})


async def overview(update: Update, context: HomeContext) -> None:
    person = context.person
    areas = await areas_with_deputies(context.session)
    waiting = await count_waiting(context.session) if person.has(Role.OFFICE) else 0
    own = [Button(t("profile.do.mine"), ProfilePress(ProfileDo.MINE))] if person.has(Role.DEPUTY) else []
    review = [Button(t("profile.do.waiting", count=waiting), ProfilePress(ProfileDo.WAITING))] if waiting else []
    by_area = [Button(area.name, ProfilePress(ProfileDo.AREA, area.id)) for area in areas]
    await context.show("profiles/overview", keyboard=[own, review, *rows(by_area, 2), [BACK_TO_MENU]], empty=not areas)


async def press(update: Update, context: HomeContext) -> None:
    """Every button of the profiles; each checks whose it is."""
    pressed = ProfilePress.unpack(context.pressed)
    person = context.person
    if pressed.do in _OWN:
        await own_press(context, pressed)
    elif pressed.do not in _LOOKING:
        await review_press(context, pressed)
    elif pressed.do is ProfileDo.AREAS:
        await overview(update, context)
    elif pressed.do is ProfileDo.AREA:
        await _list(context, pressed)
    else:
        deputy = await context.session.get(Person, pressed.which)
        if deputy is None or not deputy.has(Role.DEPUTY):
            raise Gone
        profile = await shown_of(context.session, deputy)
        hide = profile is not None and (person.has(Role.OFFICE) or person.id == deputy.id)
        hiding = [Button(t("profile.do.hide"), ProfilePress(ProfileDo.HIDE, deputy.id))] if hide else []
        note = None if profile is not None else t("profile.none_yet")
        await bring_profile(context.post, context.here, deputy, profile, keyboard=[hiding] if hiding else [], note=note)


async def _list(context: HomeContext, pressed: ProfilePress) -> None:
    area, page = await context.session.get(Area, pressed.which), max(pressed.seen, 0)
    if area is None:
        raise Gone
    found = await deputies_in(context.session, area.id, offset=page * PAGE, limit=PAGE + 1)
    names = [
        Button(t("profile.with_profile", name=deputy.name) if shown else deputy.name, ProfilePress(ProfileDo.SHOW, deputy.id))
        for deputy, shown in found[:PAGE]
    ]
    paging = turns(page, lambda to: ProfilePress(ProfileDo.AREA, area.id, to), more=len(found) > PAGE)
    back = Button(t("profile.do.back"), ProfilePress(ProfileDo.AREAS))
    await context.show("profiles/area", keyboard=[*rows(names, 3), paging, [back]], area=area, empty=not found)


JOURNEY = Journey(
    entries=(Entry("profiles", overview),),
    presses={ProfilePress: press},
    forms={FORM: take_part, WORD_FORM: take_word},
    file_forms=frozenset({FORM}),
    outcomes={"profile_photo": photo_came},
)
