"""What people do on their phones here: look for a button on the latest messages, and press it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from handlers.keyboards import Press
from tests.village import Phone

P = TypeVar("P", bound=Press)


async def buttons(
    phone: Phone, kind: type[P], wanted: Callable[[P], bool] = lambda _: True, *, chat: int | str = "bot", looks_at: int = 100
) -> list[tuple[int, P]]:
    """The buttons of a kind on the latest messages: where each stands and what it does, those of the newest message first."""
    messages = await phone.village.request("GET", f"/sandbox/users/{phone.id}/chats/{chat}/messages?limit={looks_at}")
    found = []
    for message in reversed(messages):
        for row in message.get("reply_markup", {}).get("inline_keyboard", []):
            for button in row:
                data = button.get("callback_data", "")
                if data.startswith(f"{kind.prefix}:") and wanted(does := kind.unpack(data)):
                    found.append((message["message_id"], does))
    return found


async def press(phone: Phone, message_id: int, does: Press, *, chat: int | str = "bot") -> None:
    """Press a button that was seen; it may be gone by now, as on a screen that is behind."""
    body = {"message_id": message_id, "data": does.pack(), "stale": True}
    await phone.village.request("POST", f"/sandbox/users/{phone.id}/chats/{chat}/press", json=body)


async def press_one(
    phone: Phone, kind: type[P], wanted: Callable[[P], bool] = lambda _: True, *, chat: int | str = "bot", looks_at: int = 100
) -> bool:
    """Press the newest button of a kind that does what is wanted; False when there is none."""
    for message_id, does in await buttons(phone, kind, wanted, chat=chat, looks_at=looks_at):
        await press(phone, message_id, does, chat=chat)
        return True
    return False


async def together(doings: Iterable[Coroutine[Any, Any, Any]]) -> None:
    """Several people at once, each on their own phone."""
    await asyncio.gather(*doings)


async def one_after_another(doings: Iterable[Coroutine[Any, Any, Any]]) -> None:
    """One person, one thing at a time."""
    for doing in doings:
        await doing
