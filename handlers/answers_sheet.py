"""The list of answers as a spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from handlers.leave_card import decided_by
from handlers.texts import T, t
from handlers.workbook import Sheet, workbook
from models.activities import Activity
from models.invitations import Invitation
from models.notice_record import Notified
from models.phone_calls import PhoneCall

COLUMNS = {
    "name": 12,
    "phone": 15,
    "area": 16,
    "group": 16,
    "answer": 16,
    "answered_at": 20,
    "answered_by": 18,
    "category": 14,
    "reason": 36,
    "decision": 12,
    "decided_by": 12,
    "delivery": 18,
}
"""Each column's text key and its width."""

NOTICES = {"name": 12, "way": 14, "at": 20, "about": 20, "outcome": 24, "settled_at": 20, "by": 12, "phone": 16}
"""The columns of the record of notice: one row a notice or a call."""

Say = Callable[[T], str]


def answers_sheet(
    activity: Activity, invitations: Iterable[Invitation], ledger: Sequence[Notified], *, say: Say, lead: str, timezone: ZoneInfo
) -> bytes:
    """An xlsx file: one row for everybody called, and on a second sheet how each was notified.

    ``say`` speaks the reader's language; ``lead`` says above both which activity this is.
    """
    by_phone = {each.invitation.id: call.by.name for each in ledger if (call := each.answered_by) is not None}
    answers = Sheet(
        say(t("sheet.title")),
        lead,
        {say(t(f"sheet.{column}")): width for column, width in COLUMNS.items()},
        [_row(invitation, by_phone.get(invitation.id, ""), say) for invitation in invitations],
    )
    notices = Sheet(
        say(t("calls.record_title")),
        lead,
        {say(t(f"calls.sheet.{column}")): width for column, width in NOTICES.items()},
        [row for each in ledger for row in _notice_rows(each, say)],
    )
    return workbook([answers, notices], timezone=timezone, date_format=say(t("views.sheet.date_format")))


def _notice_rows(notified: Notified, say: Say) -> Iterator[list[Any]]:
    name = notified.invitation.person.name
    for entry in notified.entries:
        if isinstance(entry, PhoneCall):
            result = say(t(f"calls.result.{entry.result}"))
            yield [name, say(t("calls.sheet.by_phone")), entry.at, entry.starts_at, result, "", entry.by.name, entry.phone]
        else:
            kind, outcome = say(t(f"activity.notice.{entry.kind}")), say(t(f"calls.outcome.{entry.outcome}"))
            yield [name, kind, entry.sent_at, entry.starts_at, outcome, entry.settled_at, "", ""]


def _row(invitation: Invitation, by_phone: str, say: Say) -> list[Any]:
    person, leave = invitation.person, invitation.leave
    return [
        person.name,
        person.phone or "",
        person.area.name if person.area else "",
        person.group.name if person.group else "",
        say(t(f"activity.standing.{invitation.standing}")),
        invitation.replied_at,
        say(t("calls.sheet.phone_by", by=by_phone)) if by_phone else "",
        say(t(f"leave.category.{leave.category}")) if leave else "",
        leave.reason if leave else "",
        say(t(f"leave.decision.{leave.decision}")) if leave else "",
        say(decided_by(leave)) if leave and leave.decided_by else "",
        say(t(f"activity.delivery.{delivery_of(invitation)}")),
    ]


def delivery_of(invitation: Invitation) -> str:
    """The delivery's text key; somebody who has never come in has nothing that could be delivered."""
    return invitation.delivery.value if invitation.person.telegram_id is not None else "not_in"
