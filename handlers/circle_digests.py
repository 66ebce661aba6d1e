"""A circle's week on Monday morning: what came in, what was answered, what waits longest, and thanks to those who advised."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from handlers.circle_commands import links_to_cards
from handlers.circle_place import place_of_circle
from handlers.circle_welcome import ways_in
from handlers.journey import Due, Journey
from handlers.long_texts import shortened
from handlers.post import Post
from models.audit import record
from models.circle_digests import CircleDigest, digests_due, next_digest, week_of
from models.circles import Circle
from models.issues import Issue
from models.outbox import Lane

LISTED, TEXT, NAMES = 8, 30, 30


async def tell_digests(post: Post) -> None:
    """Every circle in whose week something happened; one that is lost for now gets it when it is back."""
    for circle, digest in await digests_due(post.session, post.policy, now=post.now):
        if not circle.awaits_topic:
            await _tell(post, circle, digest)


async def _tell(post: Post, circle: Circle, digest: CircleDigest) -> None:
    week = await week_of(post.session, circle, digest.monday, post.policy)
    if not week.eventful:
        return
    digest.told = True
    record(post.session, None, "circle.digest", f"circle:{circle.id}", now=post.now, week=str(digest.monday))
    links = await links_to_cards(post, circle, [*week.shared, *week.waiting])
    zone = post.policy.timezone

    def lines(issues: Sequence[Issue]) -> list[tuple[Issue, str, str, int]]:
        return [
            (issue, links.get(issue.id, ""), shortened(" ".join(issue.shared_text.split()), TEXT), (post.now - issue.confirmed_at).days)
            for issue in issues
            if issue.confirmed_at is not None
        ]

    await post.tell(
        place_of_circle(circle, post.policy.languages[0]),
        "circles/digest",
        keyboard=ways_in(post),
        lane=Lane.NOTICE,
        subject=f"digest:{circle.id}:{digest.monday}",
        name=circle.name,
        since=datetime.combine(week.monday, time(12), zone),
        until=datetime.combine(week.monday + timedelta(days=6), time(12), zone),
        shared=lines(week.shared[:LISTED]),
        shared_in_all=len(week.shared),
        answered=len(week.answered),
        closed=week.closed,
        waiting=lines(week.waiting),
        waiting_in_all=week.waiting_in_all,
        advisers=week.advisers[:NAMES],
    )


JOURNEY = Journey(due=(Due(tell_digests, next_digest),))
