"""Whatever anybody wrote anywhere is shown as it was written, and is nothing but words: no tag, no template, no formula, no turned line."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from handlers.keyboards import Button
from handlers.menu import MenuPress
from handlers.roster_sheet import roster_workbook
from handlers.spreadsheet import write_table
from handlers.texts import Texts
from handlers.workbook import Sheet, workbook
from models.base import Base
from models.policy import Policy
from tests.conftest import NOON
from tests.permissions.district import AREA_STAFF, DEPUTY, GROUP_LEADER, HERE, LEADER, NAMED, OFFICE, settle
from tests.permissions.walking import Walker, message, pressed, presses_of
from tests.security.hostile import NOT_WRITTEN, OURS, WORD, problems_of, problems_of_file, write_over, written_columns
from tests.village import village

EVERYBODY = (OFFICE, LEADER, HERE + DEPUTY, HERE + GROUP_LEADER, HERE + AREA_STAFF, HERE + NAMED)
FILES = re.compile("my_data|sheet|export|document|template|Calendar")
"""Doors from which files come."""
AT_ONCE = 5
"""The short form goes through every so many doors of each person, each through others."""


@contextlib.asynccontextmanager
async def a_hostile_district(database_url: str, word: str) -> AsyncIterator[Walker]:
    async with village(database_url, at=NOON) as home:
        async with home.session() as session:
            await settle(session, NOON)
            await write_over(session, word)
        async with Walker.through(home) as walker:
            yield walker


def doors(walker: Walker, who: int, numbers: tuple[int, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Whatever somebody can tap, open or say."""
    for entry in walker.registry.menu.entries:
        yield f"/{entry.name}", message(who, f"/{entry.name}")
    for words in ("/search 甲", "/search 91", "/who 甲", "甲"):
        yield words, message(who, words)
    for letter in walker.registry.starts:
        yield f"?{letter}", message(who, f"/start {letter}_{HERE + 1}")
    for kind, number in itertools.product(walker.registry.presses, numbers):
        for door, press in presses_of(kind, HERE + number, choose=number - 1):
            yield door, pressed(who, press.pack())


async def shown_wrong(walker: Walker, updates: Iterator[tuple[int, str, dict[str, Any]]]) -> list[str]:
    wrong = []
    for who, door, update in updates:
        passage = await walker.goes(who, update)
        if passage.broke:
            wrong.append(f"{door} breaks for {who}: {passage.refusal!r}")
        wrong += [f"{door} shows {who} {problem}" for call in passage.calls for problem in problems_of(call)]
    return wrong


def test_the_columns_that_the_home_alone_writes_are_columns() -> None:
    names = {column.name for table in Base.metadata.sorted_tables for column in table.c}

    assert OURS - names == set()
    assert NOT_WRITTEN - {table.name for table in Base.metadata.sorted_tables} == set()
    assert len(list(written_columns())) > 40


async def test_what_people_wrote_is_shown_as_it_was_written_and_is_nothing_else(database_url: str) -> None:
    async with a_hostile_district(database_url, WORD) as walker:
        ways = (
            (who, *way)
            for place, who in enumerate(EVERYBODY)
            for way in itertools.islice(doors(walker, who, (1 + place % 4,)), place % AT_ONCE, None, AT_ONCE)
        )
        assert await shown_wrong(walker, ways) == []


async def test_no_formula_and_no_hidden_sign_comes_out_in_a_file_and_no_tag_among_what_was_found(database_url: str) -> None:
    kinds = set()
    async with a_hostile_district(database_url, WORD) as walker:
        for who in (OFFICE, HERE + DEPUTY):
            for door, update in doors(walker, who, (1, 2)):
                if FILES.search(door) or door.startswith(("/search", "/who")):
                    calls = (await walker.goes(who, update)).calls
                    assert [problem for call in calls for problem in problems_of(call)] == [], door
                    kinds |= {(door.split()[0], call.file[0].rpartition(".")[2]) for call in calls if call.file is not None}
    assert kinds >= {
        ("SheetPress", "xlsx"),
        ("/my_data", "xlsx"),
        ("CallPress", "xlsx"),
        ("CallPress", "docx"),
        ("OwnCalendarPress", "ics"),
    }
    assert kinds >= {("ActivityPress", "xlsx"), ("IssuesPress", "xlsx"), ("RecordPress", "docx"), ("SuggestionPress", "docx")}


def test_a_button_for_what_has_no_name_can_be_sent() -> None:
    texts = Texts(("zh_CN",), Policy().timezone)

    assert Button("\u3164\u200b ", MenuPress("menu")).as_json(texts, "zh_CN")["text"] == "…"


@pytest.mark.parametrize("word", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", WORD])
def test_every_writer_of_spreadsheets_writes_words_as_words(word: str) -> None:
    sheet = Sheet(word[:9].strip("=\t"), word, {word: 9}, [[word]])
    files = [
        write_table("表", [word], [[word]]),
        workbook([sheet], timezone=Policy().timezone, date_format="yyyy"),
        roster_workbook([[word] * 9], {"归属地": [word]}, [word]),
    ]

    assert [problems_of_file("表.xlsx", file) for file in files] == [[], [], []]


@pytest.mark.parametrize(
    "word",
    ["-1+1|cmd' /C calc'!A0\x0b\x1f\r\nBEGIN:VALARM", "&<" * 2100, "\u3164\u200b", "@SUM(1)\t\u202e" + "😀\u200d" * 2000, WORD],
    ids=["lines", "long", "nothing", "emoji", "attack"],
)
@pytest.mark.long
async def test_what_people_wrote_is_shown_as_it_was_written_whatever_it_is_and_to_whomever(database_url: str, word: str) -> None:
    async with a_hostile_district(database_url, word) as walker:
        assert (
            await shown_wrong(
                walker, ((who, *way) for place, who in enumerate(EVERYBODY) for way in doors(walker, who, (1 + place % 4, 2)))
            )
            == []
        )
