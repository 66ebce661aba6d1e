"""What was said, heard and written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from models.inbox import InboxState
from models.outbox import OutboxState
from tests.grown.people import FIRST_ACCOUNT
from tests.grown.rows import Past, Rows

KEPT_WHOLE = timedelta(days=180)
"""What was sent is kept so long; older messages are there without their words."""
KEPT_UPDATES = timedelta(days=29)
SPOKE, ENTRIES = 4, 5
"""One message in so many is a card; entries of the audit log for each issue."""
EARLIEST = -(2**40)
"""Telegram's updates begin anew, above these."""


def messages(past: Past) -> Iterator[Rows]:
    """All of it settled."""
    size, block = past.size, past.block(past.size.messages) // SPOKE
    chat = {"chat_id": lambda n: FIRST_ACCOUNT + past.person(n), "message_id": lambda n: n}
    yield Rows("cards", size.messages // SPOKE, block, chat, {"id": block, "message_id": block}, {"key": "card:"})
    yield _sent(past)
    block = past.block(size.updates)
    at = past.at(block, KEPT_UPDATES)
    heard = {
        "update_id": lambda n: EARLIEST + n,
        "position": at,
        "done_at": at,
        **dict.fromkeys(("telegram_id", "chat_id"), lambda n: FIRST_ACCOUNT + past.person(n)),
        "payload": '{"update_id": 1, "message": {"text": "/menu"}}',
        "state": lambda n: InboxState.SET_ASIDE if n % 1000 == 0 else InboxState.DONE,
    }
    yield Rows("inbox_updates", size.updates, block, heard, {"update_id": block})
    block = past.block(size.issues * ENTRIES)
    entry = {"at": past.at(block), "actor_id": past.person, "action": "issue.shared"}
    yield Rows("audit_entries", size.issues * ENTRIES, block, entry, {"id": block}, {"subject": "issue:"})


def _sent(past: Past) -> Rows:
    size, block = past.size, past.block(past.size.messages)
    at, whole_since = past.at(block), past.now - KEPT_WHOLE
    bare: dict[str, Any] = {"chat_id": FIRST_ACCOUNT}
    markup = {"inline_keyboard": [[{"text": "查看", "callback_data": "is:1:open"}]]}
    whole = {**bare, "text": "第2016-0001号问题已由陈志强代表接受", "parse_mode": "HTML", "reply_markup": markup}

    def state(number: int) -> OutboxState:
        if number % 20 == 0:
            return OutboxState.SUPERSEDED
        return OutboxState.UNREACHABLE if number % 99 == 0 else OutboxState.SENT

    message = {
        "chat_id": lambda n: FIRST_ACCOUNT + past.person(n),
        "method": lambda n: "card" if n % SPOKE == 0 else "sendMessage",
        "params": lambda n: whole if at(n) > whole_since else bare,
        "lane": lambda n: n % 2,
        "state": state,
        "card_id": lambda n: n // SPOKE if n % SPOKE == 0 else None,
        **dict.fromkeys(("created_at", "due_at", "settled_at"), at),
        "message_id": lambda n: n,
        "forgotten_at": lambda n: None if at(n) > whole_since else past.now,
    }
    further = {"id": block, "message_id": block, "card_id": block // SPOKE}
    return Rows("outbox_messages", size.messages, block, message, further, {"subject": "issue:"})
