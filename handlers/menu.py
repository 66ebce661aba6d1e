"""The menu: what a person can do here, by their roles, as buttons and as Telegram's command list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from telegram import Update

from handlers.advice_presses import AwayDo, AwayPress
from handlers.context import HomeContext
from handlers.journey import Entry
from handlers.keyboards import Button, Press, rows
from handlers.permissions import Permissions, Scope
from handlers.post import Post
from handlers.texts import t
from models.absence import absence_of
from models.people import Person
from models.rules import Gone, NotAllowed


@dataclass(frozen=True)
class MenuPress(Press):
    prefix: ClassVar[str] = "m"
    name: str


class Menu:
    """All entries of all journeys; shows each person theirs."""

    def __init__(self, entries: Sequence[Entry], permissions: Permissions) -> None:
        self.entries = [Entry("menu", self.show, in_menu=False), *entries]
        self._permissions = permissions

    def of(self, person: Person) -> list[Entry]:
        """What is theirs by their roles: their command list."""
        return [entry for entry in self.entries if self._scopes(entry, person) - {Scope.NAMED}]

    def _scopes(self, entry: Entry, person: Person) -> frozenset[Scope]:
        return self._permissions.scopes(f"/{entry.name}", person.roles)

    async def _is_open_to(self, entry: Entry, context: HomeContext) -> bool:
        """Whether the person may open it now, by a role or by being named for it."""
        scopes = self._scopes(entry, context.person)
        if scopes != {Scope.NAMED}:
            return bool(scopes)
        return entry.lets_in is not None and await entry.lets_in(context.session, context.person, context.now)

    async def show(self, update: Update, context: HomeContext) -> None:
        person = context.person
        buttons = [
            Button(t(entry.key), MenuPress(entry.name))
            for entry in self.entries
            if entry.in_menu and await self._is_open_to(entry, context)
        ]
        absence = await absence_of(context.session, person, now=context.now)
        back = [[Button(t("away.do.back"), AwayPress(AwayDo.BACK))]] if absence is not None else []
        await context.show(
            "people/menu", keyboard=[*back, *rows(buttons, 2)], person=person, home_name=context.policy.home_name, absence=absence
        )

    async def press(self, update: Update, context: HomeContext) -> None:
        name = MenuPress.unpack(context.pressed).name
        entry = next((entry for entry in self.entries if entry.name == name), None)
        if entry is None:
            raise Gone
        await self.open(entry, update, context)

    async def open(self, entry: Entry, update: Update, context: HomeContext) -> None:
        """Open an entry if the person may. Raises NotAllowed."""
        if not await self._is_open_to(entry, context):
            raise NotAllowed
        await entry.handler(update, context)

    async def publish(self, post: Post, person: Person) -> None:
        """Give the person's chat its own command list, in their language. To be called whenever their roles or their account change."""
        if person.telegram_id is None:
            return
        if not (person.active and person.roles):
            await withdraw_commands(post, person.telegram_id)
            return
        commands = [(entry.name, post.texts.say(t(entry.key), person.language)) for entry in self.of(person)]
        scope = {"type": "chat", "chat_id": person.telegram_id}
        await post.call("setMyCommands", {"commands": commands, "scope": scope}, chat_id=person.telegram_id)


async def withdraw_commands(post: Post, chat_id: int) -> None:
    """Somebody has no business here any more: their chat's command list goes, and they see what strangers see."""
    await post.call("deleteMyCommands", {"scope": {"type": "chat", "chat_id": chat_id}}, chat_id=chat_id)


BACK_TO_MENU = Button(t("menu.menu"), MenuPress("menu"))
