"""Who decides a leave request: the main leaders and their delegates; from a session, a delegation head or the secretary-general."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import ActivityKind
from models.delegations import Delegation, delegations_open
from models.people import Person, Role, people_with
from models.rules import NotAllowed
from models.session_posts import Posts, SessionPost, holders

if TYPE_CHECKING:
    from models.leave import LeaveRequest


@dataclass(frozen=True)
class Decider:
    """Somebody who may decide, in their own right or on a leader's behalf."""

    person: Person
    behalf: Person | None = None


@dataclass(frozen=True)
class Deciders:
    """Everybody who decides leave at one moment."""

    leaders: Sequence[Person]
    delegations: Sequence[Delegation]
    posts: Posts

    def of(self, request: LeaveRequest) -> list[Decider]:
        """Who may decide this request, each once. On the asker's own behalf nobody decides."""
        asker = request.invitation.person
        if (holder := self._ladder(request, asker)) is not None:
            return [Decider(holder)]
        found = {leader.id: Decider(leader) for leader in self.leaders}
        for delegation in self.delegations:
            if asker.id not in (delegation.leader_id, delegation.delegate_id):
                found.setdefault(delegation.delegate_id, Decider(delegation.delegate, delegation.leader))
        return list(found.values())

    def require(self, request: LeaveRequest, person: Person) -> Decider:
        """In what capacity the person decides this request. Raises NotAllowed."""
        for decider in self.of(request):
            if decider.person.id == person.id and person.active:
                return decider
        raise NotAllowed

    def includes(self, person: Person) -> bool:
        """Whether the person decides anything at all."""
        people = [*self.leaders, *(delegation.delegate for delegation in self.delegations), *self.posts.values()]
        return any(other.id == person.id for other in people)

    def _ladder(self, request: LeaveRequest, asker: Person) -> Person | None:
        """A session's own: half a day the head of the delegation, more the secretary-general; a head's own leave goes one step up."""
        if request.invitation.activity.kind is not ActivityKind.SESSION:
            return None
        if len(request.half_days) == 1:
            head = self.posts.get((SessionPost.DELEGATION_HEAD, asker.group_id))
            if head is None or head.id != asker.id:
                return head
        general = self.posts.get((SessionPost.SECRETARY_GENERAL, None))
        return general if general is not None and general.id != asker.id else None


async def deciders_now(session: AsyncSession, *, now: datetime) -> Deciders:
    """Who decides now. A post counts only while its holder can be asked: somebody who has come in, and is not of the office."""
    posts = {key: person for key, person in (await holders(session)).items() if person.telegram_id is not None}
    return Deciders(
        await people_with(session, Role.LEADER),
        [delegation for delegation in await delegations_open(session) if delegation.holds(now)],
        {key: person for key, person in posts.items() if not person.has(Role.OFFICE)},
    )
