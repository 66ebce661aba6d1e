"""A sheet of personal codes to print for the opening day: whom it is for, what it voids, and the file."""

from __future__ import annotations

import asyncio
from typing import Any

from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button, rows
from handlers.link_presses import SlipsDo, SlipsPress
from handlers.link_sheet_pages import PER_PAGE, Slip, Words, draw_sheet
from handlers.post import Post
from handlers.roster_people import BACK
from handlers.texts import t
from models.link_sheets import SheetFor, count_unused, issue_sheet, outside_by_area, outside_by_group, sheet_people
from models.outbox import OutboxMessage
from models.people import Person, Role
from models.rules import Gone, RuleBroken


class NobodyOutside(RuleBroken):
    """Everybody of the choice has come in already."""

    key = "slips.nobody"


async def press(update: Update, context: HomeContext) -> None:
    pressed = SlipsPress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    match pressed.does:
        case SlipsDo.CHOOSE:
            everybody = len(await sheet_people(context.session, SheetFor.ALL))
            ways = [
                [Button(t("slips.do.all", count=everybody), SlipsPress(SlipsDo.ASK, SheetFor.ALL))] if everybody else [],
                [
                    Button(t("slips.do.areas"), SlipsPress(SlipsDo.AREAS)),
                    Button(t("slips.do.groups"), SlipsPress(SlipsDo.GROUPS)),
                ],
            ]
            await context.show("sheet/choose", keyboard=[*(ways if everybody else []), [BACK]], everybody=everybody)
        case SlipsDo.AREAS:
            areas = [_choice(area.name, count, SheetFor.AREA, area.id) for area, count in await outside_by_area(context.session)]
            await _list(context, areas)
        case SlipsDo.GROUPS:
            groups = [_choice(group.name, count, SheetFor.GROUP, group.id) for group, count in await outside_by_group(context.session)]
            await _list(context, groups)
        case SlipsDo.ASK:
            people = await _people(context, pressed)
            unused = await count_unused(context.session, people, now=context.now)
            make = Button(t("slips.do.make"), SlipsPress(SlipsDo.MAKE, pressed.whom, pressed.number))
            pages = -(-len(people) // PER_PAGE)
            values: dict[str, Any] = {"people": people, "pages": pages, "unused": unused, "lifetime": context.policy.link_lifetime}
            await context.show("sheet/ask", keyboard=[[make, BACK]], **values)
        case SlipsDo.MAKE:
            await _make(context, await _people(context, pressed))


def _choice(name: str, count: int, whom: SheetFor, number: int) -> Button:
    return Button(t("slips.some", name=name, count=count), SlipsPress(SlipsDo.ASK, whom, number))


async def _list(context: HomeContext, buttons: list[Button]) -> None:
    await context.show("plain", keyboard=[*rows(buttons, 2), [BACK]], text=t("slips.which" if buttons else "slips.none_of_these"))


async def _people(context: HomeContext, pressed: SlipsPress) -> list[Person]:
    """Who would be on it. Raises NobodyOutside."""
    people = list(await sheet_people(context.session, pressed.whom, pressed.number))
    if not people:
        raise NobodyOutside
    return people


async def _make(context: HomeContext, people: list[Person]) -> None:
    """The links of before end here; the file goes to whoever asked, and to nobody else."""
    post, policy = context.post, context.policy
    if post.place(context.person) is None:
        raise Gone
    voided = await count_unused(context.session, people, now=context.now)
    secrets = await issue_sheet(context.session, people, context.person, lifetime=policy.link_lifetime, now=context.now)
    slips = [
        Slip(
            name=person.name,
            where=" · ".join(filter(None, (person.area.name if person.area else "", person.group.name if person.group else ""))),
            link=post.deep_link(f"p_{secrets[person.id]}"),
        )
        for person in people
    ]
    language = policy.languages[0]  # printed for the whole Home, not for whoever asks
    until = post.texts.date(context.now + policy.link_lifetime, language)
    words = Words(
        title=post.texts.say(t("slips.title", home=policy.home_name), language),
        how=post.texts.say(t("slips.how"), language),
        until=post.texts.say(t("slips.until", until=until), language),
        page=post.texts.say(t("slips.page", number="{number}", of="{of}"), language),
        secret=post.texts.say(t("slips.secret"), language),
    )
    content = await asyncio.to_thread(draw_sheet, slips, words)
    name = post.texts.say(t("slips.file"), context.language)
    attachment = await post.attach(name, content)
    values: dict[str, Any] = {"count": len(people), "voided": voided, "until": until}
    await post.tell(context.person, "sheet/made", attachment=attachment, subject=f"sheet:{attachment.id}", **values)


async def sheet_sent(post: Post, message: OutboxMessage, result: Any) -> None:
    """The codes are with whoever asked: the Home keeps nothing but their hashes."""
    if message.attachment is not None:
        message.attachment.content, message.attachment.file_id = b"", None


async def link_sent(post: Post, message: OutboxMessage, result: Any) -> None:
    """So it is with a single link."""
    message.params = {**message.params, "text": "—"}


JOURNEY = Journey(presses={SlipsPress: press}, outcomes={"sheet": sheet_sent, "link": link_sent})
