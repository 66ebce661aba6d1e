"""How everybody called to an activity was notified: in writing and by phone, when, with what outcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from models.activities import Activity
from models.invitations import Delivery, Invitation
from models.notice_log import WrittenNotice, written_to
from models.phone_calls import SPOKE, PhoneCall, calls_about


@dataclass(frozen=True)
class Notified:
    """One person's line of the record."""

    invitation: Invitation
    written: Sequence[WrittenNotice]
    calls: Sequence[PhoneCall]

    @property
    def reached_at(self) -> datetime | None:
        """When the last notice in writing arrived, of those about the activity's present time."""
        starts_at = self.invitation.activity.starts_at
        arrived = [w.settled_at for w in self.written if w.outcome is Delivery.REACHED and w.starts_at == starts_at]
        return arrived[-1] if arrived else None

    @property
    def heard(self) -> PhoneCall | None:
        """The last call in which they heard of the present time."""
        starts_at = self.invitation.activity.starts_at
        return next((call for call in reversed(self.calls) if call.result in SPOKE and call.starts_at == starts_at), None)

    @property
    def answered_by(self) -> PhoneCall | None:
        """The call in which the answer that stands was given; None for one's own answer."""
        return next((call for call in reversed(self.calls) if call.gave_answer), None)

    @property
    def entries(self) -> list[WrittenNotice | PhoneCall]:
        """Notices and calls, as they followed each other."""
        return sorted([*self.written, *self.calls], key=lambda each: each.at)


async def ledger_of(session: AsyncSession, activity: Activity, invitations: Iterable[Invitation]) -> list[Notified]:
    """The record of these people."""
    written, calls = await written_to(session, activity), await calls_about(session, activity)
    return [Notified(invitation, written.get(invitation.id, []), calls.get(invitation.id, [])) for invitation in invitations]
