"""Three alike in a month: one card for the office, which grows with the group; what is decided is told to the deputies concerned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.keyboards import Button, Press
from handlers.long_texts import shortened
from handlers.menu import BACK_TO_MENU
from handlers.post import Post
from handlers.suggestion_card import show_suggestion
from handlers.suggestion_cosigning import show_whole_text
from handlers.suggestion_draft import begin_draft
from handlers.texts import t
from models.alike import (
    AlikeGroup,
    Decision,
    alike_by_id,
    begun_of,
    decide_alike,
    group_of,
    inspection_topics,
    join_alike,
    joint_draft,
    joint_with,
    take_back_decision,
)
from models.issues import Issue, issue_by_id
from models.likeness import remember
from models.people import Role, people_with
from models.rules import Gone
from models.suggestion_drafts import offer_to_cosign, suggestion_by_id

LISTED, LINE = 12, 90


@dataclass(frozen=True)
class AlikePress(Press):
    """What the office makes of them; ``OPEN`` takes a decision back."""

    prefix: ClassVar[str] = "al"
    group_id: int
    decision: Decision


@dataclass(frozen=True)
class JointPress(Press):
    """Write the joint suggestion, beginning with one's own issue."""

    prefix: ClassVar[str] = "aj"
    issue_id: int


@dataclass(frozen=True)
class JoinPress(Press):
    """Co-sign the joint suggestion that another has begun."""

    prefix: ClassVar[str] = "ao"
    draft_id: int


async def came_in(post: Post, issue: Issue) -> None:
    """A newly shared issue can be found from now on, and may make the third of its kind."""
    await remember(post.session, issue)
    group = await join_alike(post.session, issue, post.policy, now=post.now)
    if group is None:
        return
    await _show_office(post, group)
    if group.decision is not Decision.OPEN:
        await _tell(post, group, issue)


async def _show_office(post: Post, group: AlikeGroup) -> None:
    begun = await begun_of(post.session, group)
    choices = (Decision.JOINT, Decision.INSPECTION, Decision.NOT_ALIKE) if group.decision is Decision.OPEN else (Decision.OPEN,)
    for person in await people_with(post.session, Role.OFFICE):
        await post.card(
            f"alike:{group.id}",
            person,
            "outcomes/alike",
            keyboard=[[Button(t(f"alike.do.{choice}"), AlikePress(group.id, choice))] for choice in choices] if begun is None else [],
            group=group,
            begun=begun,
            within=post.policy.alike_within,
            issues=[(issue, shortened(issue.shared_text.replace("\n", " "), LINE)) for issue in group.issues[-LISTED:]],
        )


async def decide(update: Update, context: HomeContext) -> None:
    """The office's tap; a second one hears who was first."""
    pressed = AlikePress.unpack(context.pressed)
    group = await alike_by_id(context.session, pressed.group_id)
    if pressed.decision is Decision.OPEN:
        await _take_back(context, group)
        return
    await decide_alike(context.session, group, context.person, pressed.decision, now=context.now)
    await _show_office(context.post, group)
    if pressed.decision is not Decision.NOT_ALIKE:
        for issue in _one_each(group):
            await _tell(context.post, group, issue)


async def _take_back(context: HomeContext, group: AlikeGroup) -> None:
    """It was a slip, or was thought better of: the deputies who were told hear of that too."""
    decided = await take_back_decision(context.session, group, context.person, now=context.now)
    await _show_office(context.post, group)
    for issue in _one_each(group) if decided is not Decision.NOT_ALIKE else []:
        if issue.deputy.serves:
            text = t(f"alike.taken_back_{decided}", issue=issue.number)
            await context.post.tell(issue.deputy, "plain", subject=f"issue:{issue.id}", text=text)
    await context.toast(t("alike.taken_back_toast"))


def _one_each(group: AlikeGroup) -> list[Issue]:
    """One issue of each of the deputies concerned, the earliest."""
    return list({issue.deputy_id: issue for issue in reversed(group.issues)}.values())


async def _tell(post: Post, group: AlikeGroup, issue: Issue) -> None:
    """Tell one of the deputies concerned, who may begin the joint suggestion."""
    if not issue.deputy.serves:
        return
    begin = [Button(t("alike.do.begin"), JointPress(issue.id))] if group.decision is Decision.JOINT else []
    others = [other for other in group.issues if other.id != issue.id][-LISTED:]
    await post.tell(
        issue.deputy, "outcomes/alike_told", keyboard=[begin], subject=f"issue:{issue.id}", group=group, issue=issue, others=others
    )


async def begin_joint(update: Update, context: HomeContext) -> None:
    """One of the deputies writes it; whoever comes later hears who does, and can co-sign."""
    pressed = JointPress.unpack(context.pressed)
    issue = await issue_by_id(context.session, pressed.issue_id)
    issue.require_home(context.person)
    draft = await joint_draft(context.session, issue, context.person)
    if draft is None:
        await begin_draft(context.post, issue)
        if (group := await group_of(context.session, issue)) is not None:
            await _show_office(context.post, group)
    elif draft.lead_id == context.person.id:
        await show_suggestion(context.post, draft, afresh=True)
    else:
        await context.reply("outcomes/alike_begun", keyboard=[[Button(t("alike.do.join"), JoinPress(draft.id))]], draft=draft)


async def join_joint(update: Update, context: HomeContext) -> None:
    """The whole text comes, to be read before it is co-signed; its lead sees who has come forward."""
    pressed, person = JoinPress.unpack(context.pressed), context.person
    draft = await suggestion_by_id(context.session, pressed.draft_id)
    if person.id not in {issue.deputy_id for issue in await joint_with(context.session, draft.issue)}:
        raise Gone
    row = offer_to_cosign(context.session, draft, person, now=context.now)
    await context.session.flush()
    await show_whole_text(context.post, draft, row)
    await show_suggestion(context.post, draft)


async def list_topics(update: Update, context: HomeContext) -> None:
    """``/topics``: what may be inspected."""
    context.person.require(Role.OFFICE)
    await context.show("outcomes/topics", keyboard=[[BACK_TO_MENU]], topics=await inspection_topics(context.session))


JOURNEY = Journey(
    entries=(Entry("topics", list_topics),),
    presses={AlikePress: decide, JointPress: begin_joint, JoinPress: join_joint},
)
