"""A change of what somebody may do: they hear of it, and their command list follows at once."""

from __future__ import annotations

from handlers.menu import Menu
from handlers.post import Post
from handlers.texts import T, t
from models.forms import close_form
from models.outbox import Lane
from models.people import Person, Role


async def tell_roles_changed(post: Post, menu: Menu, person: Person, before: frozenset[Role]) -> None:
    """Call it once the roles are what they shall be; ``before`` is what they were. Nothing is said where nothing changed.

    What the roles allow counts from this moment in any case, since every press and message is held against the table anew.
    """
    given, taken = person.roles - before, before - person.roles
    if taken:  # whatever they were in the middle of belonged to a role they may have lost
        await close_form(post.session, person.id)
    if given or taken:
        names, notice = _named(person.roles), Lane.NOTICE
        await post.tell(person, "roster/roles_changed", lane=notice, given=_named(given), taken=_named(taken), names=names)
        await menu.publish(post, person)


def _named(roles: frozenset[Role]) -> list[T]:
    return [t(f"role.{role}") for role in Role if role in roles]
