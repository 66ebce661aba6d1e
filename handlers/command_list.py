"""A person's command list follows their roles, also where no update of theirs is at hand."""

from __future__ import annotations

from handlers.menu import Menu
from handlers.permissions import the_table
from handlers.post import Post
from models.people import Person


async def commands_follow(post: Post, person: Person) -> None:
    """Show the commands of the roles held now; none to somebody who is no longer on the roster."""
    from handlers.registry import JOURNEYS  # it knows this module by one of its journeys, and is whole by the time somebody acts

    await Menu([entry for journey in JOURNEYS for entry in journey.entries], the_table()).publish(post, person)
