"""The welcome card: what a circle is for, its people, how to ask. Shown where a circle begins to live, and pinned if that is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handlers.circle_place import place_of_circle
from handlers.keyboards import Button, Keyboard
from handlers.post import Post
from handlers.texts import t
from models.circles import Circle, members_of
from models.outbox import OutboxMessage, OutboxState
from models.people import Person

PEOPLE_SHOWN, TOPICS_SHOWN = 40, 8


async def show_welcome(post: Post, circle: Circle, *, afresh: bool = False) -> None:
    """The card as things are; ``afresh`` where the one that stood there is lost."""
    place = place_of_circle(circle, post.policy.languages[0])
    keyboard, values = ways_in(post), await about(post, circle)
    await post.card(
        f"welcome:{circle.id}", place, "circles/about", keyboard=keyboard, subject=f"welcome:{circle.id}", afresh=afresh, **values
    )


def ways_in(post: Post) -> Keyboard:
    return [[Button(t("life.do.private"), post.deep_link("v_circle"))]]


async def about(post: Post, circle: Circle) -> dict[str, Any]:
    """What the template ``circles/about`` needs."""
    members = await members_of(post.session, circle)
    return {
        "name": circle.name,
        "specialties": [(each.name, each.description, each.topics[:TOPICS_SHOWN]) for each in circle.specialties],
        "people": [person.name for person in _experts_first(circle, members)[:PEOPLE_SHOWN]],
        "count": len(members),
    }


def _experts_first(circle: Circle, members: Sequence[Person]) -> list[Person]:
    own = {specialty.id for specialty in circle.specialties}
    return sorted(members, key=lambda person: (own.isdisjoint(each.id for each in person.specialties), person.id))


async def welcomed(post: Post, message: OutboxMessage, result: Any) -> None:
    """A card that was newly sent is pinned, silently. Where the bot may not, it stands unpinned; nobody is bothered."""
    if message.state is OutboxState.SENT and isinstance(result, dict) and "edit_date" not in result and message.message_id is not None:
        await post.call("pinChatMessage", {"message_id": message.message_id, "disable_notification": True}, chat_id=message.chat_id)
