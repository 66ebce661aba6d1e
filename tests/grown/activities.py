"""Activities and announcements, with whoever was called or told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from models.activities import ActivityKind, ActivityState
from models.announcements import AnnouncementState
from models.attendance import Attendance, CheckInWay
from models.duty import DutyItem
from models.invitations import Delivery, Reply
from models.leave import Decision, LeaveCategory
from models.notices import NoticeKind
from models.records import RecordState
from tests.grown.rows import Past, Rows, once

LATELY = timedelta(hours=1)


def activities(past: Past) -> Iterator[Rows]:
    """One in twenty cancelled, the others held and recorded; then those to come."""
    count, called = past.size.activities, past.size.called
    at = past.at(count)
    base = {"kind": ActivityKind.INSPECTION, "title": "视察", "place": "代表之家", "offsets": [], "created_by_id": 1}
    over = {
        "starts_at": at,
        "ends_at": lambda n: at(n) + timedelta(hours=2),
        "state": lambda n: ActivityState.CANCELLED if n % 20 == 0 else ActivityState.RECORD_CONFIRMED,
        "followed_at": at,
        "card_shown": "1",
        "card_shown_at": at,
        "capacity": lambda n: called if n % 4 == 0 else None,
    }
    yield once("activities", count, {**base, **over})
    notice = {
        "activity_id": lambda n: 1 + n % count,
        "kind": lambda n: NoticeKind.REMINDER if n > 2 * count else NoticeKind.FORMAL,
        "due_at": lambda n: at(1 + n % count),
        "sent_at": lambda n: at(1 + n % count) if n % 40 else None,
        "void": lambda n: n % 40 == 0,
    }
    yield once("notices", 4 * count, notice)
    which = {"activity_id": lambda n: n}
    yield once("final_accounts", count, {**which, "taken_at": at})
    yield once("call_sheets", count, {**which, "starts_at": at, "given_at": at})
    yield once("check_in_desks", count, {**which, "secret": "0", "closed_at": at})
    kept = {"number": lambda n: f"J{n}", "state": RecordState.CONFIRMED, "keeper_id": past.person, "submitted_at": at, "confirmed_at": at}
    yield once("activity_records", count, {**which, **kept})
    yield from _called(past)
    now, first, coming = past.now, count, past.size.open // 10
    ahead = {
        "id": lambda n: first + n,
        "state": ActivityState.NOTICED,
        "starts_at": lambda n: now + timedelta(days=1 + n),
        "ends_at": lambda n: now + timedelta(days=1 + n, hours=2),
        "audience": lambda n: {"everyone": False, "person": list(range(n, n + called))},
    }
    yield once("activities", coming, {**base, **ahead})
    expected = {"id": lambda n: count * called + n, "activity_id": lambda n: first + 1 + (n - 1) // called}
    expected |= {"person_id": lambda n: 1 + (n - 1) // called + (n - 1) % called, "reply": Reply.NONE, "delivery": Delivery.REACHED}
    yield once("invitations", coming * called, expected)
    waiting = {"activity_id": lambda n: first + n, "kind": NoticeKind.REMINDER}
    yield once("notices", coming, {**waiting, "id": lambda n: 4 * count + n, "due_at": lambda n: now + timedelta(days=n - 1)})


def _called(past: Past) -> Iterator[Rows]:
    count, called, size = past.size.activities, past.size.called, past.size.people
    block = past.block(count * called)
    at = past.at(block)
    who = {"activity_id": lambda n: 1 + (n - 1) // called, "person_id": someone(called, size)}
    further = {"id": block, "activity_id": block // called}
    answer = {"reply": Reply.ATTENDING, "replied_at": at, "delivery": Delivery.REACHED, "attendance": Attendance.PRESENT}
    yield Rows("invitations", count * called, block, {**who, **answer}, further)
    yield Rows("check_ins", count * called, block, {**who, "at": at, "way": CheckInWay.SCAN}, further)
    duty = {"item": DutyItem.INSPECTION, "attendance": Attendance.PRESENT, "half_days": 1, "written_at": at}
    yield Rows("duty_entries", count * called, block, {**who, **duty}, further)
    leave = {
        "invitation_id": lambda n: n,
        "category": LeaveCategory.ILLNESS,
        "reason": "病假",
        "asked_at": at,
        "current": True,
        "decision": Decision.APPROVED,
        "decided_by_id": 1,
        "decided_at": at,
        "half_days": [],
    }
    asked = count * min(called, 5)
    few = min(block, asked)
    yield Rows("leave_requests", asked, few, leave, {"id": few, "invitation_id": few})


def announcements(past: Past) -> Iterator[Rows]:
    """Some people were never reached. The newest are still to be read."""
    count, called = past.size.activities // 2, past.size.called
    at = past.at(count)
    base = {"author_id": 1, "state": AnnouncementState.PUBLISHED}
    old = {**dict.fromkeys(("publish_at", "published_at", "reminded_at", "card_shown_at"), at), "card_shown": "1"}
    yield once("announcements", count, {**base, **old})
    block = past.block(count * called)
    told = {
        "announcement_id": lambda n: 1 + (n - 1) // called,
        "person_id": someone(called, past.size.people),
        "delivery": lambda n: Delivery.UNREACHABLE if n % 5 == 0 else Delivery.REACHED,
        "reached_at": past.at(block),
        "received_at": past.at(block),
    }
    yield Rows("announcement_recipients", count * called, block, told, {"id": block, "announcement_id": block // called})
    now = past.now
    new = {**base, "id": lambda n: count + n, "publish_at": now - LATELY, "published_at": now - LATELY}
    yield once("announcements", 2, new)
    yet = {"id": lambda n: count * called + n, "announcement_id": count + 1, "person_id": lambda n: n, "delivery": Delivery.REACHED}
    yield once("announcement_recipients", past.size.open, {**yet, "reached_at": now - LATELY})


def someone(called: int, people: int) -> Callable[[int], int]:
    """Different people in each hundred."""
    return lambda n: 1 + ((n - 1) % called * 7 + (n - 1) // called * 13) % people
