"""Who and where: users, chats, members, topics, invite links."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .messages import Message

Json = dict[str, Any]

RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
)
PRESENT = ("creator", "administrator", "member", "restricted")
SENDING = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
)
"""What an ordinary member may send, one permission each."""


@dataclass(slots=True, eq=False)
class User:
    """A person, or the bot."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False
    phone: str = ""
    note: str = ""
    blocked: bool = False
    started: bool = False
    hides_identity: bool = False

    def as_user(self) -> Json:
        user: Json = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        if self.last_name:
            user["last_name"] = self.last_name
        if self.username:
            user["username"] = self.username
        if self.language_code:
            user["language_code"] = self.language_code
        return user

    def as_chat(self) -> Json:
        chat: Json = {"id": self.id, "type": "private", "first_name": self.first_name}
        if self.last_name:
            chat["last_name"] = self.last_name
        if self.username:
            chat["username"] = self.username
        return chat

    def as_sandbox_user(self) -> Json:
        return {
            **self.as_user(),
            "phone": self.phone,
            "note": self.note,
            "blocked": self.blocked,
            "started": self.started,
            "hides_identity": self.hides_identity,
        }

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}" if self.last_name else self.first_name


@dataclass(slots=True, eq=False)
class Member:
    """Somebody's standing in a group; kept after leaving, as Telegram does."""

    user: User
    status: str
    rights: dict[str, bool] = field(default_factory=dict)

    @property
    def present(self) -> bool:
        return self.status in PRESENT

    def may(self, right: str) -> bool:
        return self.status == "creator" or (self.status == "administrator" and self.rights.get(right, False))

    def as_chat_member(self, *, is_forum: bool = False) -> Json:
        member: Json = {"status": self.status, "user": self.user.as_user()}
        if self.status == "creator":
            member["is_anonymous"] = False
        elif self.status == "administrator":
            member.update(can_be_edited=False, is_anonymous=self.rights.get("is_anonymous", False))
            member.update({right: self.rights.get(right, False) for right in RIGHTS})
            if is_forum:
                member["can_manage_topics"] = self.rights.get("can_manage_topics", False)
        elif self.status == "restricted":
            member.update(is_member=True, until_date=0)
            others = (
                "can_change_info",
                "can_invite_users",
                "can_pin_messages",
                "can_manage_topics",
                "can_edit_tag",
                "can_react_to_messages",
            )
            member.update({name: self.rights.get(name, name in SENDING) for name in (*SENDING, *others)})
        elif self.status == "kicked":
            member["until_date"] = 0
        return member


@dataclass(slots=True, eq=False)
class Topic:
    """A forum topic; its thread id is the id of the message that made it."""

    message_thread_id: int
    name: str
    icon_color: int
    icon_custom_emoji_id: str | None = None
    closed: bool = False

    def as_topic(self) -> Json:
        return {"message_thread_id": self.message_thread_id, "name": self.name, "closed": self.closed}


@dataclass(slots=True, eq=False)
class InviteLink:
    """A link into a group."""

    invite_link: str
    creator: User
    name: str | None = None
    creates_join_request: bool = False
    is_primary: bool = False
    is_revoked: bool = False
    expire_date: int | None = None
    member_limit: int | None = None
    joined: int = 0
    pending: int = 0

    def as_link(self) -> Json:
        link: Json = {
            "invite_link": self.invite_link,
            "creator": self.creator.as_user(),
            "creates_join_request": self.creates_join_request,
            "is_primary": self.is_primary,
            "is_revoked": self.is_revoked,
        }
        if self.name:
            link["name"] = self.name
        if self.expire_date:
            link["expire_date"] = self.expire_date
        if self.member_limit:
            link["member_limit"] = self.member_limit
        if self.pending:
            link["pending_join_request_count"] = self.pending
        return link


@dataclass(slots=True, eq=False)
class Chat:
    """A private chat of two, a group, or a supergroup (with topics when a forum)."""

    type: str
    id: int = 0
    people: tuple[User, ...] = ()
    title: str = ""
    is_forum: bool = False
    members: dict[int, Member] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    links: dict[str, InviteLink] = field(default_factory=dict)
    requests: dict[int, InviteLink] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    migrated_to: int | None = None
    deleted: bool = False
    forbidden: set[str] = field(default_factory=set)
    """What ordinary members may not send here."""
    messages: dict[int, Message] = field(default_factory=dict)
    last_id: int = 0
    read: dict[int, int] = field(default_factory=dict)
    keyboards: dict[int, Json] = field(default_factory=dict)
    instance: str = ""
    touched: int = 0

    @property
    def private(self) -> bool:
        return self.type == "private"

    def other(self, viewer: int) -> User:
        first, second = self.people
        return second if first.id == viewer else first

    def seen_by(self, viewer: int) -> Json:
        """The `Chat` object; a private chat shows the other one."""
        if self.private:
            return self.other(viewer).as_chat()
        chat: Json = {"id": self.id, "type": self.type, "title": self.title}
        if self.is_forum:
            chat["is_forum"] = True
        return chat

    def key_for(self, viewer: int) -> str | int:
        """How the person's side names this chat."""
        if not self.private:
            return self.id
        other = self.other(viewer)
        return "bot" if other.is_bot else other.id

    def present(self) -> Iterator[User]:
        if self.private:
            yield from self.people
        else:
            yield from (m.user for m in self.members.values() if m.present)

    def member(self, user_id: int) -> Member | None:
        found = self.members.get(user_id)
        return found if found and found.present else None


class World:
    """All users and chats around one bot."""

    def __init__(self, bot: User) -> None:
        self.bot = bot
        self.users: dict[int, User] = {}
        self.phones: list[int] = []
        self.groups: dict[int, Chat] = {}
        self.with_bot: dict[int, Chat] = {}
        self.between: dict[frozenset[int], Chat] = {}
        self._last_user = 5_000_000
        self._last_group = 4_000_000

    def new_user_id(self) -> int:
        self._last_user += 1
        while self._last_user in self.users:
            self._last_user += 1
        return self._last_user

    def new_group_id(self, *, supergroup: bool) -> int:
        self._last_group += 1
        return -1_000_000_000_000 - self._last_group if supergroup else -self._last_group

    def chat_with_bot(self, user: User) -> Chat:
        chat = self.with_bot.get(user.id)
        if chat is None:
            chat = self.with_bot[user.id] = Chat("private", user.id, (user, self.bot), instance=str(7 * 10**18 + user.id))
        return chat

    def chat_between(self, one: User, other: User) -> Chat:
        pair = frozenset((one.id, other.id))
        chat = self.between.get(pair)
        if chat is None:
            chat = self.between[pair] = Chat("private", 0, (one, other))
        return chat

    def chats_of(self, user: User) -> Iterator[Chat]:
        """Every chat this person has or had."""
        yield self.chat_with_bot(user)
        yield from (c for pair, c in self.between.items() if user.id in pair)
        yield from (g for g in self.groups.values() if user.id in g.members)
