"""The code in the organisers' chats: a picture that is replaced every 30 seconds, with the numbers of this moment below it."""

from __future__ import annotations

import asyncio
import dataclasses
import math
from datetime import timedelta

from handlers.checkin_picture import Poster, draw_poster
from handlers.checkin_presses import DeskDo, DeskPress, RollPress
from handlers.keyboards import Button
from handlers.post import Post
from handlers.texts import T, t
from models.checkin import Counts, counts_of
from models.checkin_codes import code_of, slot_at, token_of
from models.checkin_desk import CheckInDesk, CheckInScreen, may_run, next_slot_at, screen_key, screened_desks, screens_of
from models.checkin_pictures import forget_replaced
from models.outbox import AttachmentKind

COUNTED_ANEW_EVERY = timedelta(seconds=5)


def scan_link(post: Post, desk: CheckInDesk, slot: int) -> str:
    """What the code to scan opens: the bot, with this slot's token."""
    return post.deep_link(f"k_{desk.activity_id}_{token_of(desk.secret, slot)}")


def until(post: Post, desk: CheckInDesk, language: str) -> T:
    """How long one can check in."""
    ends_at = desk.activity.ends_at
    minutes = math.ceil((ends_at - post.now).total_seconds() / 60)
    return t("checkin.until", at=post.texts.clock(ends_at, language), hours=minutes // 60, minutes=minutes % 60)


def counted(counts: Counts) -> T:
    """The one line of numbers on pictures and pages."""
    return t("checkin.counted", came=counts.came, called=counts.called)


async def refresh_screens(post: Post) -> None:
    """Show what has changed: the code when its time is over, the numbers every five seconds at most. What is closed is shown no more."""
    for desk in await screened_desks(post.session):
        screens = [screen for screen in await screens_of(post.session, desk.activity) if await _goes_on(post, desk, screen)]
        if screens:
            await _show(post, desk, screens)


async def _goes_on(post: Post, desk: CheckInDesk, screen: CheckInScreen) -> bool:
    if desk.is_open(post.policy, now=post.now) and await may_run(post.session, screen.person, desk.activity):
        return True
    await stop_showing(post, desk, screen)
    return False


async def _show(post: Post, desk: CheckInDesk, screens: list[CheckInScreen]) -> None:
    slot = slot_at(post.now, every=post.policy.checkin_code_every)
    anew = desk.picture_slot != slot or desk.picture is None
    rested = [screen for screen in screens if anew or screen.shown_at is None or post.now - screen.shown_at >= COUNTED_ANEW_EVERY]
    if not rested:
        return
    counts = await counts_of(post.session, desk, post.policy)
    if anew:
        await _draw(post, desk, slot, counts)
    shown = f"{slot}:{','.join(str(number) for number in dataclasses.astuple(counts))}"
    for screen in rested:
        if screen.shown != shown:
            await show_screen(post, desk, screen, counts, afresh=not screen.shown)
            screen.shown, screen.shown_at = shown, post.now
            screen.due_at = next_slot_at(post.now, every=post.policy.checkin_code_every)
    if anew:
        await forget_replaced(post.session, desk)


async def show_screen(post: Post, desk: CheckInDesk, screen: CheckInScreen, counts: Counts, *, afresh: bool) -> None:
    """The picture with its caption. Every edit carries the picture, since a newer edit takes the place of one not sent yet."""
    activity = desk.activity
    keyboard = [
        [Button(t("checkin.do.roll"), RollPress(activity.id, page=-1)), Button(t("checkin.do.stop"), DeskPress(activity.id, DeskDo.STOP))]
    ]
    code = code_of(desk.secret, desk.picture_slot or 0)
    await post.card(
        screen_key(activity.id),
        screen.person,
        "checkin/screen",
        keyboard=keyboard,
        attachment=desk.picture,
        afresh=afresh,
        activity=activity,
        counts=counts,
        code=code,
        until=until(post, desk, screen.person.language),
    )


async def stop_showing(post: Post, desk: CheckInDesk, screen: CheckInScreen) -> None:
    """The picture stays in the chat and opens nothing any more; its caption says so."""
    open_still, activity = desk.is_open(post.policy, now=post.now), desk.activity
    again = [[Button(t("checkin.do.show"), DeskPress(activity.id, DeskDo.SHOW))]] if open_still else []
    roll = [[Button(t("checkin.do.roll"), RollPress(activity.id, page=-1))]]
    counts = await counts_of(post.session, desk, post.policy)
    await post.session.delete(screen)
    await post.session.flush()
    await post.card(
        screen_key(activity.id),
        screen.person,
        "checkin/screen_off",
        keyboard=[*again, *roll],
        activity=activity,
        counts=counts,
        open=open_still,
    )
    if not await screens_of(post.session, activity):
        desk.picture, desk.picture_slot = None, None
        await post.session.flush()
        await forget_replaced(post.session, desk)


async def _draw(post: Post, desk: CheckInDesk, slot: int, counts: Counts) -> None:
    language, activity = post.policy.languages[0], desk.activity

    def say(text: T) -> str:
        return post.texts.say(text, language)

    poster = Poster(
        title=activity.title,
        until=say(until(post, desk, language)),
        link=scan_link(post, desk, slot),
        code=code_of(desk.secret, slot),
        how=say(t("checkin.how", home=post.policy.home_name)),
        count=say(counted(counts)),
    )
    content = await asyncio.to_thread(draw_poster, poster)
    desk.picture = await post.attach(f"checkin-{activity.id}.png", content, AttachmentKind.PHOTO)
    desk.picture_slot = slot
    await post.session.flush()
