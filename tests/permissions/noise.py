"""Whatever a stranger's client can throw at the bot, at random and always the same for a seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

from handlers.identity_presses import AskDo, ClaimPress
from handlers.mailbox_presses import MailDo, MailPress
from handlers.registry import Registry
from tests.permissions.district import HALVES, NUMBERS, OFFICE
from tests.permissions.walking import message, pressed, presses_of, sender

Update = dict[str, Any]
GROUP, OTHER_GROUP, CIRCLES_GROUP = -1001000000001, -1001000000002, -1001000000003
"""A group that the Home knows, one that it does not, and a circle's, which a stranger can but ask to enter."""
TITLE = "城建工作圈"
NOBODYS = 9_000_000
"""From here on, numbers that the Home never gave to anything."""
TEXTS = (
    "你好",
    "长" * 4096,
    "<b>&</i> {0} %s",
    "\u202e\u200b控制符",
    "1234",
    "0000",
    "ABCD2345",
    "活动：\n类型：视察\n时间：明天9点",
    "https://t.me/x",
)
PHONES = ("13800000501", "13900001001", "+86 139 0000 2001", "0")


class Noise:
    """Updates of one stranger."""

    def __init__(self, who: int, seed: int) -> None:
        self.who, self.random = who, random.Random(seed)
        registry = Registry()
        self.letters = sorted(registry.starts)
        self.commands = [entry.name for entry in registry.menu.entries]
        self.presses = list(registry.presses)
        self.last = 10_000

    def updates(self, count: int, *, first_id: int) -> Iterator[Update]:
        kinds: list[Callable[[], Update]] = [
            self.deep_link,
            self.deep_link,
            self.forged_press,
            self.forged_press,
            self.forged_press,
            self.broken_press,
            self.contact,
            self.text,
            self.command,
            self.media,
            self.edit,
            self.in_a_group,
            self.pressed_in_a_group,
            self.asks_to_join,
            self.unknown_kind,
        ]
        for place in range(count):
            yield {"update_id": first_id + place, **self.random.choice(kinds)()}

    def number(self) -> int:
        """Of somebody else's thing, of nothing, or of nothing there can be."""
        others = [half + number for half in HALVES for number in NUMBERS]
        return self.random.choice([*others, OFFICE, 0, -1, NOBODYS, 2**31 - 1])

    def deep_link(self) -> Update:
        """An area's or a deputy's code invites to write, and whoever opens it means to: its numbers are nobody's here."""
        letter = self.random.choice(self.letters)
        rest = NOBODYS + self.random.randrange(99) if letter in ("a", "d") else self.number()
        payload = self.random.choice([f"{letter}_{rest}", f"{letter}_{self.random.getrandbits(128):x}", f"{letter}_", "x_1", "_"])
        return self._said(f"/start {payload}")

    def forged_press(self) -> Update:
        """A button of whatever kind. Those with which a letter or a question to the office begins are left out: they are offered to all."""
        kind = self.random.choice(self.presses)
        _, press = self.random.choice(list(presses_of(kind, self.number(), choose=self.random.randrange(9))))
        if press in (ClaimPress(AskDo.BEGIN),) or (isinstance(press, MailPress) and press.do is MailDo.NEW):
            return self.broken_press()
        try:
            return pressed(self.who, press.pack())
        except ValueError:  # six of the largest numbers are more than a button holds
            return self.broken_press()

    def broken_press(self) -> Update:
        data = self.random.choice(["", ":", "m", "m:", "ac:1", "mb:x:send:0", "gw:9999999999999:undo:", "ppl:c:501:9", "x" * 64, "mb:1001"])
        return pressed(self.who, data)

    def contact(self) -> Update:
        """Somebody else's, with or without an account."""
        contact: dict[str, Any] = {"phone_number": self.random.choice(PHONES), "first_name": "某人"}
        if self.random.random() < 0.5:
            contact["user_id"] = OFFICE
        return self._said(contact=contact)

    def text(self) -> Update:
        more: dict[str, Any] = {}
        if self.random.random() < 0.3:
            more["reply_to_message"] = {"message_id": 800, "date": 1773115200, "chat": {"id": self.who, "type": "private"}, "text": "…"}
        if self.random.random() < 0.3:
            more["forward_origin"] = {"type": "user", "date": 1773115200, "sender_user": sender(OFFICE)}
        return self._said(self.random.choice(TEXTS), **more)

    def command(self) -> Update:
        command = self.random.choice([*self.commands, "nosuchcommand", "start"])
        return self._said(f"/{command} {self.random.choice(['', '1', '城建'])}".strip())

    def media(self) -> Update:
        file = {"file_id": "f", "file_unique_id": "u"}
        kinds: list[dict[str, Any]] = [
            {"photo": [{**file, "width": 1, "height": 1}], "caption": "看看"},
            {"voice": {**file, "duration": 1}},
            {"document": {**file, "file_name": "名册.xlsx"}},
            {"sticker": {**file, "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}},
            {"location": {"latitude": 31.8, "longitude": 115.9}},
            {"photo": [{**file, "width": 1, "height": 1}], "media_group_id": "7"},
            {"dice": {"emoji": "🎲", "value": 3}},
        ]
        return self._said(**self.random.choice(kinds))

    def edit(self) -> Update:
        return {"edited_message": {**self._said(self.random.choice(TEXTS))["message"], "edit_date": 1773115300}}

    def in_a_group(self) -> Update:
        said = self._said(self.random.choice([*TEXTS, "/circle", "/menu", "/start p_1"]))
        said["message"]["chat"] = self._group()
        return said

    def pressed_in_a_group(self) -> Update:
        update = self.forged_press()
        update["callback_query"]["message"]["chat"] = self._group()
        return update

    def asks_to_join(self) -> Update:
        group = {**self._group(), "id": self.random.choice([CIRCLES_GROUP, OTHER_GROUP])}
        request = {"chat": group, "from": sender(self.who), "user_chat_id": self.who, "date": 1773115200}
        return {"chat_join_request": request}

    def unknown_kind(self) -> Update:
        return self.random.choice(
            [
                {"inline_query": {"id": "1", "from": sender(self.who), "query": "x", "offset": ""}},
                {"poll_answer": {"poll_id": "1", "user": sender(self.who), "option_ids": [0], "option_persistent_ids": ["a"]}},
                {"a_kind_of_tomorrow": {"from": sender(self.who), "anything": [1, 2, 3]}},
                {
                    "channel_post": {
                        "message_id": 1,
                        "date": 1773115200,
                        "chat": {"id": -1002, "type": "channel", "title": "x"},
                        "text": "x",
                    }
                },
                {},
            ]
        )

    def _said(self, text: str = "", **more: Any) -> Update:
        self.last += 1
        update = message(self.who, text, **more)
        update["message"]["message_id"] = self.last
        return update

    def _group(self) -> dict[str, Any]:
        return {"id": self.random.choice([GROUP, OTHER_GROUP]), "type": "supergroup", "title": TITLE}
