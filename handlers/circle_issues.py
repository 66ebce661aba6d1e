"""Which circles show an issue changes when circles get other specialties or end: its card follows."""

from __future__ import annotations

from collections.abc import Collection

from handlers.issue_circle_card import show_circle_card, take_away_elsewhere
from handlers.issue_places import circle_key, circles_of_issue
from handlers.issue_sharing import share_in
from handlers.post import Post
from models.circle_upkeep import live_issues_of
from models.issues import Issue, issue_by_id
from models.outbox import card_exists


async def follow_specialties(post: Post, specialty_ids: Collection[int]) -> None:
    """These specialties lead to other circles now: their open issues go where they are missing, and leave where they do not belong."""
    if not specialty_ids:
        return
    for found in await live_issues_of(post.session, specialty_ids):
        issue = await issue_by_id(post.session, found.id)
        await take_away_elsewhere(post, issue)
        await share_where_missing(post, issue)
        await show_circle_card(post, issue)


async def share_where_missing(post: Post, issue: Issue) -> list[str]:
    """Into every circle of the issue that has no card of it yet; gives the names of those."""
    names = []
    for circle in await circles_of_issue(post, issue):
        if not await card_exists(post.session, circle_key(issue, circle), circle.chat_id):
            await share_in(post, issue, circle)
            names.append(circle.name)
    return names
