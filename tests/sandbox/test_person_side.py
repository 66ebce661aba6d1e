"""The person's side: chat list, events, clock, commands, errors."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import httpx
from telegram import Bot, BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeChat

from bot.sandbox import Sandbox, serve

from .conftest import LIN, WEI, Person, Raw


async def test_the_chat_list_is_newest_first_with_unread_counts(bot: Bot, person: Person) -> None:
    await person.post(f"/users/{LIN}/start")
    await bot.send_message(LIN, "一")
    await bot.send_message(LIN, "二")
    await person.say(WEI, "在吗", chat=LIN)

    newest, with_bot = await person.get(f"/users/{LIN}/chats")
    await person.post(f"/users/{LIN}/chats/bot/read")

    assert (newest["key"], newest["title"], newest["unread"]) == (WEI, "魏", 1)
    assert (with_bot["key"], with_bot["last"]["text"], with_bot["unread"]) == ("bot", "二", 2)
    assert {row["key"]: row["unread"] for row in await person.get(f"/users/{LIN}/chats")}["bot"] == 0


async def test_two_persons_talk_without_the_bot_hearing(raw: Raw, person: Person) -> None:
    await person.say(WEI, "私下说", chat=LIN)

    assert [m["out"] for m in await person.reads(LIN, WEI)] == [False]
    assert await raw.updates() == []


async def test_events_tell_the_watchers_of_a_person_what_happens(http: httpx.AsyncClient, bot: Bot, person: Person) -> None:
    await person.post(f"/users/{LIN}/start")
    events = []
    async with http.stream("GET", f"/sandbox/events?user={LIN}") as stream:
        lines = stream.aiter_lines()
        await anext(lines)
        sent = await bot.send_message(LIN, "一")
        await bot.send_chat_action(LIN, "typing")
        await sent.edit_text("二")
        await sent.delete()
        await person.say(WEI, "别人的")
        await person.post("/clock", {"advance_seconds": 60})
        async for line in lines:
            if line.startswith("data:"):
                events.append(json.loads(line[5:]))
            if events and events[-1]["type"] == "clock":
                break

    assert [e["type"] for e in events] == ["message", "chat_action", "edited_message", "deleted", "clock"]
    assert [e["user"] for e in events] == [LIN] * 4 + [None]
    assert events[2]["message"]["text"] == "二"
    assert events[3]["message_ids"] == [sent.message_id]


async def test_the_answer_to_a_press_comes_as_an_event(http: httpx.AsyncClient, bot: Bot, person: Person) -> None:
    await person.post(f"/users/{LIN}/start")
    keyboard = {"inline_keyboard": [[{"text": "好", "callback_data": "ok"}]]}
    sent = await bot.send_message(LIN, "？", api_kwargs={"reply_markup": keyboard})
    async with http.stream("GET", f"/sandbox/events?user={LIN}") as stream:
        lines = stream.aiter_lines()
        await anext(lines)
        pressed = await person.post(f"/users/{LIN}/chats/bot/press", {"message_id": sent.message_id, "data": "ok"})
        await bot.answer_callback_query(pressed["callback_query_id"], "记下了", show_alert=True)
        event = next(json.loads(line[5:]) for line in [await anext(lines), await anext(lines)] if line.startswith("data:"))

    assert (event["type"], event["text"], event["show_alert"]) == ("callback_answer", "记下了", True)


async def test_the_clock_moves_ahead_and_messages_follow(bot: Bot, person: Person) -> None:
    await person.post(f"/users/{LIN}/start")
    before = datetime.now(UTC)

    clock = await person.post("/clock", {"advance_seconds": 86400})
    sent = await bot.send_message(LIN, "明天")
    await person.post("/clock", {"to": "2001-01-01T00:00:00+00:00"}, status=400)

    assert clock["ahead_seconds"] == 86400
    assert sent.date - before >= timedelta(hours=23, minutes=59)


async def test_the_clock_jumps_to_what_is_due_next() -> None:
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)

    async def next_due() -> datetime:
        return due

    async with serve(Sandbox(next_due=next_due).app) as address, httpx.AsyncClient(base_url=address) as http:
        clock = (await http.post("/sandbox/clock", json={"to": "next"})).json()

    assert clock["next_due"] == due.isoformat()
    assert timedelta(seconds=1) <= datetime.fromisoformat(clock["now"]) - due < timedelta(seconds=3)


async def test_the_narrowest_list_of_commands_is_shown(bot: Bot, person: Person) -> None:
    group = await person.group()
    await bot.set_my_commands([BotCommand("start", "start")])
    await bot.set_my_commands([BotCommand("start", "开始")], language_code="zh")
    await bot.set_my_commands([BotCommand("office", "办公")], scope=BotCommandScopeChat(WEI))
    await bot.set_my_commands([BotCommand("here", "本群")], scope=BotCommandScopeAllGroupChats())

    shown = {(uid, row["key"]): row["commands"][0]["description"] for uid in (LIN, WEI) for row in await person.get(f"/users/{uid}/chats")}

    assert shown == {(LIN, "bot"): "开始", (WEI, "bot"): "办公", (LIN, group): "本群", (WEI, group): "本群"}


async def test_people_send_files_and_get_them_back(http: httpx.AsyncClient, bot: Bot, person: Person) -> None:
    answer = await http.post(
        f"/sandbox/users/{LIN}/chats/bot/messages",
        data={"kind": "document", "caption": "名单"},
        files={"file": ("名单.csv", b"a,b", "text/csv")},
    )

    document = answer.json()[0]["document"]
    back = await http.get(f"/sandbox/files/{document['file_id']}")

    assert document["file_name"] == "名单.csv"
    assert (back.content, back.headers["content-type"]) == (b"a,b", "text/csv; charset=utf-8")
    assert (await bot.get_updates())[0].message.document.file_size == 3


async def test_mistakes_are_answered_with_a_sentence(person: Person) -> None:
    unknown = await person.post("/users/9/start", status=404)
    empty = await person.post(f"/users/{LIN}/chats/bot/messages", {"text": " "}, status=400)
    long = await person.post(f"/users/{LIN}/start", {"payload": "a" * 65}, status=400)
    await person.post(f"/users/{LIN}/block", {"blocked": True})
    blocked = await person.post(f"/users/{LIN}/chats/bot/messages", {"text": "喂"}, status=403)

    assert all(answer["error"] for answer in (unknown, empty, long, blocked))


async def test_the_state_shows_the_world(person: Person) -> None:
    group = await person.group(admin=True)
    await person.ask("PUT", "/phones", {"phones": [LIN, WEI]})

    state = await person.get("/state")

    assert state["bot"]["username"] == "deputies_home_bot"
    assert [user["id"] for user in state["users"]] == [LIN, WEI]
    assert [member["status"] for member in state["groups"][0]["members"]] == ["creator", "member", "administrator"]
    assert (state["groups"][0]["id"], state["phones"]) == (group, [LIN, WEI])


async def test_the_server_stops_at_once_though_a_poll_and_a_watcher_wait(sandbox: Sandbox) -> None:
    async with httpx.AsyncClient(timeout=5) as http:
        async with serve(sandbox.app) as address:
            poll = asyncio.create_task(http.get(f"{address}/bot{sandbox.token}/getUpdates?timeout=30"))
            watch = asyncio.create_task(http.get(f"{address}/sandbox/events"))
            await asyncio.sleep(0.05)
            began = asyncio.get_running_loop().time()
        stopped = asyncio.get_running_loop().time() - began

        assert stopped < 0.5
        assert (await poll).json() == {"ok": True, "result": []}
        assert (await watch).status_code == 200
