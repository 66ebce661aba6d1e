"""A person's command list follows their roles, also where no update of theirs is at hand."""

from __future__ import annotations

from handlers.menu import Menu, withdraw_commands
from handlers.post import Post
from models.people import Person


async def commands_follow(post: Post, person: Person) -> None:
    """Show the commands of the roles held now; none to somebody who is no longer on the roster."""
    if person.telegram_id is None:
        return
    if not person.active:
        await withdraw_commands(post, person.telegram_id)
        return
    from handlers.registry import JOURNEYS  # it knows this module by one of its journeys, and is whole by the time somebody acts

    await Menu([entry for journey in JOURNEYS for entry in journey.entries]).publish(post, person)
