"""An activity as a calendar file, so that one tap puts it into one's own calendar; a change replaces the older entry."""

from __future__ import annotations

import re
from datetime import datetime

from icalendar import Calendar, Event

from models.activities import Activity, ActivityState


def calendar_file(activity: Activity, *, home_name: str, now: datetime) -> bytes:
    """An iCalendar file: the same UID for ever, a SEQUENCE that rises with each change, and CANCEL once it is off."""
    off = activity.state in (ActivityState.CANCELLED, ActivityState.POSTPONED)
    event = Event()
    event.add("uid", f"activity-{activity.id}-{activity.created_at:%Y%m%d%H%M%S}@deputies-home")
    event.add("dtstamp", now)
    event.add("sequence", activity.sequence)
    event.add("summary", activity.title)
    event.add("dtstart", activity.starts_at)
    event.add("dtend", activity.ends_at)
    event.add("location", activity.place)
    if activity.notes:
        event.add("description", activity.notes)
    event.add("status", "CANCELLED" if off else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", f"-//Deputies' Home//{home_name}//")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if off else "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def calendar_name(activity: Activity) -> str:
    return f"{file_stem(activity.title)}.ics"


def file_stem(title: str) -> str:
    """A title as a file's name, without what file systems refuse."""
    return re.sub(r'[\s\\/:*?"<>|.]+', "_", title)[:40].strip("_")
