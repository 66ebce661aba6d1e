"""What the office hears of a circle that cannot be spoken to: once, with what to do; and on the same card that it is mended."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from handlers.menu import BACK_TO_MENU
from handlers.post import Post
from models.circles import Circle, Loss
from models.lost_places import GROUP_LOST
from models.outbox import Card
from models.people import Role, people_with


def loss_key(circle: Circle, loss: Loss) -> str:
    """The card of a loss: one for a group, or for the topic of one circle. That of a removal is the card about the group."""
    if loss is Loss.REMOVED:
        return f"group:{circle.chat_id}"
    return f"lost:{circle.chat_id}" if loss in GROUP_LOST else f"losttopic:{circle.id}"


async def tell_loss(post: Post, circles: Sequence[Circle], loss: Loss, *, needs_right: bool = False) -> None:
    """Tell the office what is lost and how to mend it."""
    chat = circles[0].chat
    for person in await people_with(post.session, Role.OFFICE):
        await post.card(
            loss_key(circles[0], loss),
            person,
            "circles/lost",
            keyboard=[[BACK_TO_MENU]],
            afresh=True,
            loss=loss.value,
            mend="topic_right" if needs_right else loss.value,
            title=chat.title if chat is not None else "",
            names=[circle.name for circle in circles],
            waits=post.policy.circle_waits,
        )


async def tell_mended(post: Post, circle: Circle, loss: Loss) -> None:
    """The card says so where it stands: nobody need be disturbed for that."""
    key, chat = loss_key(circle, loss), circle.chat
    for person in await people_with(post.session, Role.OFFICE):
        if loss is Loss.REMOVED and chat is not None and person.id == chat.added_by_id:
            continue  # the card is about what to do with the group again
        stands = select(Card.id).where(Card.key == key, Card.chat_id == person.telegram_id)
        if await post.session.scalar(stands) is not None:
            title = chat.title if chat is not None else ""
            await post.card(key, person, "circles/mended", loss=loss.value, title=title, name=circle.name)
