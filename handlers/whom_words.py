"""An audience in words: read from what people type, and said on cards with the names of those it calls."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.labelled_lines import words_of
from handlers.texts import T, t
from models.audience import Audience, Part, Side, find_called, names_of
from models.people import Person, Role

ROOM_FOR_NAMES = 160
_INSIDE = re.compile(r"除(?:了|去)?(?P<out>[^（）()]+?)(?:之外|以外|外)[的,，、]?(?:其他|其余|所有|全部)?")
_BEFORE = re.compile(r"(?:^|[，,；;（(])\s*(?P<out>[^，,；;（）()]+?)除外")
_AFTER = re.compile(r"(?:不含|不包括|不包含|不要)[:：]?(?P<out>[^（）()；;。\n]+)")
_ENGLISH = re.compile(r"\b(?:except(?:\s+for)?|excluding|without|but\s+not)\b:?\s+(?P<out>[^();.\n]+)", re.IGNORECASE)
_BRACKETS = re.compile(r"[（）()]")


def sides_of(text: str) -> tuple[list[str], list[str]]:
    """The words of a list, and those it leaves out: 全体代表，除第一小组、张三外; 全体代表（不含张三）; all except Group 1."""
    out: list[str] = []
    for pattern in (_INSIDE, _BEFORE, _AFTER, _ENGLISH):
        for found in pattern.finditer(text):
            out += words_of(_BRACKETS.sub("、", found["out"]))
        text = pattern.sub("、", text)
    return words_of(_BRACKETS.sub("、", text)), out


@dataclass(frozen=True)
class Called:
    """What a text calls for; ``troubles`` say what of it was not understood, ``namesakes`` are those it may mean on each side."""

    audience: Audience
    troubles: Sequence[T]
    namesakes: Mapping[Side, Sequence[Person]]

    @property
    def only_leaves_out(self) -> bool:
        return not (self.audience.everyone or self.audience.parts)


async def read_called(session: AsyncSession, text: str) -> Called:
    """Read a list with what it leaves out."""
    wanted, left_out = sides_of(text)
    sides = {Side.WITH: await find_called(session, wanted), Side.WITHOUT: await find_called(session, left_out, Side.WITHOUT)}
    audience = sides[Side.WITH].audience.joined(sides[Side.WITHOUT].audience)
    unknown = [word for found in sides.values() for word in found.unknown]
    unclear = [word for found in sides.values() for word in found.unclear]
    troubles = [t("activity.names_unknown", names="、".join(unknown))] if unknown else []
    troubles += [t("activity.names_unclear", names="、".join(unclear))] if unclear else []
    return Called(
        audience, troubles, {side: [person for those in found.unclear.values() for person in those] for side, found in sides.items()}
    )


async def whom_values(session: AsyncSession, audience: Audience) -> dict[str, Any]:
    """What the template ``activity/_whom`` needs: everything chosen and everything left out, by name."""
    return {
        "everyone": audience.everyone,
        "names": await _said(session, audience, Side.WITH),
        "left_out": await _said(session, audience, Side.WITHOUT),
    }


async def _said(session: AsyncSession, audience: Audience, side: Side) -> list[T | str]:
    roles = [role for role in Role if role in audience.of(Part.ROLE, side)]
    return [*(t(f"role.{role}") for role in roles), *await names_of(session, audience, side)]


def names_that_fit(names: Sequence[str]) -> list[str]:
    """The first names that a card has room for, one at least."""
    shown: list[str] = []
    room = ROOM_FOR_NAMES
    for name in names:
        room -= len(name) + 1
        if room < 0 and shown:
            break
        shown.append(name)
    return shown
