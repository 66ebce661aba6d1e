"""A circle ends: its people are told, its link and topic close, its open issues go elsewhere, and what it was stays on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from telegram import Update

from handlers.circle_group_card import refresh_group_card
from handlers.circle_issues import share_where_missing
from handlers.circle_links import take_out, void_link
from handlers.circle_place import place_of_circle
from handlers.circle_presses import CircleAct, CirclePress, RetirePress
from handlers.circle_screens import back_to
from handlers.context import HomeContext
from handlers.issue_circle_card import leave_in_circle, show_circle_card
from handlers.issue_places import circles_of_issue
from handlers.issue_sharing import pass_on
from handlers.journey import Journey
from handlers.keyboards import Button, rows
from handlers.long_texts import shortened
from handlers.post import Post
from handlers.texts import t
from models.circle_groups import memberships_in
from models.circle_upkeep import (
    activities_for,
    circles_in_use,
    give_specialties,
    live_issues_of,
    require_in_use,
    retire_circle,
    specialties_left_alone,
)
from models.circles import Chat, Circle, members_of
from models.issues import Issue, issue_by_id
from models.outbox import Lane
from models.people import Person, Role
from models.rules import Gone

LISTED = 15
BEGINNING = 24
CHOICES = 40


@dataclass
class Moved:
    """Where a circle's open issues went: numbers by the names of the circles that show them, ``""`` for none."""

    by_circle: dict[str, list[str]] = field(default_factory=dict)

    def note(self, issue: Issue, circles: Sequence[Circle]) -> None:
        for name in [circle.name for circle in circles] or [""]:
            self.by_circle.setdefault(name, []).append(issue.number or "")


async def retire(update: Update, context: HomeContext) -> None:
    """First what would follow, and who takes the open issues; then one tap does it."""
    press = RetirePress.unpack(context.pressed)
    context.person.require(Role.OFFICE)
    circle = await context.session.get(Circle, press.circle)
    if circle is None:
        raise Gone
    require_in_use(circle)
    alone = await specialties_left_alone(context.session, circle)
    homeless = await live_issues_of(context.session, [each.id for each in alone])
    if not press.sure:
        await _ask(context, circle, homeless)
        return
    successor = await context.session.get(Circle, press.to) if press.to else None
    if press.to and (successor is None or not successor.lives or successor.id == circle.id):
        raise Gone
    await _carry_out(context, circle, successor)


async def _ask(context: HomeContext, circle: Circle, homeless: Sequence[Issue]) -> None:
    issues = await live_issues_of(context.session, [each.id for each in circle.specialties])
    if homeless:
        others = [each for each in await circles_in_use(context.session) if each.lives and each.id != circle.id][:CHOICES]
        choices = [Button(t("circles.hand_over_to", name=each.name), RetirePress(circle.id, 1, each.id)) for each in others]
        keyboard = [*rows(choices, 2), [Button(t("circles.hand_over_to_nobody"), RetirePress(circle.id, 1))]]
    else:
        keyboard = [[Button(t("circles.retire_sure"), RetirePress(circle.id, 1))]]
    await context.show(
        "circles/ask_retire",
        keyboard=[*keyboard, [back_to(circle)]],
        circle=circle,
        members=len(await members_of(context.session, circle)),
        issues=[(issue, shortened(" ".join(issue.shared_text.split()), BEGINNING)) for issue in issues[:LISTED]],
        count=len(issues),
        homeless=len(homeless),
        activities=[activity.title for activity in await activities_for(context.session, circle, now=context.now)],
    )


async def _carry_out(context: HomeContext, circle: Circle, successor: Circle | None) -> None:
    post, chat, thread = context.post, circle.chat, circle.thread_id
    specialty_ids = [each.id for each in circle.specialties]
    alone = [each.id for each in await specialties_left_alone(context.session, circle)]
    issues = [await issue_by_id(context.session, found.id) for found in await live_issues_of(context.session, specialty_ids)]
    place = place_of_circle(circle, post.policy.languages[0]) if circle.lives else None
    name = circle.name
    if place is not None:
        for issue in issues:
            await leave_in_circle(post, issue, circle)
        await post.tell(place, "circles/goodbye", name=name, successor=successor)
    await void_link(post, circle, for_good=True)
    members = await retire_circle(context.session, circle, context.person, now=context.now)
    if successor is not None and alone:
        wanted = {*(each.id for each in successor.specialties), *alone}
        await give_specialties(context.session, successor, wanted, context.person, now=context.now)
    moved = await _send_elsewhere(post, issues)
    if place is not None and thread is not None:
        await post.call("closeForumTopic", {"message_thread_id": thread}, chat_id=place.chat_id, subject=f"retired:{circle.id}")
    for person in members:
        await _tell_member(post, person, name, chat, in_topic=thread is not None)
    if chat is not None:
        await refresh_group_card(post, chat)
    await context.show(
        "circles/retire_done",
        keyboard=[[Button(t("circles.back"), CirclePress(CircleAct.LIST))]],
        name=name,
        members=len(members),
        moved=moved.by_circle,
        title=chat.title if chat is not None and thread is None else None,
    )


async def _send_elsewhere(post: Post, issues: Sequence[Issue]) -> Moved:
    """Each open issue is shown by the circles it has now; one without any goes on with the specialists alone. Its deputy is told."""
    moved, by_deputy = Moved(), dict[int, tuple[Person, Moved]]()
    for issue in issues:
        await share_where_missing(post, issue)
        circles = await circles_of_issue(post, issue)
        await show_circle_card(post, issue)
        if not circles:
            await pass_on(post, issue, None)
        moved.note(issue, circles)
        by_deputy.setdefault(issue.deputy_id, (issue.deputy, Moved()))[1].note(issue, circles)
    for deputy, own in by_deputy.values():
        if deputy.active:
            await post.tell(deputy, "circles/issues_moved", lane=Lane.NOTICE, moved=own.by_circle)
    return moved


async def _tell_member(post: Post, person: Person, name: str, chat: Chat | None, *, in_topic: bool) -> None:
    """Out of a forum group they go unless another circle keeps them; a group of the circle's own stays as it is."""
    leaves = chat is not None and in_topic and not await memberships_in(post.session, person, chat.id)
    title = chat.title if chat is not None and leaves else None
    await post.tell(person, "circles/retired_told", lane=Lane.NOTICE, name=name, title=title)
    if chat is not None and leaves:
        await take_out(post, person, chat)


JOURNEY = Journey(presses={RetirePress: retire})
