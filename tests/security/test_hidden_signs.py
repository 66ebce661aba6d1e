"""Signs that nobody sees: they neither get past the masking, nor turn a line around, nor bring an update or a page of them to fall."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from bot.intake import Intake, speaker_of
from models.inbox import InboxState, InboxUpdate
from models.people import Role
from tests.journeys.issue_people import gathered
from tests.permissions.walking import message
from tests.village import Village

FIRST_ID = 10**7


async def arrives(home: Village, *updates: dict[str, Any]) -> None:
    """Let updates come in as Telegram, or whoever stands in for it, gives them."""
    intake = Intake(home.home.sessions, now=home.clock.now, bell=home.home.inbox_bell)
    await intake.store([{"update_id": FIRST_ID + place, **update} for place, update in enumerate(updates)])
    await home.settle()


async def test_a_number_or_a_name_with_signs_of_no_width_in_it_is_masked_like_any_other(home: Village) -> None:
    deputy = await home.person("王建国", Role.DEPUTY)

    said = "我叫李\u200b长根，电话136\u200d5555\u20600123，身份证3401021970\u00ad01011234，楼道灯坏了一个月"
    await arrives(home, message(deputy.id, said, forward_origin={"type": "hidden_user", "date": 1773115200, "sender_user_name": "老李"}))

    await gathered(home)
    await deputy.presses("城建环保", on="草稿")
    preview = await deputy.sees("推送预览")
    assert "我叫【姓名】，电话【电话】，身份证【证件号】，楼道灯坏了一个月" in preview["text"]


async def test_text_that_the_database_could_not_keep_fails_nothing(home: Village) -> None:
    deputy = await home.person("王建国", Role.DEPUTY)

    forwarded = {"type": "hidden_user", "date": 1773115200, "sender_user_name": "老\x00李\ud800"}
    await arrives(home, message(deputy.id, "路灯\x00坏了\ud83d一个月", forward_origin=forwarded), message(deputy.id, "/help"))

    await gathered(home)
    assert "路灯坏了一个月" in (await deputy.sees("草稿"))["text"]
    async with home.session() as session:
        assert set(await session.scalars(select(InboxUpdate.state).where(InboxUpdate.update_id >= FIRST_ID))) == {InboxState.DONE}
        kept = await session.get_one(InboxUpdate, FIRST_ID)
        assert json.loads(kept.payload)["message"]["text"] == "路灯\x00坏了\ud83d一个月"


async def test_an_update_without_a_usable_number_is_left_out_and_those_beside_it_come_in(home: Village) -> None:
    deputy = await home.person("王建国", Role.DEPUTY)
    intake = Intake(home.home.sessions, now=home.clock.now, bell=home.home.inbox_bell)

    odd: list[Any] = [{}, {"update_id": "7"}, {"update_id": 2**70}, {"update_id": True}, [], None]
    await intake.store([*odd, {"update_id": FIRST_ID, **message(deputy.id, "/help")}])

    await deputy.sees("代表")
    async with home.session() as session:
        assert (await session.get_one(InboxUpdate, FIRST_ID)).state is InboxState.DONE


@pytest.mark.parametrize("number", [2**70, True, "7", None, []])
def test_a_speaker_whose_number_no_account_can_have_is_nobody(number: Any) -> None:
    assert speaker_of({"message": {"from": {"id": number}, "chat": {"type": "private"}}}) is None
