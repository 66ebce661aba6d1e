"""One table says who may do what: every door of the Home is in it, and everybody is let in or refused as it says."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Any

import pytest

from handlers.menu import MenuPress
from handlers.permissions import STRANGER, Permissions, Scope, the_table
from handlers.registry import Registry
from models.people import Role
from tests.conftest import NOON
from tests.permissions.district import (
    AREA_STAFF,
    DEPUTY,
    GROUP_LEADER,
    HALVES,
    HERE,
    LEADER,
    NAMED,
    NOBODY,
    NUMBERS,
    OFFICE,
    SOMEBODY,
    THERE,
    settle,
)
from tests.permissions.walking import LEFT_ALONE, Passage, Walker, message, pressed, presses_of
from tests.village import village

TABLE = the_table()
WHO: dict[str, Sequence[int]] = {
    Role.DEPUTY: (HERE + DEPUTY, HERE + NAMED),
    Role.GROUP_LEADER: (HERE + GROUP_LEADER,),
    Role.OFFICE: (OFFICE,),
    Role.LEADER: (LEADER,),
    Role.AREA_STAFF: (HERE + AREA_STAFF,),
    STRANGER: (SOMEBODY,),
}
"""Who goes through the doors as what."""
REFUSED_POLITELY = ("没有这项权限", "仅限名册内人员", "仅对名册内")


@pytest.fixture
async def walker(database_url: str) -> AsyncIterator[Walker]:
    async with village(database_url, at=NOON) as home:
        async with home.session() as session:
            await settle(session, NOON)
        async with Walker.through(home) as walker:
            yield walker


def test_every_door_of_the_home_is_in_the_table_and_the_table_names_no_other() -> None:
    assert sorted(Registry().doors - TABLE.doors) == [], "say in handlers/permissions.txt who may do this"
    assert sorted(TABLE.doors - Registry().doors) == [], "handlers/permissions.txt speaks of what is no more"


def test_no_two_kinds_of_button_share_a_name_in_the_table() -> None:
    names = [kind.__name__ for kind in Registry().presses]

    assert sorted(names) == sorted(set(names))


def test_a_door_that_is_not_in_the_table_is_open_to_nobody() -> None:
    assert not any(TABLE.allow("/unheard_of", frozenset({role})) for role in Role)
    assert not TABLE.allow("/unheard_of", None)


def test_telegrams_own_word_of_a_group_is_heard_whomever_it_is_about() -> None:
    rows = [TABLE.row(door) for door in TABLE.doors if door.startswith("update ")]

    assert {scope for row in rows for scope in row.values()} == {Scope.ALL}


def test_whoever_has_several_roles_may_what_any_of_them_may_and_without_any_nothing() -> None:
    assert TABLE.scopes("/activities", frozenset({Role.AREA_STAFF, Role.DEPUTY})) == {Scope.AREA, Scope.OWN}
    assert not any(TABLE.allow(door, frozenset()) for door in TABLE.doors)


def test_a_table_that_says_a_thing_twice_or_does_not_know_a_role_is_refused() -> None:
    head = "door deputy group_leader office leader area_staff stranger\n"
    with pytest.raises(ValueError, match="two lines"):
        Permissions(head + "/menu all all all all all -\n/menu - - - - - -")
    with pytest.raises(ValueError, match="columns"):
        Permissions("door deputy office\n/menu all all")
    with pytest.raises(ValueError, match="everything"):
        Permissions(head + "/menu everything all all all all -")


async def test_every_command_and_entry_of_the_menu_lets_in_whom_the_table_names_and_nobody_else(walker: Walker) -> None:
    wrong = []
    for entry in walker.registry.menu.entries:
        door = f"/{entry.name}"
        for who in WHO:
            wrong += await judged(walker, door, who, [partial(message, text=door)])
            wrong += await judged(walker, door, who, [partial(pressed, data=MenuPress(entry.name).pack())])
    assert wrong == []


@pytest.mark.minutes
async def test_every_button_lets_in_whom_the_table_names_and_nobody_else(walker: Walker) -> None:
    wrong = []
    for kind in walker.registry.presses:
        variants = [dict(presses_of(kind, HERE + number, choose=number - 1)) for number in NUMBERS]
        for door in variants[0]:
            for who in WHO:
                wrong += await judged(walker, door, who, [partial(pressed, data=variant[door].pack()) for variant in variants])
    assert wrong == [], "\n".join(wrong)


async def test_every_deep_link_lets_in_whom_the_table_names_and_nobody_else(walker: Walker) -> None:
    wrong = []
    for letter in walker.registry.starts:
        for who in WHO:
            wrong += await judged(walker, f"?{letter}", who, [partial(message, text=f"/start {letter}_{HERE + 1}")])
    assert wrong == []


async def test_what_is_written_while_a_form_is_open_reaches_it_only_for_whom_the_table_names(walker: Walker) -> None:
    """A form outlives the role it was opened with; it is closed then, and the words are what they would be without it."""
    wrong = []
    for kind in walker.registry.forms:
        for who, (person, *_) in WHO.items():
            if who != STRANGER:
                passage = await walker.goes(person, message(person, "你好"), form=kind)
                may = TABLE.row(f"form {kind}")[who] is not Scope.NONE
                if (f"form {kind}" in passage.reached) != may or (not may and "forms" not in passage.written):
                    wrong.append(f"form {kind}: {who} {passage}")
    assert wrong == []


SAID: tuple[dict[str, Any], ...] = (
    {"text": "你好"},
    {"text": "1234"},
    {"text": "ABCD2345"},
    {"text": "活动：视察\n时间：3月25日上午9点"},
    {"text": "/circle"},
    {"document": {"file_id": "f", "file_unique_id": "u", "file_name": "名册.xlsx"}},
    {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}], "caption": "看看"},
    {"location": {"latitude": 31.8, "longitude": 115.9}},
    {"contact": {"phone_number": "13800000501", "first_name": "某人", "user_id": OFFICE}},
)
GROUP = {"id": -1001, "type": "supergroup", "title": "工作圈"}


async def test_what_takes_messages_edits_and_what_is_said_in_groups_gets_them_only_from_whom_the_table_names(walker: Walker) -> None:
    met: dict[str, set[str]] = {}
    for said in SAID:
        for who, (person, *_) in WHO.items():
            private = message(person, **said)["message"]
            ways = ({"message": private}, {"edited_message": private}, {"message": {**private, "chat": GROUP}})
            for passage in [await walker.goes(person, way) for way in ways]:
                assert not passage.broke, (who, said, passage)
                for door in passage.reached:
                    met.setdefault(door, set()).add(who)

    taken = {door: whose for door, whose in met.items() if door.startswith(("message", "edit", "group"))}
    assert {door for door in taken if door.startswith("group")}
    assert [(door, who) for door, whose in taken.items() for who in whose if TABLE.row(door)[who] is Scope.NONE] == []


async def test_whoever_has_no_role_gets_nothing_but_a_polite_refusal(walker: Walker) -> None:
    updates = [message(NOBODY, f"/{entry.name}") for entry in walker.registry.menu.entries]
    updates += [pressed(NOBODY, press.pack()) for kind in walker.registry.presses for _, press in presses_of(kind, HERE + 1)]
    updates += [message(NOBODY, f"/start {letter}_{HERE + 1}") for letter in walker.registry.starts]
    updates += [message(NOBODY, "/start"), *(message(NOBODY, **said) for said in SAID)]
    passages = [await walker.goes(NOBODY, update) for update in updates]

    assert {(passage.refused, *passage.reached, *passage.written) for passage in passages} == {(True,)}


OWN_ROWS = {"forms", "cards", "attachments"}
"""What somebody may begin for themselves while they look for another's things: an empty form, a card in their own chat."""
OF_ONESELF = {
    "AwayPress": {"absences"},
    "LanguagePress": {"people"},
    "ProfilePress": {"profiles"},
    "WhichPress": {"check_in_guesses"},
}
"""Buttons that write of oneself whatever they speak of: how often somebody guessed wrong is counted."""
OF_THE_WHOLE = {"BatchPress", "VerdictPress"}
"""A main leader's delegate decides leave for the whole district."""


@pytest.mark.minutes
async def test_whoever_gives_another_groups_areas_or_deputys_number_changes_nothing_and_learns_nothing(walker: Walker) -> None:
    """Where the table lets somebody see to what is theirs alone, the other half of the district is as good as not there."""
    wrong = []
    for kind in walker.registry.presses:
        variants = [dict(presses_of(kind, THERE + number, choose=number - 1)) for number in NUMBERS]
        for door in variants[0]:
            for who in (Role.DEPUTY, Role.GROUP_LEADER, Role.AREA_STAFF):
                if TABLE.row(door)[who] in (Scope.NONE, Scope.ALL) or kind.__name__ in OF_THE_WHOLE:
                    continue
                for person, variant in itertools.product(WHO[who], variants):
                    passage = await walker.goes(person, pressed(person, variant[door].pack()))
                    changed = passage.written - LEFT_ALONE - OWN_ROWS - OF_ONESELF.get(kind.__name__, set())
                    if changed or passage.broke or HALVES[THERE] in passage.said:
                        wrong.append(
                            f"{variant[door].pack()} ({door}): {who} {person} changes {changed}, hears {passage.said}, {passage.refusal!r}"
                        )
    assert wrong == [], "\n".join(wrong)


async def judged(walker: Walker, door: str, who: str, ways: Sequence[Callable[[int], dict[str, Any]]]) -> list[str]:
    """What is wrong with how somebody of this kind is met at a door. Something of theirs must be open to them, of all that it can be."""
    scope = TABLE.row(door)[who]
    if scope is Scope.NONE:
        return await _wrongly_let_in(walker, door, who, ways[0])
    if scope is Scope.NAMED and who != Role.DEPUTY:  # only a deputy was named
        return []
    for person in WHO[who]:
        for way in ways:
            passage = await walker.goes(person, way(person))
            if passage.broke:
                return [f"{door}: {who} breaks it: {passage.refusal!r}"]
            if not (passage.refused or _told_off(passage)):
                return []
    return [f"{door}: {who} is refused"]


async def _wrongly_let_in(walker: Walker, door: str, who: str, way: Callable[[int], dict[str, Any]]) -> list[str]:
    passage = await walker.goes(WHO[who][0], way(WHO[who][0]))
    head = door.split()[0]
    heard_elsewhere = "message mailbox.hear" in passage.reached  # a stranger's command is a message like any other
    wrong = [] if passage.refused or heard_elsewhere or _told_off(passage) else [f"{door}: {who} is not refused"]
    if head in passage.reached:
        wrong.append(f"{door}: {who} gets in")
    if passage.written - LEFT_ALONE:
        wrong.append(f"{door}: {who} changes {passage.written}")
    return wrong


def _told_off(passage: Passage) -> bool:
    return any(words in passage.said for words in REFUSED_POLITELY)
