"""How the demo's people do things: by the sandbox's person side alone, as anybody does on the chat page."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp

PATIENCE = 20.0


@dataclass
class Crowd:
    """Everybody's hands."""

    http: aiohttp.ClientSession

    async def do(self, path: str, method: str = "POST", **body: Any) -> Any:
        """One act. Raises ClientResponseError when the sandbox refuses it."""
        async with self.http.request(method, f"/sandbox{path}", json=body if method != "GET" else None) as response:
            response.raise_for_status()
            return await response.json()

    async def press(self, person: int, label: str, *, on: str) -> None:
        """Press a button of the newest message from the bot that says ``on``, once it is there. Raises TimeoutError."""
        message, button = await self._button(person, label, on)
        await self.do(f"/users/{person}/chats/bot/press", message_id=message, data=button["callback_data"])

    async def follow(self, person: int, label: str, *, on: str) -> None:
        """Open the invite link behind a button."""
        _, button = await self._button(person, label, on)
        await self.do(f"/users/{person}/join", link=button["url"])

    async def _button(self, person: int, label: str, on: str) -> tuple[int, dict[str, Any]]:
        async with asyncio.timeout(PATIENCE):
            while True:
                for message in reversed(await self.do(f"/users/{person}/chats/bot/messages?limit=50", "GET")):
                    if on in message.get("text", ""):
                        for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                            for button in row:
                                if label in button["text"]:
                                    return message["message_id"], button
                await asyncio.sleep(0.05)
