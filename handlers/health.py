"""``/status``: how the Home is, for the office: what waits, what failed and since when; one tap has what was given up tried again."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.keyboards import Button, Press
from handlers.menu import BACK_TO_MENU
from handlers.post import Post
from handlers.texts import t
from models.health import AlarmKind, figures_at
from models.people import Role, people_with
from models.retrying import AT_ONCE, retry


class StatusDo(enum.StrEnum):
    SHOW = "s"
    RETRY = "r"


@dataclass(frozen=True)
class StatusPress(Press):
    prefix: ClassVar[str] = "sta"
    do: StatusDo


SHOW_STATUS = Button(t("menu.status"), StatusPress(StatusDo.SHOW))


async def show(update: Update, context: HomeContext) -> None:
    context.person.require(Role.OFFICE)
    figures = await figures_at(context.session, now=context.now, besides=update.update_id)
    given_up = min(figures.set_aside.count, AT_ONCE) + min(figures.failed.count, AT_ONCE)
    again = [Button(t("health.do.retry", count=given_up), StatusPress(StatusDo.RETRY))] if given_up else []
    await context.show(
        "health/card",
        keyboard=[again, [Button(t("health.do.refresh"), StatusPress(StatusDo.SHOW))], [BACK_TO_MENU]],
        figures=figures,
        now=context.now,
        on_shell=False,
    )


async def press(update: Update, context: HomeContext) -> None:
    """Look again, or have it tried again; the card then shows what is left. Raises NotAllowed for anybody but the office."""
    context.person.require(Role.OFFICE)
    if StatusPress.unpack(context.pressed).do is StatusDo.RETRY:
        done = await retry(context.session, context.person, now=context.now)
        await context.session.flush()
        await context.toast(t("health.retried", updates=done.updates, messages=done.messages))
    await show(update, context)


async def tell_alarm(post: Post, kind: AlarmKind, since: datetime) -> None:
    """The office hears that something stands still, with what to do."""
    for person in await people_with(post.session, Role.OFFICE):
        await post.tell(person, "health/alarm", keyboard=[[SHOW_STATUS]], kind=kind, since=since)


async def tell_over(post: Post, kind: AlarmKind, since: datetime) -> None:
    """The office hears that it goes on: of the chat itself it can only hear then."""
    for person in await people_with(post.session, Role.OFFICE):
        await post.tell(person, "health/over", kind=kind, since=since, until=post.now)


JOURNEY = Journey(entries=(Entry("status", show),), presses={StatusPress: press})
