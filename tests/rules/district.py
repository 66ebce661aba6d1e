"""A handful of people and issues for tests of rules."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.issue_pieces import PieceKind
from models.issues import Issue, IssueState
from models.people import Person, Role, Specialty
from models.remarks import Remark


class District:
    """A handful of people and issues, made as a test needs them."""

    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self.session, self.now, self.count = session, now, 0
        self.building, self.schools = Specialty(name="城建环保", keywords=[]), Specialty(name="教科文卫", keywords=[])

    async def deputy(self, name: str, *specialties: Specialty, employer: str = "", linked: bool = True) -> Person:
        self.count += 1
        person = Person(
            name=name, telegram_id=1000 + self.count if linked else None, employer=employer, role_rows=[], specialties=list(specialties)
        )
        person.give(Role.DEPUTY)
        self.session.add(person)
        await self.session.flush()
        return person

    async def issue(self, deputy: Person, text: str = "下水道堵了", specialty: Specialty | None = None) -> Issue:
        self.count += 1
        issue = Issue(
            number=f"2026-{self.count:04}",
            state=IssueState.OPEN,
            deputy=deputy,
            area=None,
            specialty=specialty or self.building,
            pieces=[],
            shared_text=text,
            created_at=self.now,
            confirmed_at=self.now,
            round_began_at=self.now,
        )
        self.session.add(issue)
        await self.session.flush()
        return issue

    def remark(self, issue: Issue, author: Person, text: str = "建议清淤") -> Remark:
        self.count += 1
        return Remark(
            issue=issue,
            issue_id=issue.id,
            author=author,
            author_id=author.id,
            kind=PieceKind.TEXT,
            text=text,
            chat_id=1,
            message_id=self.count,
            said_at=self.now,
        )
