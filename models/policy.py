"""The Home's numbers: every default of the domain that a Home may set otherwise."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from models.quiet_hours import QuietHours

_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(value: Any) -> Any:
    """Read ``"7d"``, ``"2h"``, ``"15m"``, ``"30s"``, ``"500ms"`` as a timedelta. Raises ValueError for anything else that is text."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"\s*(\d+)\s*(ms|[smhd])\s*", value)
    if found is None:
        raise ValueError(f"{value!r} is no duration; write a number and d, h, m, s or ms, such as 7d or 2h")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _positive(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError("must be longer than nothing")
    return value


def _zone(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{value!r} is no time zone; write one such as Asia/Shanghai") from error


Duration = Annotated[timedelta, BeforeValidator(duration), AfterValidator(_positive)]
OptionalDay = Annotated[date | None, BeforeValidator(lambda value: value or None)]
"""A day, or empty for none."""
Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]


class Policy(BaseModel):
    """The rules' numbers, read once from the config and never changed while running."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    home_name: str = Field("代表之家", min_length=1, max_length=40)
    timezone: Zone = ZoneInfo("Asia/Shanghai")
    languages: tuple[str, ...] = ("zh_CN", "en")

    work_starts: time = time(8, 30)
    work_ends: time = time(17, 30)

    link_lifetime: Duration = timedelta(days=14)
    identity_daily: int = Field(3, ge=1, le=50)
    hears_a_minute: int = Field(300, ge=30, le=1_000_000)

    circle_reminder: Duration = timedelta(days=7)
    circle_reminders: int = Field(3, ge=0, le=10)
    circle_waits: Duration = timedelta(hours=24)
    circle_digest: time = time(8, 30)

    referral_lapse_days: int = Field(2, ge=1, le=30)
    referral_tries: int = Field(3, ge=1, le=20)

    area_reply_days: int = Field(5, ge=1, le=60)
    area_chase_days: int = Field(3, ge=1, le=30)
    alike_count: int = Field(3, ge=2, le=50)
    alike_within: Duration = timedelta(days=30)

    draft_reminder: Duration = timedelta(days=1)

    routing_learns_for: int = Field(200, ge=30, le=100_000)
    routing_right: float = Field(0.97, ge=0.5, le=1)

    mailbox_daily: int = Field(5, ge=1, le=100)
    mailbox_waits: Duration = timedelta(days=7)

    pre_notice: Duration = timedelta(days=7)
    formal_notice: Duration = timedelta(days=3)
    reminders: tuple[Duration, ...] = (timedelta(days=1), timedelta(hours=2))
    leave_cutoff: Duration = timedelta(days=3)
    late_after: Duration = timedelta(minutes=15)

    checkin_opens: Duration = timedelta(minutes=60)
    checkin_code_every: Duration = timedelta(seconds=30)
    checkin_radius: int = Field(300, ge=20, le=20_000)
    checkin_guesses: int = Field(5, ge=1, le=100)
    checkin_guess_pause: Duration = timedelta(minutes=5)

    record_chase: Duration = timedelta(days=3)
    record_overdue: Duration = timedelta(days=7)

    quiet_begins: time = time(21, 30)
    quiet_ends: time = time(7, 30)
    call_sheet_before: Duration = timedelta(days=1)

    announcement_waits: Duration = timedelta(days=14)
    announcement_remind_every: Duration = timedelta(hours=4)

    leave_flag: int = Field(5, ge=1, le=100)
    leave_reminder: Duration = timedelta(days=1)
    term_started: OptionalDay = None

    budget_warning: int = Field(80, ge=1, le=100)

    activities_a_year: Literal[1, 2, 3, 4, 6, 12] = 4
    series_ahead: Duration = timedelta(days=14)

    biography_length: int = Field(300, ge=50, le=600)

    keep_contacts_months: int = Field(24, ge=1, le=240)
    keep_sent_messages: Duration = Field(timedelta(days=180), ge=timedelta(days=7))
    keep_updates: Duration = Field(timedelta(days=30), ge=timedelta(days=2))
    keep_failed_updates: Duration = Field(timedelta(days=90), ge=timedelta(days=2))
    keep_drafts: Duration = timedelta(days=90)
    keep_forms: Duration = Field(timedelta(days=30), ge=timedelta(days=1))

    @property
    def quiet_hours(self) -> QuietHours:
        return QuietHours(self.quiet_begins, self.quiet_ends, self.timezone)
