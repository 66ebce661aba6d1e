"""Activities as calendar files, so that one tap puts them into one's own calendar; a change replaces the older entry."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from models.activities import NOT_HELD, Activity
from models.invitations import Invitation
from models.plain_text import plain

if TYPE_CHECKING:
    from icalendar import Calendar, Event


def calendar_file(activity: Activity, *, home_name: str, now: datetime, called_off: bool = False) -> bytes:
    """An iCalendar file: the same UID for ever, a SEQUENCE that rises with each change, and CANCEL once it is off.

    ``called_off`` takes it out of the calendar of somebody who need not come.
    """
    off = called_off or _is_off(activity)
    calendar = _calendar(home_name, "CANCEL" if off else "PUBLISH")
    calendar.add_component(_event(activity, now=now, off=off))
    return bytes(calendar.to_ical())


def own_calendar(invitations: Iterable[Invitation], *, home_name: str, now: datetime) -> bytes:
    """All activities of one person in one file, under the UIDs of the single ones; what is off for them stands as cancelled."""
    calendar = _calendar(home_name, "PUBLISH")
    calendar.add("x-wr-calname", home_name)
    for invitation in invitations:
        off = invitation.released_at is not None or _is_off(invitation.activity)
        calendar.add_component(_event(invitation.activity, now=now, off=off))
    return bytes(calendar.to_ical())


def _is_off(activity: Activity) -> bool:
    return activity.state in NOT_HELD


def _calendar(home_name: str, method: str) -> Calendar:
    from icalendar import Calendar  # a Home starts without it

    calendar = Calendar()
    calendar.add("prodid", f"-//Deputies' Home//{home_name}//")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(activity: Activity, *, now: datetime, off: bool) -> Event:
    from icalendar import Event

    event = Event()
    event.add("uid", f"activity-{activity.id}-{activity.created_at:%Y%m%d%H%M%S}@deputies-home")
    event.add("dtstamp", now)
    event.add("sequence", activity.sequence)
    event.add("summary", plain(activity.title))
    event.add("dtstart", activity.starts_at)
    event.add("dtend", activity.ends_at)
    event.add("location", plain(activity.place))
    if activity.notes:
        event.add("description", plain(activity.notes))
    event.add("status", "CANCELLED" if off else "CONFIRMED")
    return event


def calendar_name(activity: Activity) -> str:
    return f"{file_stem(activity.title)}.ics"


def file_stem(title: str) -> str:
    """A title as a file's name, without what file systems refuse."""
    return re.sub(r'[\s\\/:*?"<>|.]+', "_", title)[:40].strip("_")
