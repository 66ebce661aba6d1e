"""The buttons of changing the Telegram account or the phone number."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Button, Press
from handlers.texts import t


class AskDo(enum.StrEnum):
    """What somebody does whose account is not known."""

    BEGIN = "b"
    SEND = "s"
    CANCEL = "x"


@dataclass(frozen=True)
class ClaimPress(Press):
    """A stranger's, so nothing in it is believed: their own request is found by their account."""

    prefix: ClassVar[str] = "ida"
    does: AskDo


class AccountDo(enum.StrEnum):
    """What a person of the roster does about their own account."""

    PHONE = "p"
    MOVE = "m"
    BACK = "b"


@dataclass(frozen=True)
class AccountPress(Press):
    prefix: ClassVar[str] = "acc"
    does: AccountDo


@dataclass(frozen=True)
class DecidePress(Press):
    """The office's; ``person_id`` is who gets the account or number, 0 refuses."""

    prefix: ClassVar[str] = "idd"
    request_id: int
    person_id: int = 0


ASK = Button(t("identity.do.ask"), ClaimPress(AskDo.BEGIN))
