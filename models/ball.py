"""Who has the ball: whom an issue waits for."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from models.issues import Issue
from models.people import Person
from models.referrals import Referral, ReferralState
from models.remarks import Remark


class Awaited(enum.StrEnum):
    """What somebody is waited for to do."""

    ANSWER_OFFER = "answer_offer"
    GIVE_OPINION = "give_opinion"
    GO_ON = "go_on"
    REPLY = "reply"
    COME_FORWARD = "come_forward"


@dataclass(frozen=True)
class Waiting:
    """Somebody is waited for; nobody in particular, when somebody should come forward."""

    what: Awaited
    person: Person | None = None
    until: datetime | None = None


def waits_for(issue: Issue, referrals: Sequence[Referral], remarks: Sequence[Remark]) -> list[Waiting]:
    """Everybody an issue waits for now; nobody once it is over."""
    if not issue.live:
        return []
    waiting = [
        Waiting(Awaited.ANSWER_OFFER, referral.person, referral.lapses_at)
        for referral in referrals
        if referral.state is ReferralState.OFFERED
    ]
    waiting += [
        Waiting(Awaited.GIVE_OPINION, referral.person)
        for referral in referrals
        if referral.state is ReferralState.ACCEPTED and referral.advised_at is None
    ]
    spoke = {remark.author_id: remark.author for remark in remarks if remark.is_opinion}
    if spoke and remarks[-1].is_opinion:
        waiting.append(Waiting(Awaited.GO_ON, issue.deputy))
    elif spoke:
        waiting.append(Waiting(Awaited.REPLY, next(iter(spoke.values())) if len(spoke) == 1 else None))
    return waiting or [Waiting(Awaited.COME_FORWARD)]
