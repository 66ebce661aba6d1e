"""The table of permissions holds under input made up at random: buttons, links, contacts, commands where they do not belong, huge texts."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.circle_commands import GROUP_COMMANDS
from handlers.keyboards import Press
from handlers.permissions import Scope, door_of, the_table
from handlers.registry import Registry
from models.people import Role
from models.plain_text import plain
from models.rules import Gone
from tests.conftest import NOON
from tests.permissions.district import (
    AREA_STAFF,
    DEPUTY,
    GROUP_LEADER,
    HALVES,
    HERE,
    LEADER,
    NOBODY,
    NUMBERS,
    OFFICE,
    SOMEBODY,
    THERE,
    settle,
)
from tests.permissions.test_table import OF_THE_WHOLE
from tests.permissions.walking import LEFT_ALONE, Passage, Walker, message, pressed, presses_of, sender
from tests.security.hostile import WORD, problems_of
from tests.village import village

REGISTRY, TABLE = Registry(), the_table()
WITH_LIMITS: Mapping[int, Role] = {HERE + DEPUTY: Role.DEPUTY, HERE + GROUP_LEADER: Role.GROUP_LEADER, HERE + AREA_STAFF: Role.AREA_STAFF}
"""Who of the one half must see nothing of the other, unless the table says that all is theirs."""
ROLES: Mapping[int, frozenset[Role] | None] = {
    **{who: frozenset({role}) for who, role in WITH_LIMITS.items()},
    OFFICE: frozenset({Role.OFFICE}),
    LEADER: frozenset({Role.LEADER}),
    NOBODY: frozenset(),
    SOMEBODY: None,
}
PEOPLE = (*WITH_LIMITS, OFFICE, LEADER, NOBODY, SOMEBODY)
FILE = {"file_id": "f", "file_unique_id": "u"}
GROUPS = (
    {"id": -1001000000007, "type": "supergroup", "title": WORD},
    {"id": -7, "type": "group", "title": "家人"},
    {"id": -1001000000008, "type": "channel", "title": "频道"},
)
TEXTS = st.one_of(
    st.sampled_from(
        [WORD, "活动：\n类型：视察\n时间：明天9点", "1" * 4096, "王" * 2_000_000, "\u202e" * 4096, "{0}{person.phone}%n", "/" * 999]
    ),
    st.text(max_size=120),
)
NAMES = st.one_of(st.sampled_from([WORD, "王" * 100_000, "\u3164", "\x00", "联络室"]), st.text(max_size=40))


class Thrown(NamedTuple):
    """What somebody sends: what it is called, who, and the update."""

    kind: str
    who: int
    update: dict[str, Any]


@st.composite
def callback_data(draw: st.DrawFn, half: int = THERE) -> str:
    """A button's data of this half, or of nobody's, as a client can change it: whole, cut, longer, with other signs in its fields."""
    kind = draw(st.sampled_from(list(REGISTRY.presses)))
    number = draw(st.sampled_from([*(half + each for each in NUMBERS), 0, -1, 9_000_000]))
    packed = draw(st.sampled_from([press.pack() for _, press in presses_of(kind, number, choose=draw(st.integers(0, 9)))]))
    fields = packed.split(":")
    place = draw(st.integers(0, len(fields) - 1))
    junk = draw(
        st.sampled_from(["", " 1", "１", "1_0", "٣", "-0", "9" * 30, "2147483647", "None", "\x00", "=1", "../..", "<b>", "{0}", "\u202e1"])
    )
    changes: dict[str, Callable[[], list[str]]] = {
        "whole": lambda: fields,
        "cut": lambda: fields[:place],
        "longer": lambda: [*fields, junk],
        "other": lambda: [*fields[:place], junk, *fields[place + 1 :]],
        "swapped": lambda: [fields[0], *reversed(fields[1:])],
        "twice": lambda: fields + fields,
    }
    return ":".join(changes[draw(st.sampled_from(["whole", "whole", *changes]))]())


@st.composite
def thrown(draw: st.DrawFn) -> Thrown:
    who = draw(st.sampled_from(PEOPLE))
    kind = draw(
        st.sampled_from(
            [
                "press",
                "press",
                "press",
                "press in a group",
                "press in a group",
                "link",
                "contact",
                "command in a group",
                "text",
                "name",
                "file",
            ]
        )
    )
    group = draw(st.sampled_from(GROUPS))
    if kind.startswith("press"):
        half = THERE if kind == "press" else HERE
        update = pressed(who, draw(st.one_of(callback_data(half), callback_data(half), st.text(max_size=64))))
        if kind == "press in a group":
            update["callback_query"]["message"]["chat"] = group
    elif kind == "link":
        rest = st.one_of(st.just(str(THERE + 1)), st.text("abcXYZ019_-", max_size=62), st.integers(-(2**70), 2**70).map(str))
        update = message(who, f"/start {draw(st.sampled_from(sorted(REGISTRY.starts)))}_{draw(rest)}")
    elif kind == "contact":
        owner = draw(st.sampled_from([None, *(each for each in PEOPLE if each != who)]))
        phone = draw(st.sampled_from([f"139{HERE + DEPUTY:08}", f"1380000{OFFICE:04}", "+86 139 9999 9999", "0", "", WORD]))
        contact = {"phone_number": phone, "first_name": draw(NAMES), **({"user_id": owner} if owner is not None else {})}
        update = message(who, contact=contact)
    elif kind == "command in a group":
        name = draw(st.sampled_from(["start", *(entry.name for entry in REGISTRY.menu.entries), *GROUP_COMMANDS]))
        update = message(who, f"/{name} {draw(st.sampled_from(['', 'p_1', '城建', str(THERE + 1)]))}".strip())
        update["message"]["chat"] = group
    elif kind == "text":
        forwarded = {"type": "hidden_user", "date": 1773115200, "sender_user_name": draw(NAMES)}
        update = message(who, draw(TEXTS), **draw(st.sampled_from([{}, {"forward_origin": forwarded}])))
    elif kind == "name":
        update = message(who, draw(st.sampled_from(["/start", "/start a_9000000", "你好", "/letters"])))
        update["message"]["from"] = {**sender(who), "first_name": draw(NAMES), "last_name": draw(NAMES), "username": "a" * 32}
    else:
        document = {"document": {**FILE, "file_name": draw(NAMES), "mime_type": draw(st.sampled_from(["image/png", WORD]))}}
        update = message(who, caption=draw(TEXTS), **draw(st.sampled_from([document, {"photo": [{**FILE, "width": 1, "height": 1}]}])))
    return Thrown(kind, who, update)


def wrong_with(it: Thrown, passage: Passage) -> list[str]:
    """What must not have come of it."""
    wrong = [f"breaks: {passage.refusal!r}"] if passage.broke else []
    changed = passage.written - LEFT_ALONE
    wrong += [problem for call in passage.calls for problem in problems_of(call)]
    if it.who == NOBODY and (changed or not (passage.refused or isinstance(passage.refusal, Gone) or "group" in it.kind)):
        wrong.append(f"somebody without a role changes {changed}, hears {passage.said}")
    if it.kind == "contact" and changed & {"people", "person_roles", "personal_links", "identity_requests"}:
        wrong.append(f"another's contact changes {changed}")
    if "in a group" in it.kind:
        command = it.update.get("message", {}).get("text", "").split(" ")[0].removeprefix("/")
        there = [call for call in passage.calls if call.chat_id is not None and call.chat_id < 0]
        if command not in GROUP_COMMANDS and (there or changed):
            wrong.append(f"a group hears {there}, and it changes {changed}")
    press = _press_of(it)
    if press is None:
        return wrong
    if type(press).__name__ in passage.reached and not TABLE.allow(door_of(press), ROLES[it.who]):
        wrong.append("gets in where the table lets nobody of their kind in")
    if type(press).__name__ in passage.reached and it.kind == "press in a group" and not type(press).in_groups:
        wrong.append("gets in from a group")
    sees_all = it.who not in WITH_LIMITS or type(press).__name__ in OF_THE_WHOLE
    sees_all = sees_all or TABLE.row(door_of(press))[WITH_LIMITS[it.who]] is Scope.ALL
    if it.kind == "press" and not sees_all and HALVES[THERE] in passage.said:
        wrong.append(f"learns of the other half: {passage.said}")
    return wrong


def _press_of(it: Thrown) -> Press | None:
    """What a press says, where it says anything."""
    data = it.update.get("callback_query", {}).get("data", "")
    kind = Press.known.get(plain(data).split(":")[0])
    try:
        return kind.unpack(plain(data)) if kind in REGISTRY.presses and kind is not None else None
    except Gone:
        return None


@contextlib.asynccontextmanager
async def a_district(database_url: str) -> AsyncIterator[Walker]:
    async with village(database_url, at=NOON) as home:
        async with home.session() as session:
            await settle(session, NOON)
        async with Walker.through(home) as walker:
            yield walker


@pytest.fixture
def met(database_url: str) -> Iterator[Callable[[Thrown], Passage]]:
    """What becomes of whatever is thrown, each in a transaction that is rolled back: one district serves all examples."""
    with asyncio.Runner() as runner:
        district = a_district(database_url)
        walker = runner.run(district.__aenter__())
        try:
            yield lambda it: runner.run(walker.goes(it.who, it.update))
        finally:
            runner.run(district.__aexit__(None, None, None))


HOW: dict[str, Any] = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}


@settings(max_examples=500, derandomize=True, **HOW)
@given(it=thrown())
def test_whatever_a_client_makes_up_changes_nothing_that_the_table_does_not_allow(met: Callable[[Thrown], Passage], it: Thrown) -> None:
    assert wrong_with(it, met(it)) == []


@pytest.mark.long
@settings(max_examples=4_000, **HOW)
@given(it=thrown())
def test_whatever_a_client_makes_up_changes_nothing_for_long(met: Callable[[Thrown], Passage], it: Thrown) -> None:
    assert wrong_with(it, met(it)) == []
