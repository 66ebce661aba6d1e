"""What is written down at the end of the month, read from the database as it stands."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.advice_presses import NamePress
from models.area_tasks import AreaTask
from models.audit import AuditEntry
from models.choosing import WishedSpecialist
from models.issues import Issue
from models.outbox import OutboxMessage
from models.outcomes import Outcome
from models.people import Person, Role
from models.referrals import Referral


@dataclass(frozen=True)
class Offer:
    """One time that somebody was asked about an issue, as the audit log has it."""

    entry: int
    at: datetime
    issue_id: int
    person: Person
    specialty_id: int | None
    """What the referral says it was made for."""


class Record:
    """Everything about the issues, by their ids, with the audit log in its order."""

    def __init__(self) -> None:
        self.issues: dict[int, Issue] = {}
        self.people: dict[int, Person] = {}
        self.referrals: dict[int, list[Referral]] = defaultdict(list)
        self.outcomes: dict[int, list[Outcome]] = defaultdict(list)
        self.tasks: dict[int, list[AreaTask]] = defaultdict(list)
        self.log: list[AuditEntry] = []
        self.offers: list[Offer] = []
        self.wished: set[tuple[int, int]] = set()
        self.asks_office: set[int] = set()
        """Issues of which a card in the office's chat says, as it stands, that nobody is left and somebody may be named."""

    def of_issue(self, action: str, issue_id: int) -> list[AuditEntry]:
        """What was written down about one issue."""
        return [entry for entry in self.log if entry.action == action and entry.subject == f"issue:{issue_id}"]

    def of_person(self, action: str, person_id: int) -> list[AuditEntry]:
        return [entry for entry in self.log if entry.action == action and entry.subject == f"person:{person_id}"]

    def named(self, offer: Offer) -> bool:
        """Whether the office itself asked this person."""
        named = self.of_issue("referral.named", offer.issue_id)
        return any(entry.at == offer.at and entry.details["person"] == offer.person.id for entry in named)

    def label(self, issue_id: int) -> str:
        """An issue as a message names it."""
        issue = self.issues[issue_id]
        return f"issue {issue.number or issue_id} ({issue.state})"


async def read_record(session: AsyncSession) -> Record:
    record = Record()
    record.issues = {issue.id: issue for issue in await session.scalars(select(Issue).order_by(Issue.id))}
    record.people = {person.id: person for person in await session.scalars(select(Person))}
    referrals = {referral.id: referral for referral in await session.scalars(select(Referral).order_by(Referral.id))}
    for referral in referrals.values():
        record.referrals[referral.issue_id].append(referral)
    for outcome in await session.scalars(select(Outcome).order_by(Outcome.id)):
        record.outcomes[outcome.issue_id].append(outcome)
    for task in await session.scalars(select(AreaTask).order_by(AreaTask.id)):
        record.tasks[task.issue_id].append(task)
    record.log = list(await session.scalars(select(AuditEntry).order_by(AuditEntry.id)))
    for entry in record.log:
        if entry.action == "referral.offered":
            referral = referrals[int(entry.subject.partition(":")[2])]
            person = record.people[entry.details["person"]]
            record.offers.append(Offer(entry.id, entry.at, entry.details["issue"], person, referral.specialty_id))
    record.wished = {(row.issue_id, row.person_id) for row in await session.scalars(select(WishedSpecialist))}
    office = [person.telegram_id for person in record.people.values() if person.has(Role.OFFICE)]
    cards = select(OutboxMessage.card_id, OutboxMessage.params).where(OutboxMessage.chat_id.in_(office), OutboxMessage.card_id.is_not(None))
    stand = {card_id: json.dumps(params) for card_id, params in await session.execute(cards.order_by(OutboxMessage.id))}
    record.asks_office = {id for id in record.issues if any(f'"{NamePress.prefix}:{id}:' in params for params in stand.values())}
    return record
