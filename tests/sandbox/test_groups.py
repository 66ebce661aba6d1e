"""Groups, forums, rights, invite links, and what the bot hears there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, Forbidden

from .conftest import LIN, WEI, Person, Raw


async def test_in_privacy_mode_the_bot_hears_only_what_is_meant_for_it(bot: Bot, raw: Raw, person: Person) -> None:
    group = await person.group()
    own = await bot.send_message(group, "大家好")
    await raw.updates()

    for text in ("闲聊", "/help", "/help@other_bot", "/help@deputies_home_bot", "@deputies_home_bot 在吗"):
        await person.say(WEI, text, chat=group)
    await person.say(WEI, "回复", chat=group, reply_to=own.message_id)

    assert [u["message"]["text"] for u in await raw.updates()] == ["/help", "/help@deputies_home_bot", "@deputies_home_bot 在吗", "回复"]


async def test_an_admin_bot_hears_everything(raw: Raw, person: Person) -> None:
    group = await person.group(admin=True)
    await raw.updates()

    await person.say(WEI, "闲聊", chat=group)

    assert [u["message"]["text"] for u in await raw.updates()] == ["闲聊"]


async def test_adding_the_bot_tells_it_of_its_new_standing(raw: Raw, person: Person) -> None:
    await person.group(admin={"can_invite_users": True})

    standing, service = await raw.updates()

    new = standing["my_chat_member"]["new_chat_member"]
    assert (new["status"], new["can_invite_users"], new["can_pin_messages"]) == ("administrator", True, False)
    assert service["message"]["new_chat_members"][0]["is_bot"] is True


async def test_a_removed_bot_is_told_so(bot: Bot, raw: Raw, person: Person) -> None:
    group = await person.group(type="supergroup")
    await person.post(f"/groups/{group}/remove", {"by": LIN, "bot": True})

    with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
        await bot.send_message(group, "在吗")

    assert (await raw.updates())[-1]["my_chat_member"]["new_chat_member"]["status"] == "kicked"


async def test_a_group_that_became_a_supergroup_names_its_new_id(bot: Bot, raw: Raw, person: Person) -> None:
    group = await person.group()
    await raw.updates()
    new = (await person.post(f"/groups/{group}/migrate", {"by": LIN}))["id"]

    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(group, "在吗")

    assert moved.value.new_chat_id == new
    to, origin = await raw.updates()
    assert to["message"]["migrate_to_chat_id"] == new
    assert origin["message"]["migrate_from_chat_id"] == group
    assert (await bot.send_message(new, "在")).chat.id == new


async def test_rights_that_are_missing_are_named(bot: Bot, person: Person) -> None:
    group = await person.group()
    sent = await bot.send_message(group, "一")

    with pytest.raises(BadRequest, match=r"(?i)not enough rights to manage pinned messages in the chat"):
        await bot.pin_chat_message(group, sent.message_id)
    with pytest.raises(BadRequest, match=r"(?i)not enough rights to manage chat invite link"):
        await bot.create_chat_invite_link(group)


async def test_messages_of_a_topic_carry_its_thread_and_those_of_general_none(bot: Bot, raw: Raw, person: Person) -> None:
    forum = await person.group(is_forum=True, admin=True)
    topic = await bot.create_forum_topic(forum, "建议")
    await raw.updates()
    await person.say(WEI, "总的", chat=forum)
    await person.say(WEI, "建议", chat=forum, thread=topic.message_thread_id)

    general, inside = await raw.updates()

    assert "message_thread_id" not in general["message"]
    assert inside["message"]["message_thread_id"] == topic.message_thread_id
    assert inside["message"]["is_topic_message"] is True
    assert "forum_topic_created" in inside["message"]["reply_to_message"]
    assert [
        m["text"] for m in await person.get(f"/users/{WEI}/chats/{forum}/messages?thread={topic.message_thread_id}") if "text" in m
    ] == ["建议"]


async def test_a_deleted_topic_is_a_thread_that_is_not_there(bot: Bot, person: Person) -> None:
    forum = await person.group(is_forum=True, admin=True)
    topic = (await person.post(f"/groups/{forum}/topics", {"by": WEI, "name": "闲"}))["message_thread_id"]
    await person.ask("DELETE", f"/groups/{forum}/topics/{topic}")

    with pytest.raises(BadRequest, match=r"(?i)message thread not found"):
        await bot.send_message(forum, "在吗", message_thread_id=topic)


async def test_who_asks_to_join_can_be_written_to_until_answered(bot: Bot, raw: Raw, person: Person) -> None:
    group = await person.group(members=(), admin=True)
    link = await bot.create_chat_invite_link(group, name="代表", creates_join_request=True)
    await raw.updates()

    asked = await person.post(f"/users/{WEI}/join", {"link": link.invite_link})
    (request,) = await raw.updates()
    await bot.send_message(WEI, "您是哪位代表？")
    await bot.approve_chat_join_request(group, WEI)

    assert asked == {"result": "requested"}
    assert request["chat_join_request"]["user_chat_id"] == WEI
    assert (await bot.get_chat_member(group, WEI)).status == "member"
    with pytest.raises(Forbidden):
        await bot.send_message(WEI, "欢迎")
    with pytest.raises(BadRequest, match=r"(?i)user_already_participant"):
        await bot.approve_chat_join_request(group, WEI)


async def test_chat_member_comes_only_when_asked_for(raw: Raw, person: Person) -> None:
    group = await person.group(members=(), admin=True)
    await person.post(f"/groups/{group}/members", {"by": LIN, "user": WEI})
    silent = await raw.updates()
    await raw("getUpdates", allowed_updates=["chat_member"])

    await person.post(f"/users/{WEI}/leave", {"chat": group})

    assert not any("chat_member" in update for update in silent)
    assert [u["chat_member"]["new_chat_member"]["status"] for u in await raw.updates()] == ["left"]


async def test_an_expired_or_revoked_link_lets_nobody_in(sandbox, bot: Bot, person: Person) -> None:
    group = await person.group(members=(), admin=True)
    expiring = await bot.create_chat_invite_link(group, expire_date=datetime(2099, 1, 1, tzinfo=UTC))
    revoked = await bot.create_chat_invite_link(group)
    await bot.revoke_chat_invite_link(group, revoked.invite_link)
    await person.post("/clock", {"to": "2099-01-02T00:00:00+00:00"})

    for link in (expiring, revoked):
        await person.post(f"/users/{WEI}/join", {"link": link.invite_link}, status=400)

    assert (await bot.get_chat_member(group, WEI)).status == "left"


async def test_a_group_renamed_by_a_person_says_so_to_the_bot(raw: Raw, person: Person) -> None:
    group = await person.group()
    await raw.updates()

    await person.post(f"/groups/{group}/title", {"by": LIN, "title": "新史河街道"})
    await person.post(f"/groups/{group}/title", {"by": WEI, "title": "闲聊群"}, status=403)

    [update] = await raw.updates()
    assert (update["message"]["new_chat_title"], update["message"]["chat"]["title"]) == ("新史河街道", "新史河街道")


async def test_only_a_bot_that_may_change_the_info_renames_a_group(bot: Bot, person: Person) -> None:
    plain, able = await person.group(admin={"can_invite_users": True}), await person.group(admin={"can_change_info": True})

    with pytest.raises(BadRequest, match=r"(?i)not enough rights to change chat title"):
        await bot.set_chat_title(plain, "新名")
    assert await bot.set_chat_title(able, "新名")

    assert ((await bot.get_chat(plain)).title, (await bot.get_chat(able)).title) == ("史河街道", "新名")


async def test_removed_members_may_come_again_once_they_are_let_go_and_administrators_stay(bot: Bot, person: Person) -> None:
    group = await person.group(members=(WEI,), admin=True, type="supergroup")
    await bot.ban_chat_member(group, WEI)
    removed = (await bot.get_chat_member(group, WEI)).status
    await bot.unban_chat_member(group, WEI, only_if_banned=True)

    assert (removed, (await bot.get_chat_member(group, WEI)).status) == ("kicked", "left")
    with pytest.raises(BadRequest, match=r"(?i)can't remove chat owner"):
        await bot.ban_chat_member(group, LIN)


async def test_a_closed_topic_is_closed_to_plain_members_and_open_to_a_bot_that_manages_topics(bot: Bot, person: Person) -> None:
    forum = await person.group(is_forum=True, admin=True)
    topic = (await bot.create_forum_topic(forum, "妇女")).message_thread_id
    await bot.edit_forum_topic(forum, topic, name="巾帼")
    await bot.close_forum_topic(forum, topic)

    await person.post(f"/users/{WEI}/chats/{forum}/messages", {"text": "在吗", "thread": topic}, status=403)

    assert (await bot.send_message(forum, "已关闭", message_thread_id=topic)).message_thread_id == topic


async def test_a_muted_bot_may_not_write_and_is_not_told_that_the_group_was_muted(bot: Bot, raw: Raw, person: Person) -> None:
    group = await person.group(type="supergroup")
    await raw.updates()
    await person.post(f"/groups/{group}/permissions", {"by": LIN, "can_send_messages": False})

    with pytest.raises(BadRequest, match=r"(?i)not enough rights to send text messages to the chat"):
        await bot.send_message(group, "在吗")
    assert await raw.updates() == []
    await person.post(f"/groups/{group}/permissions", {"by": LIN})

    assert (await bot.send_message(group, "在")).text == "在"


async def test_an_administrator_writes_in_a_muted_group(bot: Bot, person: Person) -> None:
    group = await person.group(type="supergroup", admin={"can_invite_users": True})
    await person.post(f"/groups/{group}/permissions", {"by": LIN, "can_send_messages": False})

    assert (await bot.send_message(group, "在")).text == "在"


async def test_a_restricted_bot_is_told_and_hears_as_before(bot: Bot, raw: Raw, person: Person) -> None:
    group = await person.group(type="supergroup")
    await raw.updates()
    await person.post(f"/groups/{group}/restrict", {"by": LIN, "bot": True, "can_send_messages": False})
    await person.say(WEI, "闲聊", chat=group)
    await person.say(WEI, "/help", chat=group)

    told, heard = await raw.updates()

    new = told["my_chat_member"]["new_chat_member"]
    assert (new["status"], new["can_send_messages"], new["can_send_photos"], new["is_member"]) == ("restricted", False, True, True)
    assert heard["message"]["text"] == "/help"
    with pytest.raises(BadRequest, match=r"(?i)not enough rights to send text messages"):
        await bot.send_message(group, "在吗")


@pytest.mark.parametrize(("kind", "says"), [("group", "the group chat was deleted"), ("supergroup", "chat not found")])
async def test_a_deleted_group_is_noticed_only_when_spoken_to(bot: Bot, raw: Raw, person: Person, kind: str, says: str) -> None:
    group = await person.group(type=kind)
    await raw.updates()
    await person.post(f"/groups/{group}/delete", {"by": LIN})

    assert await raw.updates() == []
    with pytest.raises((BadRequest, Forbidden), match=f"(?i){says}"):
        await bot.send_message(group, "在吗")


async def test_a_topic_closed_by_a_person_is_closed_to_a_bot_that_may_not_manage_topics(bot: Bot, raw: Raw, person: Person) -> None:
    forum = await person.group(is_forum=True)
    topic = (await person.post(f"/groups/{forum}/topics", {"by": LIN, "name": "城建"}))["message_thread_id"]
    await raw.updates()
    await person.post(f"/groups/{forum}/topics/{topic}/close", {"by": LIN, "closed": True})

    [heard] = await raw.updates()
    assert heard["message"]["forum_topic_closed"] == {}
    with pytest.raises(BadRequest, match=r"(?i)topic_closed"):
        await bot.send_message(forum, "在吗", message_thread_id=topic)
    await person.post(f"/groups/{forum}/topics/{topic}/close", {"by": LIN, "closed": False})

    assert (await bot.send_message(forum, "在", message_thread_id=topic)).text == "在"


async def test_a_refusal_can_be_ordered_in_telegrams_words(bot: Bot, person: Person) -> None:
    group = await person.group()
    await person.post("/faults", {"method": "sendMessage", "kind": "refuse", "code": 400, "description": "Bad Request: TOPIC_DELETED"})

    with pytest.raises(BadRequest, match=r"(?i)topic_deleted"):
        await bot.send_message(group, "在吗")

    assert (await bot.send_message(group, "在")).text == "在"


async def test_in_privacy_mode_a_picture_with_a_command_is_heard_and_an_edited_chat_is_not(raw: Raw, person: Person) -> None:
    group = await person.group()
    await raw.updates()
    said = await person.say(WEI, "闲聊", chat=group)
    await person.post(f"/users/{WEI}/chats/{group}/edit", {"message_id": said["message_id"], "text": "还是闲聊"})
    await person.post(f"/users/{WEI}/chats/{group}/messages", {"kind": "photo", "caption": "/ask 路灯坏了"})

    [heard] = await raw.updates()

    assert heard["message"]["caption"] == "/ask 路灯坏了"


async def test_the_command_list_of_groups_is_shown_in_groups_in_ones_language(bot: Bot, person: Person) -> None:
    group = await person.group()
    await bot.set_my_commands([("who", "Who knows")], scope={"type": "all_group_chats"})  # type: ignore[arg-type]
    await bot.set_my_commands([("who", "找代表")], scope={"type": "all_group_chats"}, language_code="zh")  # type: ignore[arg-type]

    lists = {uid: next(chat["commands"] for chat in await person.get(f"/users/{uid}/chats") if chat["key"] == group) for uid in (LIN, WEI)}

    assert [lists[LIN][0]["description"], lists[WEI][0]["description"]] == ["找代表", "Who knows"]
