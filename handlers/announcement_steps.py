"""An announcement in the making: what its form holds, and how each step looks."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from handlers.activity_steps import Ask, audience_buttons
from handlers.announcement_card import title_of
from handlers.announcement_message import parts_of
from handlers.announcement_presses import AudiencePress, Handle, HandlePress, Write, WritePress
from handlers.context import HomeContext
from handlers.conveying import GATHERING
from handlers.keyboards import Button, Keyboard, rows
from handlers.long_texts import shortened
from handlers.texts import T, t
from handlers.whom_form import WhomForm
from handlers.whom_words import names_that_fit, whom_values
from models.announcements import Announcement, AnnouncementPost, Pinning, recent_announcements, scopes_of
from models.audience import Audience, called_people, names_of
from models.circles import Circle
from models.forms import Form
from models.people import Role

CONTENT, WHOM, CIRCLES, PREVIEW = "content", "whom", "circles", "preview"
TEXT_SHOWN = {CONTENT: 600, PREVIEW: 1500}


class AnnouncementForm(WhomForm):
    """A typed view of a form of the kind ``announcement`` and its draft; the audience stands in the draft itself."""

    def __init__(self, form: Form, announcement: Announcement) -> None:
        super().__init__(form)
        self.announcement = announcement

    @property
    def card_key(self) -> str:
        return f"announcement-form:{self.announcement.id}"

    def answered(self, step: str) -> None:
        self.form.step = PREVIEW

    @property
    def audience(self) -> Audience:
        return self.announcement.audience

    @audience.setter
    def audience(self, audience: Audience) -> None:
        self.announcement.audience = audience


async def show_step(context: HomeContext, draft: AnnouncementForm, *, afresh: bool = False, gathering: bool = False) -> None:
    """Show the form's card as it stands; ``gathering`` gives the rest of an album time to come."""
    announcement, step = draft.announcement, draft.form.step
    values: dict[str, Any] = {
        "step": step,
        "announcement": announcement,
        "text": shortened(announcement.text, TEXT_SHOWN.get(step, 120)),
        "files": Counter(piece.kind.value for piece in announcement.files),
        "parts": len(parts_of(announcement)),
    }
    if step != CONTENT:
        called = await called_people(context.session, announcement.audience)
        values |= {"called": len(called), "first_names": names_that_fit([person.name for person in called])}
        values |= await whom_values(context.session, announcement.audience)
    if step == PREVIEW:
        quiet = context.policy.quiet_hours.around(context.now)
        values["morning"] = quiet[1] if quiet else None
    if step == CONTENT and not announcement.pieces:
        values["recent"] = await recent_announcements(context.session, context.person)
    await context.post.card(
        draft.card_key,
        context.person,
        "announcements/form",
        keyboard=[*await _choices(context, draft, values), _ways_out(draft)],
        afresh=afresh,
        wait=GATHERING if gathering else timedelta(0),
        **values,
    )


def write_button(announcement: Announcement, label: T | str, do: Write, value: str = "") -> Button:
    return Button(label, WritePress(announcement.id, do, value))


def _ways_out(draft: AnnouncementForm) -> list[Button]:
    out = [write_button(draft.announcement, t("announcements.write.discard"), Write.DISCARD)]
    if draft.form.step != CONTENT:
        back = Write.PREVIEW if draft.form.step == CIRCLES else Write.CONTENT
        out.insert(0, write_button(draft.announcement, t("activity.back"), back))
    return out


async def _choices(context: HomeContext, draft: AnnouncementForm, values: dict[str, Any]) -> Keyboard:
    announcement = draft.announcement
    button = partial(write_button, announcement)
    match draft.form.step:
        case "content" if announcement.pieces:
            undo = button(t("announcements.write.undo"), Write.UNDO, str(announcement.revision))
            on = t("announcements.write.on" if _chooses_whom(context) else "announcements.write.on_to_preview")
            return [[button(on, Write.WHOM)], [undo]]
        case "content":
            return [[Button(title_of(each), HandlePress(each.id, Handle.OPEN))] for each in values["recent"]]
        case "whom":
            return await _whom_buttons(context, draft)
        case "circles":
            return await _circle_buttons(context, draft)
        case _:
            return await _preview_buttons(context, announcement, values)


def _chooses_whom(context: HomeContext) -> bool:
    scopes = scopes_of(context.person)
    return scopes is None or len(scopes) > 1


async def _whom_buttons(context: HomeContext, draft: AnnouncementForm) -> Keyboard:
    scopes = scopes_of(context.person)
    if scopes is None:
        return await audience_buttons(
            context, draft, lambda label, ask, value: Button(label, AudiencePress(draft.announcement.id, ask, value))
        )
    names = [await names_of(context.session, scope) for scope in scopes]
    return [
        [write_button(draft.announcement, t("announcements.write.scope", name=name), Write.SCOPE, str(number))]
        for number, [name] in enumerate(names)
    ]


async def living_circles(context: HomeContext) -> list[Circle]:
    """The circles that can be spoken to; none for whoever speaks only to the own group or area."""
    if not context.person.has(Role.OFFICE, Role.LEADER):
        return []
    bound = await context.session.scalars(select(Circle).where(Circle.chat_id.is_not(None)).order_by(Circle.id).limit(40))
    return [circle for circle in bound if circle.lives]


async def _circle_buttons(context: HomeContext, draft: AnnouncementForm) -> Keyboard:
    """Two for each circle: whether it is posted there, and whether it is pinned."""
    posts: dict[int, AnnouncementPost] = {there.circle_id: there for there in draft.announcement.posts}
    keyboard = []
    for circle in await living_circles(context):
        there = posts.get(circle.id)
        row = [
            write_button(
                draft.announcement, t("audience.marked", mark="☑" if there else "☐", name=circle.name), Write.CIRCLE, str(circle.id)
            )
        ]
        if there is not None:
            pinned = t("announcements.write.pin_on" if there.pinning is Pinning.WANTED else "announcements.write.pin_off")
            row.append(write_button(draft.announcement, pinned, Write.PIN, str(circle.id)))
        keyboard.append(row)
    return [*keyboard, [write_button(draft.announcement, t("announcements.write.circles_done"), Write.PREVIEW)]]


async def _preview_buttons(context: HomeContext, announcement: Announcement, values: dict[str, Any]) -> Keyboard:
    button, seen = partial(write_button, announcement), str(announcement.revision)
    morning = values["morning"]
    if morning is None:
        send = [[button(t("announcements.write.publish"), Write.PUBLISH, seen)]]
    else:
        at = context.post.texts.clock(morning, context.language)
        send = [
            [button(t("announcements.write.morning", at=at), Write.MORNING, seen)],
            [button(t("announcements.write.now"), Write.NOW, seen)],
        ]
    change = [button(t("announcements.write.whom"), Write.WHOM)] if _chooses_whom(context) else []
    if await living_circles(context):
        change.append(button(t("announcements.write.circles"), Write.CIRCLES))
    names = Button(t("audience.all_names", count=values["called"]), AudiencePress(announcement.id, Ask.NAMES, "new"))
    return [*(send if values["called"] and announcement.pieces else []), *rows(change, 2), *([[names]] if values["called"] else [])]
