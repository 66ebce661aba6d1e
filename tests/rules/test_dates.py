"""Dates as people type them. It is Tuesday 10 March 2026, noon in Shanghai."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.clock_words import NoSuchTime, TimeUnclear, read_lengths
from handlers.dates import (
    DateUnclear,
    DayMissing,
    MomentPast,
    MomentTooFar,
    NoSuchDay,
    TimeMissing,
    WeekdayMismatch,
    read_moment,
    read_span,
)
from models.rules import RuleBroken

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("3月15日下午2点半", "03-15 14:30"),
        ("3月15号下午2點半", "03-15 14:30"),
        ("3 月 15 日 14 点 30 分", "03-15 14:30"),
        ("３月１５日１４：３０", "03-15 14:30"),
        ("三月十五日下午两点半", "03-15 14:30"),
        ("3月15日（周日）上午9点", "03-15 09:00"),
        ("3月15日9点", "03-15 09:00"),
        ("3月15日上午9点整", "03-15 09:00"),
        ("2026年3月15日14:30", "03-15 14:30"),
        ("二〇二六年三月十五日上午九点三十分", "03-15 09:30"),
        ("明天14:30", "03-11 14:30"),
        ("明天中午", "03-11 12:00"),
        ("明天中午12点", "03-11 12:00"),
        ("明早8点", "03-11 08:00"),
        ("明晚7点", "03-11 19:00"),
        ("今晚7点半", "03-10 19:30"),
        ("今天下午五点", "03-10 17:00"),
        ("后天上午九点", "03-12 09:00"),
        ("大后天上午9点", "03-13 09:00"),
        ("3天后上午9点", "03-13 09:00"),
        ("两周后 9:00", "03-24 09:00"),
        ("周三下午三点一刻", "03-11 15:15"),
        ("周二上午9点", "03-17 09:00"),
        ("周二下午2点", "03-10 14:00"),
        ("周五下午2点", "03-13 14:00"),
        ("本周五 9:00", "03-13 09:00"),
        ("这周五上午9点", "03-13 09:00"),
        ("星期五15点", "03-13 15:00"),
        ("礼拜天上午10点", "03-15 10:00"),
        ("下周三上午9点", "03-18 09:00"),
        ("下周三14：30", "03-18 14:30"),
        ("下个周三上午9点", "03-18 09:00"),
        ("下週三下午3點", "03-18 15:00"),
        ("下下周一上午9点", "03-23 09:00"),
        ("15号下午三点", "03-15 15:00"),
        ("5号上午9点", "04-05 09:00"),
        ("本月20日 9:00", "03-20 09:00"),
        ("下个月5号上午10点", "04-05 10:00"),
        ("3/15 14:30", "03-15 14:30"),
        ("15/3 14:30", "03-15 14:30"),
        ("3.15 14:30", "03-15 14:30"),
        ("2026.3.15 9:00", "03-15 09:00"),
        ("2026/3/15 9:00", "03-15 09:00"),
        ("2026-03-15 14:30", "03-15 14:30"),
        ("2026-03-15T14:30", "03-15 14:30"),
        ("20260315 9:00", "03-15 09:00"),
        ("明天03:30", "03-11 03:30"),
        ("15 March 2pm", "03-15 14:00"),
        ("15th of March at 9am", "03-15 09:00"),
        ("March 15th 2:30pm", "03-15 14:30"),
        ("March 15, 2026 2 pm", "03-15 14:00"),
        ("Sunday 15 March 2026 9:00", "03-15 09:00"),
        ("Wed, 18 Mar, 14:30", "03-18 14:30"),
        ("tomorrow 14:30", "03-11 14:30"),
        ("tomorrow at 9", "03-11 09:00"),
        ("tomorrow noon", "03-11 12:00"),
        ("the day after tomorrow at 10:00", "03-12 10:00"),
        ("in 3 days 9am", "03-13 09:00"),
        ("Fri 2pm", "03-13 14:00"),
        ("Thurs 10am", "03-12 10:00"),
        ("thursday 2.30pm", "03-12 14:30"),
        ("next Wednesday 9:00", "03-18 09:00"),
        ("next friday at 3 in the afternoon", "03-20 15:00"),
        ("Friday at 9 o'clock", "03-13 09:00"),
    ],
)
def test_a_date_is_read_however_it_is_written(written: str, meant: str) -> None:
    assert read_moment(written, now=NOW, timezone=SHANGHAI).strftime("%Y-%m-%d %H:%M") == f"2026-{meant}"


@pytest.mark.parametrize(("written", "year"), [("1月8日上午9点", 2027), ("明年1月8日上午9点", 2027), ("2027年3月1日上午9点", 2027)])
def test_a_day_that_has_passed_is_meant_next_year(written: str, year: int) -> None:
    assert read_moment(written, now=NOW, timezone=SHANGHAI).year == year


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        ("随便", DateUnclear),
        ("soon", DateUnclear),
        ("10", DateUnclear),
        ("周末下午2点", DateUnclear),
        ("3月15日上午9点开会", DateUnclear),
        ("下午3点", DayMissing),
        ("9:00", DayMissing),
        ("明天", TimeMissing),
        ("明天下午", TimeMissing),
        ("3月15日", TimeMissing),
        ("下周", TimeMissing),
        ("tomorrow", TimeMissing),
        ("2月30日9:00", NoSuchDay),
        ("31日9:00", None),
        ("2026年13月1日9:00", NoSuchDay),
        ("明天25:00", NoSuchTime),
        ("明天9:75", NoSuchTime),
        ("明天上午14点", NoSuchTime),
        ("明天3点", TimeUnclear),
        ("明天3:30", TimeUnclear),
        ("明天晚上12点", TimeUnclear),
        ("3月15日周三9点", WeekdayMismatch),
        ("昨天9点", MomentPast),
        ("今天上午9点", MomentPast),
        ("本周一9点", MomentPast),
        ("上周五9点", MomentPast),
        ("2026-03-01 9:00", MomentPast),
        ("2030年1月1日9点", MomentTooFar),
    ],
)
def test_what_is_missing_or_wrong_is_named(written: str, refusal: type[RuleBroken] | None) -> None:
    if refusal is None:
        assert read_moment(written, now=NOW, timezone=SHANGHAI).day == 31
        return
    with pytest.raises(refusal):
        read_moment(written, now=NOW, timezone=SHANGHAI)


@pytest.mark.parametrize(
    ("written", "until"),
    [("3月15日下午2点到4点", "16:00"), ("3月15日 9:00-11:30", "11:30"), ("tomorrow 9am to 11am", "11:00"), ("2026-03-15 14:30", None)],
)
def test_an_end_may_be_written_beside_the_start(written: str, until: str | None) -> None:
    _, end = read_span(written, now=NOW, timezone=SHANGHAI)

    assert (end.strftime("%H:%M") if end else None) == until


@given(st.text(alphabet="0123456789年月日号点半时分周一二三天今明后上下午晚个 :：/-.amptoedwsrifnhuv", max_size=20))
def test_whatever_is_typed_is_read_or_politely_refused(written: str) -> None:
    try:
        moment = read_moment(written, now=NOW, timezone=SHANGHAI)
    except RuleBroken:
        return
    assert NOW < moment <= NOW + timedelta(days=366)


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("5天, 2天, 3小时", [120, 48, 3]),
        ("五天、两天和半小时", [120, 48, 0.5]),
        ("7d 3d 1d 2h", [168, 72, 24, 2]),
        ("3 days, 2 hours", [72, 2]),
        ("一周，3天", [168, 72]),
        ("明天", []),
        ("0天", []),
        ("9999999天", []),
    ],
)
def test_lengths_of_time_are_read(written: str, hours: list[float]) -> None:
    assert [length / timedelta(hours=1) for length in read_lengths(written)] == hours


@pytest.mark.parametrize(
    ("written", "ends"),
    [
        ("3月20日上午9点至3月21日下午5点", datetime(2026, 3, 21, 17, tzinfo=SHANGHAI)),
        ("3月20日9点到2026-03-22 11:30", datetime(2026, 3, 22, 11, 30, tzinfo=SHANGHAI)),
        ("12月31日22:30到2027年1月1日01:30", datetime(2027, 1, 1, 1, 30, tzinfo=SHANGHAI)),
        ("12月31日22:30-次日1:30", datetime(2027, 1, 1, 1, 30, tzinfo=SHANGHAI)),
        ("3月20日23点到1点", datetime(2026, 3, 21, 1, tzinfo=SHANGHAI)),
    ],
)
def test_an_end_may_lie_on_a_later_day(written: str, ends: datetime) -> None:
    assert read_span(written, now=NOW, timezone=SHANGHAI)[1] == ends


@pytest.mark.parametrize("written", ["3月20日9点到3月19日17点", "3月20日9点到4月20日17点"])
def test_an_end_before_the_start_or_weeks_later_is_not_understood(written: str) -> None:
    with pytest.raises(DateUnclear):
        read_span(written, now=NOW, timezone=SHANGHAI)
