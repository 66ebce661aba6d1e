"""Who can be reached: noted when Telegram says so, and the office sees one card of all who cannot."""

from __future__ import annotations

from sqlalchemy import select

from handlers.post import Post
from models.people import Person, Role, people_with


async def note_unreachable(post: Post, person: Person) -> None:
    """Telegram will not bring this person anything; they stay on the roster, and the office is told once."""
    if person.unreachable_since is None:
        person.unreachable_since = post.now
        await _show_office(post)


async def note_reachable(post: Post, person: Person) -> None:
    """The person is back."""
    if person.unreachable_since is not None:
        person.unreachable_since = None
        await _show_office(post)


async def _show_office(post: Post) -> None:
    await post.session.flush()
    lost = (
        await post.session.scalars(
            select(Person).where(Person.active, Person.unreachable_since.is_not(None)).order_by(Person.unreachable_since, Person.id)
        )
    ).all()
    for office in await people_with(post.session, Role.OFFICE):
        if office.unreachable_since is None:
            await post.card("unreachable", office, "people/unreachable", people=lost[:30], more=len(lost[30:]))
