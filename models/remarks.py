"""What is said about an issue once it is shared: opinions of specialists, and the home deputy's answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, String, Text, UniqueConstraint, and_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.consultations import begin_rounds_anew
from models.issue_pieces import PieceKind
from models.issues import Issue, IssueState
from models.outcomes import undo_outcome
from models.people import Person
from models.policy import Policy
from models.referrals import OwnIssue, Referral, ReferralState, accept, referral_between, referrals_of
from models.rules import Gone


class Remark(Base):
    """One message of the thread between the home deputy and those who advise. Everyone's but the home deputy's is an opinion."""

    __tablename__ = "issue_remarks"
    __table_args__ = (UniqueConstraint("chat_id", "message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    kind: Mapped[PieceKind]
    text: Mapped[str] = mapped_column(Text, default="")
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int] = mapped_column(BigInteger)
    media_group_id: Mapped[str | None] = mapped_column(String(64), index=True)
    file_id: Mapped[str | None] = mapped_column(String(255))
    in_circle: Mapped[bool] = mapped_column(default=False)
    by_home: Mapped[bool] = mapped_column(default=False)
    """Whether it was the home deputy's word then: it stays covered for others when another deputy has taken the issue over."""
    said_at: Mapped[datetime]

    issue: Mapped[Issue] = relationship(lazy="selectin")
    author: Mapped[Person] = relationship(lazy="selectin")

    @property
    def is_opinion(self) -> bool:
        return not self.by_home and self.author_id != self.issue.deputy_id


def an_opinion() -> ColumnElement[bool]:
    """A remark of an issue, both in the query, that is an opinion: ``Remark.is_opinion`` in SQL."""
    return and_(Remark.by_home.is_(False), Remark.author_id != Issue.deputy_id)


class RemarkReader(Base):
    """Somebody a remark was brought to: an edit of it goes to them, and to nobody else."""

    __tablename__ = "remark_readers"

    remark_id: Mapped[int] = mapped_column(ForeignKey("issue_remarks.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)


async def advise(session: AsyncSession, remark: Remark, policy: Policy, *, now: datetime) -> Referral | None:
    """Take a remark as an opinion: whoever was asked has thereby accepted. One on a closed issue is kept and changes no state.

    Gives the author's referral, if there is one. Raises Gone for a withdrawn issue, OwnIssue for the home deputy.
    """
    issue = remark.issue
    if remark.author_id == issue.deputy_id:
        raise OwnIssue
    if not issue.live and issue.state is not IssueState.CLOSED:
        raise Gone
    session.add(remark)
    await session.flush()
    referral = await referral_between(session, issue, remark.author)
    if issue.live:
        if referral is not None and referral.state is not ReferralState.ACCEPTED:
            await accept(session, referral, policy, now=now)
        issue.state = IssueState.ADVISED
    if referral is not None and referral.advised_at is None:
        referral.advised_at, referral.remind_at = now, None
    record(session, remark.author, "issue.advised", f"issue:{issue.id}", now=now, remark=remark.id)
    return referral


async def answer(session: AsyncSession, remark: Remark, *, now: datetime) -> None:
    """The home deputy's word to those who advise. Raises IssueOver."""
    remark.issue.require_live()
    remark.by_home = True
    session.add(remark)
    await session.flush()
    record(session, remark.author, "issue.answered", f"issue:{remark.issue_id}", now=now, remark=remark.id)


async def remarks_of(session: AsyncSession, issue: Issue) -> Sequence[Remark]:
    """The thread, the oldest first."""
    return (await session.scalars(select(Remark).where(Remark.issue_id == issue.id).order_by(Remark.id))).all()


async def remark_at(session: AsyncSession, chat_id: int, message_id: int) -> Remark | None:
    """The remark that was said by this message."""
    found: Remark | None = await session.scalar(select(Remark).where(Remark.chat_id == chat_id, Remark.message_id == message_id))
    return found


async def note_readers(session: AsyncSession, remark: Remark, readers: Iterable[Person]) -> None:
    """Keep who a remark was brought to."""
    for reader in readers:
        await session.merge(RemarkReader(remark_id=remark.id, person_id=reader.id))


async def readers_of(session: AsyncSession, remark: Remark) -> list[Person]:
    """Who a remark was brought to and is on the roster still."""
    known = select(RemarkReader.person_id).where(RemarkReader.remark_id == remark.id)
    return list(await session.scalars(select(Person).where(Person.active, Person.id.in_(known)).order_by(Person.id)))


async def remark_of_album(session: AsyncSession, author: Person, media_group_id: str) -> Remark | None:
    """A remark whose album goes on with another picture."""
    found: Remark | None = await session.scalar(
        select(Remark).where(Remark.author_id == author.id, Remark.media_group_id == media_group_id).order_by(Remark.id).limit(1)
    )
    return found


async def advisers_of(session: AsyncSession, issue: Issue) -> list[Person]:
    """Everybody on the roster who advises or has promised to, each once."""
    accepted = [referral.person for referral in await referrals_of(session, issue) if referral.state is ReferralState.ACCEPTED]
    spoke = [remark.author for remark in await remarks_of(session, issue) if remark.is_opinion]
    return [person for person in {person.id: person for person in (*accepted, *spoke)}.values() if person.serves]


async def reopen(session: AsyncSession, issue: Issue, deputy: Person, *, now: datetime) -> None:
    """A closed issue lives again, as advised if anybody advised. Raises Gone for any other."""
    if issue.state is not IssueState.CLOSED:
        raise Gone
    spoke = any(remark.is_opinion for remark in await remarks_of(session, issue))
    accepted = any(referral.state is ReferralState.ACCEPTED for referral in await referrals_of(session, issue))
    issue.state = IssueState.ADVISED if spoke else IssueState.REFERRED if accepted else IssueState.OPEN
    issue.closed_as, issue.closed_at, issue.round_began_at = None, None, now
    await undo_outcome(session, issue, now=now)
    await begin_rounds_anew(session, issue, now=now)
    record(session, deputy, "issue.reopened", f"issue:{issue.id}", now=now)
