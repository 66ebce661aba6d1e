"""Floods from one person cost others nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import Select, exists, func, select

from bot import delivery
from bot.intake import Intake, speaker_of
from handlers import gate
from models.inbox import InboxState, InboxUpdate
from models.outbox import OutboxMessage
from models.people import Role
from models.policy import Policy
from models.strangers import measure_of_members
from tests.permissions.district import THERE
from tests.permissions.walking import message, pressed
from tests.village import Village

FIRST_ID = 10**7
MEASURE, FLOOD = 30, 60
LOOKS = 10_000
GROUP = {"id": -1001, "type": "supergroup", "title": "工作圈"}


@pytest.fixture(autouse=True)
def small_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of the usual: it is the flood that matters, not how long a test takes."""
    assert Policy().hears_a_minute == 10 * MEASURE
    monkeypatch.setattr(gate, "measure_of_members", lambda a_minute: measure_of_members(a_minute // 10))


async def come_in(home: Village, monkeypatch: pytest.MonkeyPatch, *updates: dict[str, Any]) -> None:
    """Let all of them be worked on. What is said about it stays in the outbox, where it can be counted."""

    async def nothing(*_: Any, **__: Any) -> list[OutboxMessage]:
        return []

    monkeypatch.setattr(delivery, "claim", nothing)
    intake = Intake(home.home.sessions, now=home.clock.now, bell=home.home.inbox_bell)
    await intake.store([{"update_id": FIRST_ID + place, **update} for place, update in enumerate(updates)])
    waiting = select(exists().where(InboxUpdate.state == InboxState.NEW))
    for _ in range(LOOKS):
        if not await _first(home, waiting):
            return
        await asyncio.sleep(0.02)
    raise TimeoutError


async def _first(home: Village, asked: Select[Any]) -> Any:
    async with home.session() as session:
        return await session.scalar(asked)


async def answers_to(home: Village, who: int) -> list[str]:
    async with home.session() as session:
        said = select(OutboxMessage.params).where(OutboxMessage.chat_id == who).order_by(OutboxMessage.id)
        return [params.get("text", "") for params in await session.scalars(said)]


async def test_a_member_is_told_once_that_it_is_too_much_and_then_met_with_silence(home: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    deputy = await home.person("王建国", Role.DEPUTY)
    before = len(await answers_to(home, deputy.id))

    await come_in(home, monkeypatch, *(message(deputy.id, "/help") for _ in range(FLOOD)))

    answers = (await answers_to(home, deputy.id))[before:]
    assert len([text for text in answers if "发送得太快" in text]) == 1
    assert MEASURE - 5 <= len(answers) <= MEASURE + 1
    async with home.session() as session:
        states = select(InboxUpdate.state, InboxUpdate.attempts).where(InboxUpdate.update_id >= FIRST_ID).distinct()
        assert [tuple(row) for row in await session.execute(states)] == [(InboxState.DONE, 0)]


async def test_whoever_speaks_during_a_flood_has_the_answer_before_the_flood_has_any_more(
    home: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    flooding, deputy = await home.person("王建国", Role.DEPUTY), await home.person("陈志强", Role.DEPUTY)
    async with home.session() as session:
        last = await session.scalar(select(func.max(OutboxMessage.id))) or 0

    flood = [message(flooding.id, "/help") if place % 2 else pressed(flooding.id, f"ac:{THERE}") for place in range(40)]
    await come_in(home, monkeypatch, *flood, message(deputy.id, "/help"))

    async with home.session() as session:
        heard = (await session.scalars(select(OutboxMessage.chat_id).where(OutboxMessage.id > last).order_by(OutboxMessage.id))).all()
    assert deputy.id in heard[:3]


async def test_what_one_person_floods_in_a_group_is_not_answered_there_without_an_end(
    home: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    deputy = await home.person("王建国", Role.DEPUTY)
    said = [{"message": {**message(deputy.id, "/who 城建")["message"], "chat": GROUP}} for _ in range(FLOOD)]

    await come_in(home, monkeypatch, *said)

    assert len(await answers_to(home, GROUP["id"])) <= MEASURE
    assert not [text for text in await answers_to(home, GROUP["id"]) if "发送得太快" in text]


@pytest.mark.parametrize(("text", "counts"), [("/who 城建", True), ("大家好", False), (None, False)])
def test_of_what_is_said_in_a_group_only_commands_count(text: str | None, counts: bool) -> None:
    said = {**message(7)["message"], "chat": GROUP, **({"text": text} if text is not None else {})}

    assert (speaker_of({"message": said}) == 7) is counts
