"""What the buttons of the audit log say."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from handlers.keyboards import Press
from models.audit_reading import Chosen
from models.periods import Period
from models.rules import Gone


class AuditDo(enum.StrEnum):
    OVERVIEW = "o"
    LIST = "l"
    SHEET = "x"
    ASK_PERSON = "p"
    ASK_OBJECT = "s"
    ASK_DATE = "d"


@dataclass(frozen=True)
class AuditPress(Press):
    """``person`` and ``entry`` (one about the object that is meant) are numbers of rows, 0 for any; days stand as 20260301, 0 for no bound.

    ``looks`` is 1 where only looks at constituents' identities are wanted.
    """

    prefix: ClassVar[str] = "aud"
    do: AuditDo
    person: int = 0
    entry: int = 0
    since: int = 0
    until: int = 0
    looks: int = 0
    page: int = 0

    def to(self, do: AuditDo, page: int = 0) -> Self:
        return replace(self, do=do, page=page)

    def during(self, period: Period) -> Self:
        """The same within these days."""
        return replace(self, do=AuditDo.LIST, since=_number(period.since), until=_number(period.until), page=0)

    @property
    def period(self) -> Period:
        """Raises Gone for what is no day."""
        return Period(_day(self.since), _day(self.until))

    def chosen(self, subject: str | None, timezone: ZoneInfo) -> Chosen:
        since, until = self.period.moments(timezone)
        return Chosen(self.person or None, subject, since, until, looks_only=bool(self.looks))


def _number(day: date | None) -> int:
    return int(f"{day:%Y%m%d}") if day is not None else 0


def _day(number: int) -> date | None:
    if number == 0:
        return None
    try:
        day = date(number // 10_000, number // 100 % 100, number % 100)
    except ValueError as error:
        raise Gone from error
    if not 1970 <= day.year <= 2200:
        raise Gone
    return day
