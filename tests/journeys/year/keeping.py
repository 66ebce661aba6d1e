"""The record: kept by whoever organised, confirmed by the office, and then compared with what the players know."""

from __future__ import annotations

from datetime import timedelta

from handlers.activity_card import ActivityPress, Do
from handlers.record_presses import RecordDo, RecordPress
from tests.journeys.phones import press_one
from tests.journeys.year.calling import organiser_of
from tests.journeys.year.cast import Happening, Year
from tests.village import Phone


async def keep(year: Year, happening: Happening) -> None:
    """Open the record and tell it what happened."""
    organiser = organiser_of(year, happening.planned)
    await organiser.says("/activities")
    await year.home.settle()
    assert await press_one(organiser, ActivityPress, ActivityPress(happening.id, Do.OPEN).__eq__), happening.planned.title
    await year.home.settle()
    assert await _press(organiser, happening, RecordDo.GATHER), happening.planned.title
    await year.home.settle()
    await organiser.says("代表们听取了汇报，查看了现场，提出了意见。")
    await organiser.sends_album({"kind": "photo", "caption": "现场"}, {"kind": "photo"})
    await year.home.settle()
    await year.home.passes(timedelta(seconds=5))  # the card waits for the last of an album
    assert await _press(organiser, happening, RecordDo.STOP), happening.planned.title
    await year.home.settle()


async def submit(year: Year, happening: Happening) -> None:
    organiser = organiser_of(year, happening.planned)
    assert await _press(organiser, happening, RecordDo.SUBMIT), happening.planned.title
    await year.home.settle()


async def confirm(year: Year, happening: Happening) -> None:
    assert await _press(year.office, happening, RecordDo.CONFIRM), happening.planned.title
    await year.home.settle()


async def _press(phone: Phone, happening: Happening, do: RecordDo) -> bool:
    return await press_one(phone, RecordPress, lambda does: does.activity_id == happening.id and does.do is do)
