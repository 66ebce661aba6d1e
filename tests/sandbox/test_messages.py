"""What the bot says, and what people see of it."""

from __future__ import annotations

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputMediaPhoto, ReplyKeyboardMarkup, ReplyParameters
from telegram.error import BadRequest, Forbidden

from bot.sandbox.samples import png

from .conftest import LIN, WEI, Person, Raw

KEYS = InlineKeyboardMarkup([[InlineKeyboardButton("参加", callback_data="go:1")]])


async def test_a_person_starts_the_bot_with_a_payload_and_the_bot_hears_a_command(bot: Bot, person: Person) -> None:
    await person.post(f"/users/{LIN}/start", {"payload": "join-7"})

    (update,) = await bot.get_updates()

    assert update.message.text == "/start join-7"
    assert update.message.parse_entities(["bot_command"]).popitem()[1] == "/start"
    assert update.effective_user.full_name == "林 晓"


async def test_html_becomes_text_and_entities_counted_in_utf16(bot: Bot, person: Person) -> None:
    await person.post(f"/users/{LIN}/start")

    sent = await bot.send_message(LIN, "😀<b>通知</b> &lt;1&gt; <a href='https://a.cn/x'>看</a>", parse_mode="HTML")
    seen = (await person.reads(LIN))[-1]

    assert sent.text == "😀通知 <1> 看"
    assert seen["entities"][0] == {"type": "bold", "offset": 2, "length": 2}
    assert seen["entities"][1] == {"type": "text_link", "offset": 9, "length": 1, "url": "https://a.cn/x"}
    assert seen["out"] is False
    assert seen["chat"]["first_name"] == "代表之家"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<x>1</x>", 'Unsupported start tag "x" at byte offset 0'),
        ("好<b>1</i>", 'Unmatched end tag at byte offset 7, expected "</b>", found "</i>"'),
        ("<b>1", 'Can\'t find end tag corresponding to start tag "b"'),
        ("1</b>", "Unexpected end tag at byte offset 1"),
        ("a < b", "Unclosed start tag at byte offset 2"),
    ],
)
async def test_html_that_does_not_parse_is_refused_in_telegrams_words(raw: Raw, person: Person, text: str, reason: str) -> None:
    await person.post(f"/users/{LIN}/start")

    answer = await raw("sendMessage", chat_id=LIN, text=text, parse_mode="HTML")

    assert answer == {"ok": False, "error_code": 400, "description": f"Bad Request: can't parse entities: {reason}"}


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"text": " "}, "Bad Request: message text is empty"),
        ({"text": "文" * 4097}, "Bad Request: message is too long"),
        ({"text": "1", "chat_id": 99}, "Bad Request: chat not found"),
        ({"text": "1", "message_thread_id": 7}, "Bad Request: message thread not found"),
        ({"text": "1", "reply_parameters": {"message_id": 77}}, "Bad Request: message to be replied not found"),
        (
            {"text": "1", "reply_markup": {"inline_keyboard": [[{"text": "a", "callback_data": "文" * 22}]]}},
            "Bad Request: BUTTON_DATA_INVALID",
        ),
    ],
)
async def test_a_send_that_telegram_would_refuse_is_refused(raw: Raw, person: Person, params: dict, description: str) -> None:
    await person.post(f"/users/{LIN}/start")

    answer = await raw("sendMessage", **{"chat_id": LIN, **params})

    assert answer["description"] == description


async def test_a_missing_reply_is_overlooked_when_the_bot_allows_it(bot: Bot, person: Person) -> None:
    await person.post(f"/users/{LIN}/start")

    sent = await bot.send_message(LIN, "好", reply_parameters=ReplyParameters(77, allow_sending_without_reply=True))

    assert sent.reply_to_message is None


async def test_a_stranger_cannot_be_written_to_and_who_blocks_neither(bot: Bot, person: Person) -> None:
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await bot.send_message(WEI, "您好")
    await person.post(f"/users/{WEI}/start")
    await person.post(f"/users/{WEI}/block", {"blocked": True})

    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(WEI, "您好")

    assert (await bot.get_updates())[-1].my_chat_member.new_chat_member.status == "kicked"


async def test_an_edit_changes_the_message_once_and_is_refused_when_it_changes_nothing(bot: Bot, person: Person) -> None:
    await person.post(f"/users/{LIN}/start")
    sent = await bot.send_message(LIN, "一", reply_markup=KEYS)

    await sent.edit_text("二", reply_markup=KEYS)
    with pytest.raises(BadRequest, match="exactly the same"):
        await sent.edit_text("二", reply_markup=KEYS)

    assert (await person.reads(LIN))[-1]["text"] == "二"


async def test_a_press_reaches_the_bot_and_is_answered_once(bot: Bot, person: Person) -> None:
    await person.post(f"/users/{LIN}/start")
    sent = await bot.send_message(LIN, "来吗？", reply_markup=KEYS)
    pressed = await person.post(f"/users/{LIN}/chats/bot/press", {"message_id": sent.message_id, "row": 0, "column": 0})

    query = (await bot.get_updates())[-1].callback_query
    await query.answer("好")

    assert (query.id, query.data) == (pressed["callback_query_id"], "go:1")
    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await query.answer("再来")


async def test_a_press_grows_too_old(sandbox, bot: Bot, person: Person) -> None:
    await person.post(f"/users/{LIN}/start")
    sent = await bot.send_message(LIN, "来吗？", reply_markup=KEYS)
    pressed = await person.post(f"/users/{LIN}/chats/bot/press", {"message_id": sent.message_id, "data": "go:1"})

    sandbox.callbacks[pressed["callback_query_id"]].pressed_at -= 151

    with pytest.raises(BadRequest, match=r"(?i)query is too old"):
        await bot.answer_callback_query(pressed["callback_query_id"])


async def test_a_photo_can_be_sent_again_by_its_file_id_and_downloaded(bot: Bot, person: Person) -> None:
    await person.post(f"/users/{LIN}/start")

    first = await bot.send_photo(LIN, png(), caption="<i>横幅</i>", parse_mode="HTML")
    again = await bot.send_photo(LIN, first.photo[-1].file_id)
    data = await (await again.photo[-1].get_file()).download_as_bytearray()

    assert bytes(data) == png()
    assert (first.caption, first.photo[-1].width) == ("横幅", 320)
    with pytest.raises(BadRequest, match=r"(?i)wrong file identifier"):
        await bot.send_photo(LIN, "nothing")
    with pytest.raises(BadRequest, match=r"(?i)can't use file of type Photo as Document"):
        await bot.send_document(LIN, first.photo[-1].file_id)


async def test_an_album_is_several_messages_with_one_group_id(bot: Bot, person: Person) -> None:
    await person.post(f"/users/{LIN}/start")

    parts = await bot.send_media_group(LIN, [InputMediaPhoto(png(hue=1), caption="一"), InputMediaPhoto(png(hue=2))])

    assert len({part.media_group_id for part in parts}) == 1
    assert [part.caption for part in parts] == ["一", None]


async def test_a_reply_keyboard_is_tracked_until_its_one_use(bot: Bot, person: Person) -> None:
    await person.post(f"/users/{LIN}/start")
    keyboard = ReplyKeyboardMarkup([[{"text": "分享手机号", "request_contact": True}]], one_time_keyboard=True)
    sent = await bot.send_message(LIN, "请登记", reply_markup=keyboard)
    shown = (await person.get(f"/users/{LIN}/chats"))[0]["reply_keyboard"]

    await person.post(f"/users/{LIN}/contact")

    assert sent.reply_markup is None
    assert shown["keyboard"][0][0]["request_contact"] is True
    assert (await person.get(f"/users/{LIN}/chats"))[0]["reply_keyboard"] is None
    contact = (await bot.get_updates())[-1].message.contact
    assert (contact.user_id, contact.phone_number) == (LIN, "8613800000001")


async def test_a_forward_carries_its_origin_and_hides_who_wants_it(bot: Bot, person: Person) -> None:
    told = await person.say(WEI, "路灯坏了", chat=LIN)
    await person.post(f"/users/{LIN}/chats/bot/forward", {"from": WEI, "message_ids": [told["message_id"]]})
    await person.ask("PATCH", f"/users/{WEI}", {"hides_identity": True})
    await person.post(f"/users/{LIN}/chats/bot/forward", {"from": WEI, "message_ids": [told["message_id"]]})

    first, second = await bot.get_updates()

    assert first.message.forward_origin.sender_user.id == WEI
    assert second.message.forward_origin.sender_user_name == "魏"


async def test_an_album_of_a_person_arrives_part_by_part_and_stays_an_album_when_forwarded(bot: Bot, person: Person) -> None:
    album = {"album": [{"kind": "photo", "caption": "坑洼"}, {"kind": "photo"}]}
    said = await person.post(f"/users/{WEI}/chats/{LIN}/messages", album)
    await person.post(f"/users/{LIN}/chats/bot/forward", {"from": WEI, "message_ids": [m["message_id"] for m in said]})

    updates = await bot.get_updates()

    groups = {update.message.media_group_id for update in updates}
    assert len(updates) == 2
    assert len(groups) == 1
    assert groups != {said[0]["media_group_id"]}


async def test_copies_and_deletions_name_what_is_missing(bot: Bot, person: Person) -> None:
    await person.post(f"/users/{LIN}/start")
    sent = await bot.send_message(LIN, "存档")

    copy = await bot.copy_message(LIN, LIN, sent.message_id)
    await bot.delete_message(LIN, copy.message_id)

    with pytest.raises(BadRequest, match=r"(?i)message to delete not found"):
        await bot.delete_message(LIN, copy.message_id)
    with pytest.raises(BadRequest, match=r"(?i)message to copy not found"):
        await bot.copy_message(LIN, LIN, copy.message_id)
    with pytest.raises(BadRequest, match=r"(?i)message to edit not found"):
        await bot.edit_message_text("无", LIN, copy.message_id)
