"""What waited too long for its circle goes to the members in private, as it was, and no longer into the circle: nobody gets it twice."""

from __future__ import annotations

from sqlalchemy import select

from handlers.post import Place, Post
from models.announcements import AnnouncementPost, AnnouncementRecipient
from models.audit import record
from models.circles import Circle
from models.invitations import Delivery
from models.issues import Issue, IssueState
from models.lost_places import is_news, members_on_telegram, told_elsewhere, waited_too_long
from models.outbox import Lane, OutboxMessage, OutboxState, settle
from models.people import Person
from models.referrals import referrals_of

ONLY_THERE = ("welcome",)
"""What has no meaning outside of the circle's place."""


async def tell_members_instead(post: Post) -> None:
    """Everything that has waited longer than the policy says."""
    headed: set[tuple[int, int]] = set()
    for message in await waited_too_long(post.session, after=post.policy.circle_waits, now=post.now):
        circle = await post.session.get(Circle, message.circle_id) if message.circle_id is not None else None
        word = (message.subject or "").split(":")[0]
        homeless = circle is None or circle.chat_id != message.chat_id
        if word in ONLY_THERE and not homeless:
            continue
        for_all = circle is not None and word not in ONLY_THERE and is_news(message)
        readers = await _readers(post, circle, message) if circle is not None and for_all else []
        for person in readers:
            assert circle is not None
            if (circle.id, person.id) not in headed:
                headed.add((circle.id, person.id))
                await post.tell(person, "circles/instead", lane=Lane.NOTICE, name=circle.name)
            await _pass_on(post, message, person, circle)
        settle(message, OutboxState.SUPERSEDED, now=post.now, error=message.error)
        if circle is not None:
            record(
                post.session, None, "circle.told_in_private", f"circle:{circle.id}", now=post.now, message=message.id, people=len(readers)
            )


def aside(message: OutboxMessage) -> str | None:
    """What a member's own copy is about; a reply to one about an issue finds its thread."""
    word, *rest = (message.subject or "").split(":")
    return f"aside:{rest[0]}:{rest[1]}" if word == "circled" else None


async def _readers(post: Post, circle: Circle, message: OutboxMessage) -> list[Person]:
    """The members who do not have it by another way."""
    members = await members_on_telegram(post.session, circle)
    word, id, *_ = [*(message.subject or "").split(":"), ""]
    if word == "circled":
        issue = await post.session.get(Issue, int(id))
        if issue is None or issue.state is IssueState.WITHDRAWN:
            return []
        asked = {issue.deputy_id, *(referral.person_id for referral in await referrals_of(post.session, issue))}
        told = await told_elsewhere(post.session, f"aside:{id}", aside(message) or "")
        return [person for person in members if person.id not in asked and person.telegram_id not in told]
    if word in ("announcement_post", "announcement_post_more"):
        there = await post.session.get(AnnouncementPost, int(id))
        if there is None:
            return []
        there.delivery = Delivery.UNREACHABLE if there.posted_at is None else there.delivery
        reached = AnnouncementRecipient.delivery.in_((Delivery.REACHED, Delivery.ON_THE_WAY))
        have = select(AnnouncementRecipient.person_id).where(AnnouncementRecipient.announcement_id == there.announcement_id, reached)
        known = set(await post.session.scalars(have))
        return [person for person in members if person.id not in known]
    return list(members)


async def _pass_on(post: Post, message: OutboxMessage, person: Person, circle: Circle) -> None:
    """The same call, into a private chat. A card is a message there that stays as it is."""
    params = {name: value for name, value in message.params.items() if name != "message_thread_id"}
    method = message.method
    if method == "card":
        method = "sendMessage"
        if not params["reply_markup"]["inline_keyboard"]:
            del params["reply_markup"]
    await post.queue(
        Place(person.telegram_id or 0, person.language),
        method,
        params,
        lane=Lane.NOTICE,
        subject=aside(message),
        attachment=message.attachment,
    )
