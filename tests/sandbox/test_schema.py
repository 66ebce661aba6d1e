"""Every object the sandbox answers is one of the Bot API."""

from __future__ import annotations

import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    ReplyKeyboardMarkup,
    ReplyParameters,
)

from bot.sandbox.samples import MP4, PDF, png, wav
from tests.botapi_schema import WHY_SKIPPED, bot_api_schema, problems_of_calls

from .conftest import LIN, WEI, Person, Raw

pytestmark = pytest.mark.skipif(bot_api_schema() is None, reason=WHY_SKIPPED)

KINDS = [
    {"text": "/start 您好 @deputies_home_bot https://a.cn"},
    *({"kind": kind, "caption": "图"} for kind in ("photo", "voice", "video", "video_note", "document", "audio", "sticker")),
    {"kind": "location", "latitude": 31.2, "longitude": 121.4},
    {"kind": "contact", "phone_number": "123", "first_name": "某"},
    {"album": [{"kind": "photo"}, {"kind": "video"}]},
]


async def everything_in_a_private_chat(bot: Bot, person: Person) -> None:
    await person.post(f"/users/{LIN}/start", {"payload": "x"})
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("看", url="https://a.cn"), InlineKeyboardButton("好", callback_data="1")]])
    first = await bot.send_message(LIN, "<b>一</b><blockquote>二</blockquote><pre>三</pre>", parse_mode="HTML", reply_markup=keys)
    await bot.send_message(LIN, "答", reply_parameters=ReplyParameters(first.message_id), protect_content=True)
    await bot.send_message(LIN, "键", reply_markup=ReplyKeyboardMarkup([["好"]]))
    photo = await bot.send_photo(LIN, png(), caption="图", has_spoiler=True)
    await bot.send_voice(LIN, wav(), duration=3)
    await bot.send_video(LIN, MP4)
    await bot.send_video_note(LIN, MP4)
    await bot.send_audio(LIN, wav(), title="歌")
    document = await bot.send_document(LIN, PDF, filename="通知.pdf")
    await bot.send_location(LIN, 31.2, 121.4)
    await bot.send_contact(LIN, "123", "林")
    await bot.send_media_group(LIN, [InputMediaPhoto(png()), InputMediaPhoto(png())])
    await bot.edit_message_text("新", LIN, first.message_id, reply_markup=keys)
    await bot.edit_message_caption(LIN, photo.message_id, caption="新图")
    await bot.edit_message_reply_markup(LIN, first.message_id)
    await bot.edit_message_media(InputMediaPhoto(photo.photo[-1].file_id), LIN, document.message_id)
    await bot.copy_message(LIN, LIN, first.message_id)
    await bot.copy_messages(LIN, LIN, [first.message_id, photo.message_id])
    await bot.forward_message(LIN, LIN, first.message_id)
    await bot.forward_messages(LIN, LIN, [first.message_id, photo.message_id])
    await bot.get_file(photo.photo[0].file_id)
    await bot.set_my_commands([BotCommand("start", "开始")], scope=BotCommandScopeChat(LIN), language_code="zh")
    await bot.get_my_commands(scope=BotCommandScopeChat(LIN), language_code="zh")
    await bot.delete_my_commands()
    await bot.get_chat(LIN)
    await bot.get_chat_member(LIN, LIN)
    await bot.get_webhook_info()
    await bot.get_my_description()
    await bot.set_chat_menu_button()
    await bot.get_chat_menu_button()
    await bot.send_chat_action(LIN, "typing")
    await bot.delete_messages(LIN, [first.message_id])
    for words in KINDS:
        said = await person.post(f"/users/{LIN}/chats/bot/messages", words)
    await person.post(f"/users/{LIN}/contact")
    await person.post(f"/users/{LIN}/chats/bot/forward", {"from": "bot", "message_ids": [said[0]["message_id"]]})
    await bot.send_message(LIN, "按", reply_markup=keys)
    message = (await person.reads(LIN))[-1]
    await person.post(f"/users/{LIN}/chats/bot/press", {"message_id": message["message_id"], "data": "1"})
    await person.post(f"/users/{LIN}/block", {"blocked": True})


async def everything_in_groups(bot: Bot, person: Person) -> None:
    forum = await person.group(is_forum=True, admin=True)
    topic = await bot.create_forum_topic(forum, "建议")
    await bot.send_message(forum, "一", message_thread_id=topic.message_thread_id)
    await bot.edit_forum_topic(forum, topic.message_thread_id, name="意见")
    await bot.close_forum_topic(forum, topic.message_thread_id)
    await bot.reopen_forum_topic(forum, topic.message_thread_id)
    await person.say(WEI, "二", chat=forum, thread=topic.message_thread_id)
    pinned = await bot.send_message(forum, "三")
    await bot.pin_chat_message(forum, pinned.message_id)
    await bot.get_chat(forum)
    await bot.unpin_chat_message(forum, pinned.message_id)
    await bot.get_chat_administrators(forum)
    await bot.get_chat_member_count(forum)
    await bot.get_chat_member(forum, WEI)
    link = await bot.create_chat_invite_link(forum, name="代表", creates_join_request=True)
    await bot.edit_chat_invite_link(forum, link, name="委员", creates_join_request=True)
    await bot.export_chat_invite_link(forum)
    stranger = (await person.post("/users", {"first_name": "生"}))["id"]
    await person.post(f"/users/{stranger}/join", {"link": link.invite_link})
    await bot.approve_chat_join_request(forum, stranger)
    await bot.ban_chat_member(forum, stranger)
    await bot.unban_chat_member(forum, stranger)
    await bot.revoke_chat_invite_link(forum, link)
    await bot.delete_forum_topic(forum, topic.message_thread_id)
    group = await person.group()
    await person.post(f"/groups/{group}/promote", {"by": LIN, "bot": True, "admin": {"can_pin_messages": True}})
    await person.post(f"/groups/{group}/migrate", {"by": LIN})
    await bot.leave_chat(forum)


async def test_every_call_and_answer_is_as_the_bot_api_describes_it(bot: Bot, person: Person) -> None:
    await bot.get_updates(allowed_updates=["message", "chat_member"])

    await everything_in_a_private_chat(bot, person)
    await everything_in_groups(bot, person)

    assert problems_of_calls(await person.get("/calls")) == []


async def test_every_update_is_as_the_bot_api_describes_it(bot: Bot, person: Person, raw: Raw) -> None:
    kinds = ["message", "edited_message", "callback_query", "my_chat_member", "chat_member", "chat_join_request"]
    await raw("getUpdates", allowed_updates=kinds)
    await everything_in_a_private_chat(bot, person)
    await everything_in_groups(bot, person)
    said = await person.say(WEI, "您好")
    await person.post(f"/users/{WEI}/chats/bot/edit", {"message_id": said["message_id"], "text": "您早"})

    updates = await raw.updates()

    schema = bot_api_schema()
    assert schema is not None
    assert [p for update in updates for p in schema.check_object("Update", update)] == []
    assert {kind for update in updates for kind in update} == {"update_id", *kinds}


def test_the_checker_finds_what_is_wrong() -> None:
    schema = bot_api_schema()
    assert schema is not None

    assert schema.check_request("sendMessage", {"chat_id": "1", "tekst": "x"}) == [
        "sendMessage.tekst: no such field",
        "sendMessage.text: required and missing",
    ]
    assert schema.check_object("ChatMember", {"status": "member", "user": {"id": 1, "is_bot": "no", "first_name": "x"}}) == [
        "ChatMember.user.is_bot: 'no' is no Boolean"
    ]
    assert schema.check_answer("getMe", {"id": 1, "is_bot": True}) == ["getMe.first_name: required and missing"]
