"""A change of what somebody may do: they hear of it, and their command list follows at once."""

from __future__ import annotations

from handlers.menu import Menu
from handlers.post import Post
from handlers.texts import T, t
from models.outbox import Lane
from models.people import Person, Role


async def tell_roles_changed(post: Post, menu: Menu, person: Person, before: frozenset[Role]) -> None:
    """Call it once the roles are what they shall be; ``before`` is what they were. Nothing is said where nothing changed.

    What the roles allow counts from this moment in any case, since every press and message is held against the table anew.
    """
    if person.roles == before:
        return
    await post.tell(
        person,
        "roster/roles_changed",
        lane=Lane.NOTICE,
        given=_named(person.roles - before),
        taken=_named(before - person.roles),
        now=_named(person.roles),
    )
    await menu.publish(post, person)


def _named(roles: frozenset[Role]) -> list[T]:
    return [t(f"role.{role}") for role in Role if role in roles]
