"""What follows when somebody stops being a deputy: groups, activities, commands, and a word to them."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.circle_links import remove_from_group
from handlers.command_list import commands_follow
from handlers.following import asked_every_tick, follow
from handlers.journey import Due, Journey
from handlers.lost_access import close_account
from handlers.post import Place, Post
from models.circles import Chat
from models.forms import close_form
from models.mandates import EndReason, Parting, keep_mandates
from models.outbox import Lane
from models.parting_figures import coming_activities_of
from models.people import Person, Role, people_with


async def follow_partings(post: Post, partings: Sequence[Parting]) -> None:
    """Groups and commands, whyever they ended; whose group the bot may not empty, the office hears once for each group."""
    by_hand: dict[int, tuple[Chat, list[Person]]] = {}
    for parting in partings:
        person = parting.person
        await close_form(post.session, person.id)
        for chat in _groups(parting):
            if chat.can_restrict and chat.is_member and person.telegram_id is not None:
                await remove_from_group(post, chat, person.telegram_id)
            else:
                by_hand.setdefault(chat.id, (chat, []))[1].append(person)
        await commands_follow(post, person)
    for chat, people in by_hand.values():
        for colleague in await people_with(post.session, Role.OFFICE):
            await post.tell(colleague, "terms/take_out_by_hand", lane=Lane.NOTICE, title=chat.title, people=people)


async def follow_parting(post: Post, parting: Parting) -> None:
    """One person's, in the middle of a term: activities to come let go of them at once, their buttons go, and they are told."""
    person = parting.person
    for activity in await coming_activities_of(post.session, person, now=post.now):
        await follow(post, activity)
    if person.telegram_id is not None and not parting.stays:
        await close_account(post, person.telegram_id, person.language)
    await follow_partings(post, [parting])
    if person.telegram_id is not None and parting.mandate.reason is not EndReason.DIED:
        place = Place(person.telegram_id, person.language)
        await post.tell(place, "terms/you_left", mandate=parting.mandate, stays=parting.stays)


async def follow_roster(post: Post) -> None:
    """However the roster changed: by a spreadsheet, by a button, by another role."""
    today = post.now.astimezone(post.policy.timezone).date()
    for parting in await keep_mandates(post.session, today=today, now=post.now):
        await follow_parting(post, parting)


def _groups(parting: Parting) -> list[Chat]:
    chats = {circle.chat.id: circle.chat for _, circle in parting.out_of if circle.chat is not None}
    return list(chats.values())


JOURNEY = Journey(due=(Due(follow_roster, asked_every_tick),))
