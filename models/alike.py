"""Several issues alike within a month: the office decides whether they make a joint suggestion, an inspection topic, or are not alike."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.issues import Issue, IssueState
from models.like_links import Verdict, judge, linked_to, links_among
from models.likeness import ALIKE
from models.people import Person, Role
from models.policy import Policy
from models.rules import Gone, RuleBroken
from models.suggestion_drafts import SuggestionDraft, first_sentence

TITLE_LIMIT = 60


class Decision(enum.StrEnum):
    OPEN = "open"
    JOINT = "joint"
    INSPECTION = "inspection"
    NOT_ALIKE = "not_alike"


class AlreadyDecided(RuleBroken):
    """A colleague of the office was quicker."""

    key = "alike.already_decided"


class JointBegun(RuleBroken):
    """Somebody is writing the joint suggestion: what was proposed cannot be taken back."""

    key = "alike.joint_begun"


class AlikeGroup(Base):
    """Issues that came in within a month and look alike."""

    __tablename__ = "alike_groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    decision: Mapped[Decision] = mapped_column(default=Decision.OPEN)
    found_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]

    decided_by: Mapped[Person | None] = relationship(lazy="selectin")
    members: Mapped[list[AlikeMember]] = relationship(lazy="selectin", order_by="AlikeMember.id", cascade="all, delete-orphan")

    @property
    def issues(self) -> list[Issue]:
        """Without those withdrawn since, which are nobody else's any more."""
        return [member.issue for member in self.members if member.issue.state is not IssueState.WITHDRAWN]


class AlikeMember(Base):
    __tablename__ = "alike_members"
    __table_args__ = (UniqueConstraint("issue_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("alike_groups.id"), index=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"))
    joined_at: Mapped[datetime]

    issue: Mapped[Issue] = relationship(lazy="selectin")


class InspectionTopic(Base):
    """A matter worth an inspection tour (视察课题); an activity may grow from it."""

    __tablename__ = "inspection_topics"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(TITLE_LIMIT))
    group_id: Mapped[int] = mapped_column(ForeignKey("alike_groups.id"), unique=True)
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    proposed_at: Mapped[datetime]

    group: Mapped[AlikeGroup] = relationship(lazy="selectin")
    proposed_by: Mapped[Person] = relationship(lazy="selectin")


async def join_alike(session: AsyncSession, issue: Issue, policy: Policy, *, now: datetime) -> AlikeGroup | None:
    """Put a newly shared issue to its like; gives the group that began or grew by it. Those found not alike are left alone."""
    since = now - policy.alike_within
    near = await linked_to(session, [issue.id], at_least=ALIKE, since=since)
    placed = await _groups_of(session, near)
    group = min((group for group in placed.values() if group.decision is not Decision.NOT_ALIKE), key=lambda group: group.id, default=None)
    if group is not None:
        _add(group, issue, now)
        await session.flush()
        record(session, None, "alike.grown", f"alike:{group.id}", now=now, issue=issue.id)
        return group
    free = near - placed.keys()
    further = await linked_to(session, sorted({issue.id, *free}), at_least=ALIKE, since=since) if free else set()
    together = {issue.id, *free, *(further - (await _groups_of(session, further)).keys())}
    if len(together) < policy.alike_count:
        return None
    group = AlikeGroup(found_at=now, decided_by=None, members=[], decision=Decision.OPEN)
    session.add(group)
    for member in await session.scalars(select(Issue).where(Issue.id.in_(together)).order_by(Issue.id)):
        _add(group, member, now)
    await session.flush()
    record(session, None, "alike.found", f"alike:{group.id}", now=now, issues=sorted(together))
    return group


def _add(group: AlikeGroup, issue: Issue, now: datetime) -> None:
    group.members.append(AlikeMember(issue=issue, issue_id=issue.id, joined_at=now))


async def _groups_of(session: AsyncSession, issue_ids: set[int]) -> dict[int, AlikeGroup]:
    members = (await session.scalars(select(AlikeMember).where(AlikeMember.issue_id.in_(issue_ids)))).all()
    groups = {member.group_id: await session.get_one(AlikeGroup, member.group_id) for member in members}
    return {member.issue_id: groups[member.group_id] for member in members}


async def decide_alike(session: AsyncSession, group: AlikeGroup, office: Person, decision: Decision, *, now: datetime) -> None:
    """What the issues make. Their links are kept as confirmed or rejected.

    Raises NotAllowed, AlreadyDecided, Gone where all were withdrawn.
    """
    office.require(Role.OFFICE)
    if group.decision is not Decision.OPEN:
        raise AlreadyDecided(name=group.decided_by.name if group.decided_by is not None else "")
    if not group.issues:
        raise Gone
    group.decision, group.decided_by, group.decided_at = decision, office, now
    verdict = Verdict.NOT_ALIKE if decision is Decision.NOT_ALIKE else Verdict.ALIKE
    for link in await links_among(session, [issue.id for issue in group.issues]):
        if link.verdict not in (Verdict.NOT_ALIKE, verdict):  # what was rejected is not asked again
            judge(session, link, office, verdict, now=now)
    if decision is Decision.INSPECTION:
        title = first_sentence(group.issues[0].shared_text)[:TITLE_LIMIT]
        session.add(InspectionTopic(title=title, group=group, group_id=group.id, proposed_by=office, proposed_at=now))
    await session.flush()
    record(session, office, f"alike.{decision}", f"alike:{group.id}", now=now)


async def take_back_decision(session: AsyncSession, group: AlikeGroup, office: Person, *, now: datetime) -> Decision:
    """Undecided again, as long as nothing was built on it; gives what had been decided. Links are as they were found.

    Raises NotAllowed, Gone where nothing is decided, JointBegun.
    """
    office.require(Role.OFFICE)
    decided = group.decision
    if decided is Decision.OPEN:
        raise Gone
    draft = await begun_of(session, group)
    if draft is not None:
        raise JointBegun(name=draft.lead.name)
    for link in await links_among(session, [member.issue_id for member in group.members]):
        if (link.decided_by_id, link.decided_at) == (group.decided_by_id, group.decided_at):
            link.verdict, link.decided_by_id, link.decided_at = Verdict.FOUND, None, None
    await session.execute(delete(InspectionTopic).where(InspectionTopic.group_id == group.id))
    group.decision, group.decided_by, group.decided_at = Decision.OPEN, None, None
    await session.flush()
    record(session, office, "alike.taken_back", f"alike:{group.id}", now=now, decided=decided.value)
    return decided


async def begun_of(session: AsyncSession, group: AlikeGroup) -> SuggestionDraft | None:
    """The suggestion that one of the deputies has begun since the office proposed it."""
    if group.decision is not Decision.JOINT or group.decided_at is None:
        return None
    since = (SuggestionDraft.issue_id.in_([issue.id for issue in group.issues]), SuggestionDraft.created_at >= group.decided_at)
    found: SuggestionDraft | None = await session.scalar(select(SuggestionDraft).where(*since).order_by(SuggestionDraft.id).limit(1))
    return found


async def alike_by_id(session: AsyncSession, id: int) -> AlikeGroup:
    """The group, locked. Raises Gone."""
    query = select(AlikeGroup).where(AlikeGroup.id == id).with_for_update(of=AlikeGroup).execution_options(populate_existing=True)
    group: AlikeGroup | None = await session.scalar(query)
    if group is None:
        raise Gone
    return group


async def group_of(session: AsyncSession, issue: Issue) -> AlikeGroup | None:
    """The group an issue is in, locked."""
    group = (await _groups_of(session, {issue.id})).get(issue.id)
    return await alike_by_id(session, group.id) if group is not None else None


async def joint_with(session: AsyncSession, issue: Issue) -> list[Issue]:
    """The issues that the office proposes to make one suggestion with this one."""
    group = (await _groups_of(session, {issue.id})).get(issue.id)
    if group is None or group.decision is not Decision.JOINT or issue.state is IssueState.WITHDRAWN:
        return []
    return [other for other in group.issues if other.id != issue.id]


async def joint_draft(session: AsyncSession, issue: Issue, person: Person) -> SuggestionDraft | None:
    """The suggestion that this or another deputy of the group has begun; None while it is anybody's to begin.

    The group is locked, since two may begin at once. Raises Gone where no joint suggestion is proposed.
    """
    await group_of(session, issue)
    others = await joint_with(session, issue)
    if not others:
        raise Gone
    begun = select(SuggestionDraft).where(SuggestionDraft.issue_id.in_([issue.id, *(other.id for other in others)]))
    drafts = [draft for draft in await session.scalars(begun.order_by(SuggestionDraft.id)) if draft.lead.serves]
    return min(drafts, key=lambda draft: (draft.lead_id != person.id, draft.id), default=None)


async def inspection_topics(session: AsyncSession, *, limit: int = 30) -> Sequence[InspectionTopic]:
    """The topics, the newest first."""
    return (await session.scalars(select(InspectionTopic).order_by(InspectionTopic.id.desc()).limit(limit))).all()
