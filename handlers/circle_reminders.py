"""Who has the link and has not come in is reminded: once a week, three times at most (defaults)."""

from __future__ import annotations

from collections import defaultdict

from handlers.circle_links import show_link
from handlers.journey import Due, Journey
from handlers.post import Post
from models.circle_reminders import due_to_remind, next_reminder_at, put_off, reminded
from models.circles import Circle, CircleMember
from models.people import Person


async def remind(post: Post) -> None:
    """One message a person and group, whichever of its circles are meant. Who cannot come in or be reached now is asked later."""
    by_group: dict[tuple[int, int | None], list[tuple[CircleMember, Person, Circle]]] = defaultdict(list)
    for membership, person in await due_to_remind(post.session, post.policy, now=post.now):
        circle = await post.session.get_one(Circle, membership.circle_id)
        by_group[person.id, circle.chat_id].append((membership, person, circle))
    for own in by_group.values():
        person, chat = own[0][1], own[0][2].chat
        link = next((circle.invite_link for _, _, circle in own if circle.invite_link is not None), None)
        reachable = person.telegram_id is not None and person.unreachable_since is None
        if chat is None or link is None or not own[0][2].lives or not reachable:
            for membership, _, _ in own:
                put_off(membership, post.policy.circle_reminder, now=post.now)
            continue
        for membership, _, _ in own:
            reminded(membership, post.policy, now=post.now)
        await show_link(post, person, chat, [circle.name for _, _, circle in own], link, again=True)


JOURNEY = Journey(due=(Due(remind, next_reminder_at),))
