"""Telling those whom a change of the roster concerns: new roles with the new menu, ways into circles, and out of them."""

from __future__ import annotations

from handlers.circle_links import offer_links, tell_of_leaving
from handlers.menu import Menu
from handlers.post import Post
from handlers.role_news import tell_roles_changed
from models.roster_changes import Concerned


async def tell_changed(post: Post, menu: Menu, concerned: Concerned) -> None:
    """Everybody hears once, and only of what concerns them."""
    for changed in concerned.roles_changed:
        before = changed.person.roles - {*changed.given} | {*changed.taken}
        await tell_roles_changed(post, menu, changed.person, before)
    for person in concerned.speaks_otherwise:
        await menu.publish(post, person)
    for person in concerned.new_in_circles:
        await offer_links(post, person)
    await tell_of_leaving(post, concerned.out_of)
