"""A small district for rules about many issues: people, areas, circles, issues of any age and what was said on them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from models.circles import Circle, CircleMember, CircleSpecialty
from models.issue_pieces import PieceKind
from models.issues import Issue, IssueState
from models.people import Area, Person, Role, Specialty, named
from models.referrals import Referral, ReferralState
from models.remarks import Remark


class District:
    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self.session, self.now, self.count = session, now, 0

    async def person(self, name: str, *roles: Role, area: str = "", specialties: tuple[str, ...] = ()) -> Person:
        self.count += 1
        person = Person(name=name, telegram_id=1000 + self.count, role_rows=[], specialties=[])
        for role in roles or (Role.DEPUTY,):
            person.give(role)
        person.area = await named(self.session, Area, area) if area else None
        for specialty in specialties:
            person.specialties.append(await self._specialty(specialty))
        self.session.add(person)
        await self.session.flush()
        return person

    async def circle(self, name: str, *members: Person) -> None:
        """A circle of the specialty of this name."""
        circle = Circle(name=name)
        self.session.add(circle)
        await self.session.flush()
        self.session.add(CircleSpecialty(circle_id=circle.id, specialty_id=(await self._specialty(name)).id))
        self.session.add_all(CircleMember(circle_id=circle.id, person_id=member.id) for member in members)
        await self.session.flush()

    async def issue(
        self,
        deputy: Person,
        text: str = "下水道堵了",
        *,
        specialty: str = "城建环保",
        area: str = "",
        state: IssueState = IssueState.OPEN,
        ago: timedelta = timedelta(0),
        ended_after: timedelta | None = None,
    ) -> Issue:
        self.count += 1
        shared_at = self.now - ago
        issue = Issue(
            number=f"2026-{self.count:04}",
            state=state,
            deputy=deputy,
            area=await named(self.session, Area, area) if area else None,
            specialty=await self._specialty(specialty),
            pieces=[],
            shared_text=text,
            created_at=shared_at,
            confirmed_at=shared_at,
            closed_at=shared_at + ended_after if ended_after is not None else None,
        )
        self.session.add(issue)
        await self.session.flush()
        return issue

    async def says(
        self, author: Person, issue: Issue, text: str = "建议清淤", *, after: timedelta = timedelta(0), by_home: bool = False
    ) -> None:
        """Somebody speaks so long after the issue was shared."""
        self.count += 1
        assert issue.confirmed_at is not None
        self.session.add(
            Remark(
                issue_id=issue.id,
                author_id=author.id,
                kind=PieceKind.TEXT,
                text=text,
                chat_id=author.telegram_id,
                message_id=self.count,
                by_home=by_home,
                said_at=issue.confirmed_at + after,
            )
        )
        await self.session.flush()

    async def asks(self, person: Person, issue: Issue, state: ReferralState = ReferralState.OFFERED) -> None:
        self.session.add(Referral(issue=issue, person=person, state=state, offered_at=self.now))
        await self.session.flush()

    async def _specialty(self, name: str) -> Specialty:
        specialty = await named(self.session, Specialty, name)
        specialty.keywords = specialty.keywords or []
        return specialty
