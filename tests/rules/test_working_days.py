"""Working days: weekends, holidays, and the weekends worked in exchange."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.working_days import add_working_days, half_way, in_working_hours, is_working_day

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(month: int, day: int, hour: int = 10, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def test_holidays_are_off_and_make_up_days_are_worked() -> None:
    assert not is_working_day(date(2026, 10, 1))
    assert not is_working_day(date(2026, 2, 17))
    assert is_working_day(date(2026, 10, 10)), "a Saturday worked in exchange"
    assert not is_working_day(date(2026, 3, 14)), "a plain Saturday"


def test_beyond_the_calendars_data_weekdays_count() -> None:
    assert is_working_day(date(2040, 10, 1))
    assert not is_working_day(date(2040, 10, 6))


def test_two_working_days_from_a_tuesday_end_on_thursday_at_the_same_time() -> None:
    assert add_working_days(at(3, 10), 2, SHANGHAI) == at(3, 12)


def test_a_weekend_does_not_count() -> None:
    assert add_working_days(at(3, 13), 2, SHANGHAI) == at(3, 17)


def test_the_national_holiday_does_not_count_but_its_make_up_day_does() -> None:
    assert add_working_days(at(9, 30), 1, SHANGHAI) == at(10, 8)
    assert add_working_days(at(10, 9), 1, SHANGHAI) == at(10, 10)


def test_what_begins_on_a_day_off_begins_to_count_on_the_next_working_day() -> None:
    assert add_working_days(at(3, 14), 2, SHANGHAI) == at(3, 17)


def test_half_of_two_working_days_is_one_and_half_of_one_is_half_the_way() -> None:
    assert half_way(at(3, 13), 2, SHANGHAI) == at(3, 16)
    assert half_way(at(3, 10), 1, SHANGHAI) == at(3, 10) + timedelta(hours=12)


def test_nobody_is_reminded_at_night_or_on_a_day_off() -> None:
    hours = (time(8, 30), time(17, 30), SHANGHAI)

    assert in_working_hours(at(3, 10, 10), *hours) == at(3, 10, 10)
    assert in_working_hours(at(3, 10, 22), *hours) == at(3, 11, 8, 30)
    assert in_working_hours(at(3, 10, 3), *hours) == at(3, 10, 8, 30)
    assert in_working_hours(at(3, 13, 20), *hours) == at(3, 16, 8, 30)
