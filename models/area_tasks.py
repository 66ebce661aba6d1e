"""What was handed to an area (转交归属地): its staff take it on, say what they did, and the home deputy accepts that or sends it back."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Text, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.issue_pieces import PieceKind
from models.issues import Issue, issue_by_id
from models.outcomes import require_in_charge
from models.people import Area, Person, Role, people_with
from models.policy import Policy
from models.rules import Gone, NotAllowed, RuleBroken
from models.working_days import add_working_days, in_working_hours

REPORT_PIECES, REPORT_TEXT = 20, 3000


class AreaTaskState(enum.StrEnum):
    HANDED = "handed"
    ACCEPTED = "accepted"
    REPORTED = "reported"
    DONE = "done"
    VOID = "void"


WITH_AREA = (AreaTaskState.HANDED, AreaTaskState.ACCEPTED)
"""The area has the ball."""
PENDING = (*WITH_AREA, AreaTaskState.REPORTED)


class AlreadyHanded(RuleBroken):
    """The area has it already."""

    key = "area.already_handed"


class TakenBySomebody(RuleBroken):
    """A colleague of the area has taken it on."""

    key = "area.taken"


class NothingReported(RuleBroken):
    """A report says in words what was done."""

    key = "area.nothing_reported"


class ReportFull(RuleBroken):
    """The report holds all it can."""

    key = "area.report_full"


class AreaTask(Base):
    """One issue in the hands of its area, or of the office where that has no staff. It lives until the deputy accepts what was done."""

    __tablename__ = "area_tasks"
    __table_args__ = (Index("ix_area_tasks_due", "state", "remind_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), index=True)
    state: Mapped[AreaTaskState] = mapped_column(default=AreaTaskState.HANDED)
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    round: Mapped[int] = mapped_column(default=1)
    """Counts the reports asked for: sent back, the next begins."""
    handed_at: Mapped[datetime]
    due_at: Mapped[datetime]
    remind_at: Mapped[datetime | None]
    overdue_told: Mapped[int] = mapped_column(default=0)
    """How often the office has heard that it is overdue, in this round."""
    sent_back_for: Mapped[str] = mapped_column(Text, default="")
    reported_at: Mapped[datetime | None]
    over_at: Mapped[datetime | None]

    issue: Mapped[Issue] = relationship(lazy="selectin")
    area: Mapped[Area | None] = relationship(lazy="selectin")
    holder: Mapped[Person | None] = relationship(lazy="selectin")
    pieces: Mapped[list[ReportPiece]] = relationship(lazy="selectin", order_by="ReportPiece.id", cascade="all, delete-orphan")

    @property
    def report(self) -> list[ReportPiece]:
        """What has been said in this round."""
        return [piece for piece in self.pieces if piece.round == self.round]

    @property
    def report_text(self) -> str:
        return "\n".join(piece.text for piece in self.report if piece.text)

    @property
    def pending(self) -> bool:
        return self.state in PENDING


class ReportPiece(Base):
    """One message of what the area reports, with where it stands so that it can be copied."""

    __tablename__ = "area_report_pieces"
    __table_args__ = (UniqueConstraint("chat_id", "message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("area_tasks.id"), index=True)
    round: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    kind: Mapped[PieceKind]
    text: Mapped[str] = mapped_column(Text, default="")
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    said_at: Mapped[datetime]


async def hand_to_area(session: AsyncSession, issue: Issue, person: Person, policy: Policy, *, now: datetime) -> AreaTask:
    """Give the issue to its area. Raises NotAllowed, IssueOver, AlreadyHanded."""
    require_in_charge(issue, person)
    issue.require_live()
    if await pending_task(session, issue) is not None:
        raise AlreadyHanded(number=issue.number)
    due_at = due_after(policy, policy.area_reply_days, now)
    task = AreaTask(issue=issue, area=issue.area, holder=None, handed_at=now, due_at=due_at, remind_at=due_at, pieces=[])
    session.add(task)
    await session.flush()
    record(session, person, "area.handed", f"issue:{issue.id}", now=now, task=task.id, area=issue.area.name if issue.area else "")
    return task


def due_after(policy: Policy, days: int, now: datetime) -> datetime:
    """So many working days later, in working hours."""
    later = add_working_days(now, days, policy.timezone)
    return in_working_hours(later, policy.work_starts, policy.work_ends, policy.timezone)


async def staff_for(session: AsyncSession, task: AreaTask) -> list[Person]:
    """Who sees to it: the area's staff; the office, where there is none."""
    staff = await people_with(session, Role.AREA_STAFF)
    of_area = [person for person in staff if task.area_id is not None and person.area_id == task.area_id]
    return of_area or list(await people_with(session, Role.OFFICE))


def sees_to(person: Person, task: AreaTask) -> bool:
    """Whether somebody may have taken it on, as what they are now: of the area's staff, or of the office."""
    return person.has(Role.OFFICE) or (person.has(Role.AREA_STAFF) and task.area_id is not None and person.area_id == task.area_id)


async def area_at_work(session: AsyncSession, task: AreaTask) -> Area | None:
    """The area whose staff see to it; None where the office does."""
    who = [task.holder] if task.holder is not None else await staff_for(session, task)
    of_area = any(Role.AREA_STAFF in person.roles and person.area_id == task.area_id for person in who)
    return task.area if of_area else None


async def require_staff(session: AsyncSession, task: AreaTask, person: Person) -> None:
    """Raise NotAllowed for anybody whose task it is not."""
    if person.id not in {member.id for member in await staff_for(session, task)}:
        raise NotAllowed


async def accept_task(session: AsyncSession, task: AreaTask, person: Person, *, now: datetime) -> bool:
    """Take it on; False when the person has done so before. Raises NotAllowed, Gone, TakenBySomebody."""
    await require_staff(session, task, person)
    if task.state not in WITH_AREA:
        raise Gone
    if task.holder_id == person.id:
        return False
    if task.holder is not None:
        raise TakenBySomebody(name=task.holder.name)
    task.state, task.holder = AreaTaskState.ACCEPTED, person
    record(session, person, "area.accepted", f"issue:{task.issue_id}", now=now, task=task.id)
    return True


def require_holder(task: AreaTask, person: Person) -> None:
    """Raise Gone once the area need not report any more, NotAllowed for anybody but who took it on."""
    if task.state is not AreaTaskState.ACCEPTED:
        raise Gone
    if task.holder_id != person.id or not sees_to(person, task):
        raise NotAllowed


def add_to_report(task: AreaTask, piece: ReportPiece) -> None:
    """Let something join the report. Raises ReportFull."""
    if len(task.report) >= REPORT_PIECES or len(task.report_text) + len(piece.text) > REPORT_TEXT:
        raise ReportFull(pieces=REPORT_PIECES, characters=REPORT_TEXT)
    task.pieces.append(piece)


async def submit_report(session: AsyncSession, task: AreaTask, person: Person, *, now: datetime) -> None:
    """Say that it is done. Raises Gone, NotAllowed, NothingReported."""
    require_holder(task, person)
    if not task.report_text.strip():
        raise NothingReported
    task.state, task.reported_at, task.remind_at = AreaTaskState.REPORTED, now, None
    record(session, person, "area.reported", f"issue:{task.issue_id}", now=now, task=task.id, round=task.round)


async def send_back(session: AsyncSession, task: AreaTask, person: Person, reason: str, policy: Policy, *, now: datetime) -> None:
    """It is not enough: the same person goes on, with a deadline anew. Raises NotAllowed, Gone."""
    require_in_charge(task.issue, person)
    if task.state is not AreaTaskState.REPORTED:
        raise Gone
    task.state = AreaTaskState.ACCEPTED if task.holder is not None and task.holder.active else AreaTaskState.HANDED
    task.due_at = due_after(policy, policy.area_reply_days, now)
    task.remind_at, task.reported_at, task.overdue_told, task.sent_back_for = task.due_at, None, 0, reason
    task.round += 1
    record(session, person, "area.sent_back", f"issue:{task.issue_id}", now=now, task=task.id)


def finish_task(session: AsyncSession, task: AreaTask, person: Person, *, now: datetime) -> None:
    """The deputy accepts what was done."""
    if task.state is not AreaTaskState.REPORTED:
        raise Gone
    task.state, task.over_at = AreaTaskState.DONE, now
    record(session, person, "area.done", f"issue:{task.issue_id}", now=now, task=task.id)


async def void_task(session: AsyncSession, issue: Issue, person: Person | None, *, now: datetime) -> AreaTask | None:
    """The area need not see to it any more: taken back, closed otherwise, withdrawn. Gives the task, if there was one pending."""
    task = await pending_task(session, issue)
    if task is not None:
        task.state, task.over_at, task.remind_at = AreaTaskState.VOID, now, None
        record(session, person, "area.void", f"issue:{issue.id}", now=now, task=task.id)
    return task


async def pending_task(session: AsyncSession, issue: Issue) -> AreaTask | None:
    """The task that the issue waits for."""
    found: AreaTask | None = await session.scalar(
        select(AreaTask).where(AreaTask.issue_id == issue.id, AreaTask.state.in_(PENDING)).order_by(AreaTask.id.desc()).limit(1)
    )
    return found


async def last_task(session: AsyncSession, issue: Issue) -> AreaTask | None:
    """The latest task of an issue, in whatever state."""
    found: AreaTask | None = await session.scalar(
        select(AreaTask).where(AreaTask.issue_id == issue.id).order_by(AreaTask.id.desc()).limit(1)
    )
    return found


async def task_by_id(session: AsyncSession, id: int) -> AreaTask:
    """The task, its issue locked. Raises Gone."""
    task = await session.get(AreaTask, id)
    if task is None:
        raise Gone
    await issue_by_id(session, task.issue_id)
    await session.refresh(task)
    return task


async def tasks_of(session: AsyncSession, person: Person, *, offset: int, limit: int) -> Sequence[AreaTask]:
    """What waits for this member of an area's staff, or of the office, the most urgent first."""
    waiting = select(AreaTask).where(AreaTask.state.in_(WITH_AREA)).order_by(AreaTask.due_at, AreaTask.id).offset(offset).limit(limit)
    if not person.has(Role.OFFICE):
        waiting = waiting.where(AreaTask.area_id == person.area_id, AreaTask.area_id.is_not(None))
    return (await session.scalars(waiting)).all()


async def report_piece_at(session: AsyncSession, chat_id: int, message_id: int) -> ReportPiece | None:
    found: ReportPiece | None = await session.scalar(
        select(ReportPiece).where(ReportPiece.chat_id == chat_id, ReportPiece.message_id == message_id)
    )
    return found
