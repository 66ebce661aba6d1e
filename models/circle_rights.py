"""What the bot is in a group, and may do there; which rights a circle's group still wants."""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from models.circles import Chat


class Right(enum.StrEnum):
    """A right of an administrator. A circle cannot do without the first three; the others are of use."""

    INVITE = "invite"
    RESTRICT = "restrict"
    TOPICS = "topics"
    PIN = "pin"
    INFO = "info"


FIELDS: Mapping[Right, str] = {
    Right.INVITE: "can_invite",
    Right.RESTRICT: "can_restrict",
    Right.TOPICS: "can_manage_topics",
    Right.PIN: "can_pin",
    Right.INFO: "can_change_info",
}
NEEDED = (Right.INVITE, Right.RESTRICT, Right.TOPICS)


@dataclass(frozen=True)
class Standing:
    """What the bot is in a group, and may do there."""

    is_member: bool
    can_invite: bool = False
    can_manage_topics: bool = False
    can_restrict: bool = False
    can_pin: bool = False
    can_change_info: bool = False

    @classmethod
    def from_telegram(cls, member: Mapping[str, Any]) -> Standing:
        """From a Bot API ChatMember, as JSON."""
        status = member.get("status")
        if status != "administrator":
            return cls(status in ("member", "restricted"))
        return cls(
            True,
            can_invite=bool(member.get("can_invite_users")),
            can_manage_topics=bool(member.get("can_manage_topics")),
            can_restrict=bool(member.get("can_restrict_members")),
            can_pin=bool(member.get("can_pin_messages")),
            can_change_info=bool(member.get("can_change_info")),
        )


async def note_standing(session: AsyncSession, chat_id: int, title: str, is_forum: bool, standing: Standing) -> tuple[Chat, bool]:
    """Write down the bot's standing in a group; True when the bot has just come in."""
    chat = await session.get(Chat, chat_id)
    came_in = standing.is_member and (chat is None or not chat.is_member)
    if chat is None:
        chat = Chat(id=chat_id, title=title)
        session.add(chat)
    chat.title, chat.is_forum = title[:255], is_forum
    take_standing(chat, standing)
    await session.flush()
    return chat, came_in


def take_standing(chat: Chat, standing: Standing) -> None:
    chat.is_member = standing.is_member
    for name in FIELDS.values():
        setattr(chat, name, getattr(standing, name))


def missing_rights(chat: Chat) -> Sequence[Right]:
    """Rights that a circle in this group cannot do without, and the bot has not."""
    return [right for right in NEEDED if not getattr(chat, FIELDS[right]) and (right is not Right.TOPICS or chat.is_forum)]


def useful_rights(chat: Chat) -> Sequence[Right]:
    """Rights that would be of use and are missing: pinning announcements, renaming the group."""
    return [right for right in Right if right not in NEEDED and not getattr(chat, FIELDS[right])]
