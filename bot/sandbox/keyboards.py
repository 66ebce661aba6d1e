"""Reply keyboards under a person's text field."""

from __future__ import annotations

from typing import Any

from .sandbox import Sandbox
from .world import Chat, User

Json = dict[str, Any]


def apply_keyboard(sandbox: Sandbox, chat: Chat, keyboard: Json | None) -> None:
    """Show a keyboard to everyone in the chat, or take it away."""
    for person in chat.present():
        if person.is_bot:
            continue
        if keyboard is None:
            chat.keyboards.pop(person.id, None)
        else:
            chat.keyboards[person.id] = keyboard
        sandbox.events.emit("chats", person.id)


def used(sandbox: Sandbox, chat: Chat, person: User, text: str | None = None) -> None:
    """A one-time keyboard goes when one of its buttons was used (`text` None: the contact button)."""
    keyboard = chat.keyboards.get(person.id)
    if not keyboard or not keyboard.get("one_time_keyboard"):
        return
    buttons = [button for row in keyboard["keyboard"] for button in row]
    if any(b.get("request_contact") if text is None else b["text"] == text for b in buttons):
        del chat.keyboards[person.id]
        sandbox.events.emit("chats", person.id)
