"""Telling those whom a change of the roster concerns: new roles with the new menu, ways into circles, and out of them."""

from __future__ import annotations

from typing import Any

from handlers.circle_links import offer_links, tell_of_leaving
from handlers.menu import Menu
from handlers.post import Post
from handlers.texts import t
from models.forms import close_form
from models.outbox import Lane
from models.people import Role
from models.roster_changes import Concerned, RolesChanged


async def tell_changed(post: Post, menu: Menu, concerned: Concerned) -> None:
    """Everybody hears once, and only of what concerns them."""
    for changed in concerned.roles_changed:
        await _tell_roles(post, menu, changed)
    for person in concerned.speaks_otherwise:
        await menu.publish(post, person)
    for person in concerned.new_in_circles:
        await offer_links(post, person)
    await tell_of_leaving(post, concerned.out_of)


async def _tell_roles(post: Post, menu: Menu, changed: RolesChanged) -> None:
    """In plain words, and the command list with it; whatever they were in the middle of belonged to a role they may have lost."""
    person = changed.person
    if changed.taken:
        await close_form(post.session, person.id)
    if person.telegram_id is None or not (changed.given or changed.taken):
        return
    words: dict[str, Any] = {
        "given": [t(f"role.{role}") for role in changed.given],
        "taken": [t(f"role.{role}") for role in changed.taken],
        "names": [t(f"role.{role}") for role in Role if role in person.roles],
    }
    await post.tell(person, "roster/roles_changed", lane=Lane.NOTICE, **words)
    await menu.publish(post, person)
