"""What reached whom: every call the Home made, and every message that stands in anybody's chat."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from sqlalchemy import select

from handlers.issue_topic_news import TOPIC_GONE as THREAD_GONE
from models.inbox import InboxState, InboxUpdate
from models.outbox import OutboxMessage, OutboxState
from tests.journeys.month.cast import Month
from tests.journeys.month.matters import bare
from tests.village import shown

NOT_FOR_GROUPS = frozenset({"forwardMessage", "forwardMessages"})


class Sight:
    """What was to be read in each chat, whether it stands there still or not; private chats are called by their person's id."""

    def __init__(self) -> None:
        self.read_in: dict[int, list[str]] = defaultdict(list)
        self.forwarded: list[str] = []
        self._calls = 0

    async def look(self, month: Month) -> None:
        """Take in the calls made since the last look; the sandbox keeps only so many."""
        calls = await month.home.request("GET", f"/sandbox/calls?after={self._calls}")
        for call in calls:
            self._calls, params = call["id"], call["params"]
            if call["method"] in NOT_FOR_GROUPS:
                self.forwarded.append(f"{call['method']} {params}")
            if "chat_id" in params:
                self.read_in[int(params["chat_id"])].append(_read_in(params))

    async def look_round(self, month: Month) -> None:
        """Look into every chat as it stands: copies show only there what they say."""
        for phone in month.phones.values():
            await self._look_into(month, phone.id, "bot", phone.id)
        for group, _ in month.places.values():
            await self._look_into(month, month.office.id, group, group)

    async def _look_into(self, month: Month, reader: int, chat: int | str, known_as: int) -> None:
        before = ""
        while True:
            path = f"/sandbox/users/{reader}/chats/{chat}/messages?limit=200{before}"
            messages = await month.home.request("GET", path)
            for message in messages:
                if not message.get("out"):
                    self.read_in[known_as].append(shown(message) + json.dumps(message.get("contact", ""), ensure_ascii=False))
            if len(messages) < 200:
                return
            before = f"&before={messages[0]['message_id']}"

    def leaks(self, month: Month) -> list[str]:
        """Who could read what tells who a constituent is, besides the deputy who was told."""
        known = [*month.phones, *(group for group, _ in month.places.values())]
        found = [f"somebody unknown, {chat}, was written to" for chat in self.read_in if chat not in known]
        for chat in known:
            everything = "\n".join(dict.fromkeys(self.read_in[chat]))
            seen = bare(everything)
            who = month.phones[chat].name if chat in month.phones else f"the circle's group {chat}"
            own = {matter.secret.name for matter in month.matters if matter.deputy == chat}
            for matter in month.matters:
                part = matter.secret.stands_in(seen) if matter.deputy != chat else ""
                if part and part not in own:
                    at = seen.index(part)
                    found.append(f"{who} could read {part} of the matter {matter.text.words[:20]!r}: …{seen[max(at - 30, 0) : at + 30]}…")
        return found


def _read_in(params: dict[str, Any]) -> str:
    """All words of a call: text, caption, buttons, names of files and topics."""
    return json.dumps(params, ensure_ascii=False)


async def set_aside(month: Month) -> list[str]:
    """Updates that were given up, and messages that failed for any other reason than a deleted topic or a blocked bot."""
    async with month.home.session() as session:
        updates = (
            await session.execute(select(InboxUpdate.error, InboxUpdate.payload).where(InboxUpdate.state == InboxState.SET_ASIDE))
        ).all()
        not_sent = select(OutboxMessage).where(OutboxMessage.state.in_((OutboxState.FAILED, OutboxState.UNREACHABLE, OutboxState.SENDING)))
        messages = (await session.scalars(not_sent.order_by(OutboxMessage.id))).all()
    found = [f"an update was set aside: {error}: {payload[:300]}" for error, payload in updates]
    for message in messages:
        topic_gone = message.state is OutboxState.FAILED and any(sign in (message.error or "").lower() for sign in THREAD_GONE)
        blocked = message.state is OutboxState.UNREACHABLE and (message.chat_id or 0) in month.ever_blocked
        if not topic_gone and not blocked:
            found.append(f"{message.method} to {message.chat_id} ({message.subject}) is {message.state}: {message.error}")
    return found
