"""The dates of recurring activities: rules of RFC 5545, and the Chinese calendar's days off."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.recurrence import DATES_AT_MOST, Every, Until, rule_of, rule_starts, rule_text, series_days, stands_for
from models.working_days import DayKind, is_working_day

ZONE = ZoneInfo("Asia/Shanghai")


def first(day: str, hour: int = 9) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=ZONE)


def dates(every: Every, day: str, until: Until) -> list[str]:
    return [f"{at:%m-%d}" for at in rule_starts(rule_text(every, first(day), until), ZONE)]


def test_every_month_on_the_fifteenth_until_the_end_of_the_year() -> None:
    assert dates(Every.MONTH, "2026-08-15", Until.THIS_YEAR) == ["08-15", "09-15", "10-15", "11-15", "12-15"]


def test_a_rule_is_text_that_rfc_5545_knows() -> None:
    assert rule_text(Every.MONTH, first("2026-03-15"), Until.THIS_YEAR) == (
        "DTSTART;TZID=Asia/Shanghai:20260315T090000\nRRULE:FREQ=MONTHLY;BYMONTHDAY=15;UNTIL=20261231T155959Z"
    )


def test_the_thirty_first_is_the_last_day_of_shorter_months_and_the_thirtieth_is_not_the_thirty_first() -> None:
    assert dates(Every.MONTH, "2027-01-31", Until.FOUR) == ["01-31", "02-28", "03-31", "04-30"]
    assert dates(Every.MONTH, "2027-01-30", Until.FOUR) == ["01-30", "02-28", "03-30", "04-30"]


def test_every_quarter_on_the_same_date() -> None:
    assert dates(Every.QUARTER, "2026-02-10", Until.FOUR) == ["02-10", "05-10", "08-10", "11-10"]
    assert dates(Every.QUARTER, "2026-11-30", Until.FOUR) == ["11-30", "02-28", "05-30", "08-30"]


def test_the_second_wednesday_of_every_month_and_a_fifth_as_the_last() -> None:
    assert dates(Every.NTH_WEEKDAY, "2026-03-11", Until.FOUR) == ["03-11", "04-08", "05-13", "06-10"]
    assert dates(Every.NTH_WEEKDAY, "2026-04-29", Until.FOUR) == ["04-29", "05-27", "06-24", "07-29"]


def test_every_week_is_never_more_than_the_limit_and_ends_with_the_next_year() -> None:
    starts = rule_starts(rule_text(Every.WEEK, first("2026-01-01"), Until.NEXT_YEAR), ZONE)

    assert len(starts) == 105 <= DATES_AT_MOST
    assert starts[-1] == first("2027-12-30")


def test_the_hour_of_the_day_stays_where_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    starts = rule_starts(rule_text(Every.MONTH, datetime(2026, 3, 15, 9, tzinfo=berlin), Until.FOUR), berlin)[:2]

    assert [(at.hour, at.utcoffset()) for at in starts] == [(9, timedelta(hours=1)), (9, timedelta(hours=2))]


def test_reception_day_moves_from_days_off_to_the_next_working_day() -> None:
    starts = rule_starts(rule_text(Every.MONTH, first("2026-01-15"), Until.THIS_YEAR), ZONE)
    held = {f"{day.by_rule:%m-%d}": f"{day.held_on:%m-%d}" for day in series_days(starts, ZONE, shift=True) if day.shifted}

    # 2026: 15 February is in the Spring Festival (15 to 23 February), 15 March and 15 November are Sundays, 15 August a Saturday.
    assert held == {"02-15": "02-24", "03-15": "03-16", "08-15": "08-17", "11-15": "11-16"}


def test_every_shifted_date_is_a_working_day_and_never_earlier() -> None:
    starts = rule_starts(rule_text(Every.WEEK, first("2026-01-03"), Until.NEXT_YEAR), ZONE)

    for day in series_days(starts, ZONE, shift=True):
        if day.held_on is not None:
            assert is_working_day(day.held_on)
            assert day.held_on >= day.by_rule


def test_two_dates_never_fall_on_one_day() -> None:
    starts = rule_starts(rule_text(Every.WEEK, first("2026-09-24"), Until.THIS_YEAR), ZONE)  # Thursdays; 1 to 7 October are off
    days = {day.by_rule: day.held_on for day in series_days(starts, ZONE, shift=True)}

    assert days[date(2026, 10, 1)] is None
    assert days[date(2026, 10, 8)] == date(2026, 10, 8)


def test_without_the_shift_holidays_stay_and_are_named() -> None:
    [day, *_] = series_days([first("2026-10-01")], ZONE, shift=False)

    assert day.held_on == date(2026, 10, 1)
    assert day.notable is not None
    assert (day.notable.kind, day.notable.holiday) == (DayKind.HOLIDAY, "national_day")


def test_a_made_up_working_saturday_is_kept_and_named() -> None:
    [day] = series_days([first("2026-10-10")], ZONE, shift=True)

    assert not day.shifted
    assert day.notable is not None
    assert day.notable.kind is DayKind.MADE_UP


def test_beyond_the_calendar_the_day_says_so() -> None:
    [day] = series_days([first("2031-10-01")], ZONE, shift=True)

    assert day.notable is not None
    assert day.notable.kind is DayKind.UNKNOWN


@pytest.mark.parametrize(
    ("held", "may_stand_for"),
    [("2026-03-16", [16, 15, 14]), ("2026-03-17", [17]), ("2026-10-08", [8, 7, 6, 5, 4, 3, 2, 1]), ("2026-06-01", [1])],
)
def test_a_day_may_stand_for_the_days_off_before_it(held: str, may_stand_for: list[int]) -> None:
    assert [day.day for day in stands_for(date.fromisoformat(held))] == may_stand_for


@pytest.mark.parametrize("every", list(Every))
def test_a_rule_can_be_told_from_its_text(every: Every) -> None:
    assert rule_of(rule_text(every, first("2026-03-31"), Until.TWELVE), ZONE) == (every, first("2026-03-31"))
