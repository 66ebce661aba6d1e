"""Failures on demand, Telegram's limits, and the log of calls."""

from __future__ import annotations

import httpx
import pytest
from telegram import Bot

from bot.sandbox import Sandbox
from bot.sandbox.limits import Limits

from .conftest import LIN, Person, Raw


async def test_the_next_calls_of_a_method_are_refused_and_then_it_works_again(raw: Raw, person: Person) -> None:
    await person.say(LIN, "/start")
    await person.post("/faults", {"method": "sendMessage", "count": 1, "kind": "429", "retry_after": 7})
    await person.post("/faults", {"method": "*", "count": 1, "kind": "500"})

    refused = await raw("sendMessage", chat_id=LIN, text="一")
    broken = await raw("getMe")
    fine = await raw("sendMessage", chat_id=LIN, text="二")

    assert refused["description"] == "Too Many Requests: retry after 7"
    assert refused["parameters"] == {"retry_after": 7}
    assert broken["error_code"] == 500
    assert fine["ok"] is True


async def test_a_dropped_call_gets_no_answer_and_was_carried_out_when_asked(raw: Raw, person: Person) -> None:
    await person.say(LIN, "/start")
    await person.post("/faults", {"method": "sendMessage", "count": 1, "kind": "drop"})
    await person.post("/faults", {"method": "sendMessage", "count": 1, "kind": "drop", "after": True})

    for text in ("没到", "到了"):
        with pytest.raises(httpx.TransportError):
            await raw("sendMessage", chat_id=LIN, text=text)

    assert [m["text"] for m in await person.reads(LIN)] == ["/start", "到了"]


async def test_a_hanging_call_is_dropped_in_the_end(raw: Raw, person: Person) -> None:
    await person.post("/faults", {"method": "getMe", "count": 1, "kind": "hang", "seconds": 0.02})

    with pytest.raises(httpx.TransportError):
        await raw("getMe")

    assert (await raw("getMe"))["ok"] is True


async def test_limits_hold_when_enforced(raw: Raw, person: Person) -> None:
    await person.say(LIN, "/start")
    await person.ask("PUT", "/limits", {"enforce": True, "per_chat_second": 2})

    answers = [await raw("sendMessage", chat_id=LIN, text=str(n)) for n in range(3)]

    assert [a["ok"] for a in answers] == [True, True, False]
    assert answers[2]["description"] == "Too Many Requests: retry after 1"
    assert answers[2]["parameters"] == {"retry_after": 1}


def test_a_group_takes_twenty_messages_a_minute_and_says_how_long_to_wait() -> None:
    now = 0.0
    limits = Limits(lambda: now)
    limits.change(enforce=True)
    for _ in range(20):
        limits.admit("sendmessage", -5)
        now += 1.5

    with pytest.raises(Exception, match="retry after 30") as refused:
        limits.admit("sendmessage", "-5")
    now += refused.value.parameters["retry_after"]

    limits.admit("sendmessage", -5)


async def test_every_call_is_logged_with_its_decoded_parameters(bot: Bot, person: Person) -> None:
    await person.say(LIN, "/start")
    await bot.send_message(LIN, "123")

    (call,) = await person.get("/calls?method=sendmessage")

    assert call["params"] == {"chat_id": LIN, "text": "123"}
    assert call["answer"]["result"]["text"] == "123"
    await person.ask("DELETE", "/calls")
    assert await person.get("/calls") == []


async def test_any_body_will_do_and_any_case(http: httpx.AsyncClient, sandbox: Sandbox, person: Person) -> None:
    await person.say(LIN, "/start")
    url = f"/bot{sandbox.token}/SENDMESSAGE"
    params = {"chat_id": str(LIN), "text": "好"}

    answers = [
        await http.get(url, params=params),
        await http.post(url, data=params),
        await http.post(url, json=params),
        await http.post(url, files={name: (None, value) for name, value in params.items()}),
    ]

    assert [answer.json()["result"]["text"] for answer in answers] == ["好"] * 4


async def test_a_wrong_token_and_an_unknown_method_get_telegrams_own_answers(http: httpx.AsyncClient, raw: Raw) -> None:
    stranger = await http.get("/bot1:wrong/getMe")

    assert stranger.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert await raw("sendPigeon") == {"ok": False, "error_code": 404, "description": "Not Found"}
