"""Records that are missing: whoever keeps one is reminded, later the office is told."""

from __future__ import annotations

from handlers.journey import Due, Journey
from handlers.post import Post
from handlers.record_card import keepers_of, opening
from models.invitations import activity_by_id
from models.people import Role, people_with
from models.record_chasing import next_chase_at, records_overdue, records_to_chase
from models.records import begun_record


async def chase(post: Post) -> None:
    """Each once; after a record was sent back, once more."""
    for activity in await records_to_chase(post.session, post.policy, now=post.now):
        kept = await begun_record(post.session, await activity_by_id(post.session, activity.id), now=post.now)
        kept.chased_at = post.now
        for person in await keepers_of(post, activity, kept):
            await post.tell(person, "record/missing", keyboard=opening(activity), activity=activity)
    for activity in await records_overdue(post.session, post.policy, now=post.now):
        kept = await begun_record(post.session, await activity_by_id(post.session, activity.id), now=post.now)
        kept.office_told_at = post.now
        keepers = await keepers_of(post, activity, kept)
        for person in await people_with(post.session, Role.OFFICE):
            await post.tell(person, "record/overdue", keyboard=opening(activity), activity=activity, keepers=[k.name for k in keepers])


JOURNEY = Journey(due=(Due(chase, next_chase_at),))
