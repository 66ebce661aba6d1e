"""People of the Home: who they are, what they may do, how they are known to Telegram."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Index, String, Text, and_, bindparam, exists, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, contains_eager, joinedload, mapped_column, relationship, validates

from models.audit import record
from models.base import Base
from models.pinyin import LIMIT, initials_of
from models.rules import NotAllowed, RuleBroken


class Role(enum.StrEnum):
    DEPUTY = "deputy"
    GROUP_LEADER = "group_leader"
    OFFICE = "office"
    LEADER = "leader"
    AREA_STAFF = "area_staff"


class PhoneTaken(RuleBroken):
    """This person of the roster is already known by another Telegram account."""

    key = "people.phone_taken"


class Area(Base):
    """A home area: a township, subdistrict or electoral district."""

    __tablename__ = "areas"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)


class DeputyGroup(Base):
    """A deputies' group (代表小组)."""

    __tablename__ = "deputy_groups"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)


class Specialty(Base):
    """A field in which specialist deputies advise; its keywords, description and sub-topics alone route a new Home."""

    __tablename__ = "specialties"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    keywords: Mapped[list[str]] = mapped_column(default=list)
    description: Mapped[str] = mapped_column(Text, default="")
    topics: Mapped[list[str]] = mapped_column(default=list)


Named = TypeVar("Named", Area, DeputyGroup, Specialty)


class PersonRole(Base):
    __tablename__ = "person_roles"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(primary_key=True, index=True)


class PersonSpecialty(Base):
    __tablename__ = "person_specialties"
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    specialty_id: Mapped[int] = mapped_column(ForeignKey("specialties.id"), primary_key=True, index=True)


class Person(Base):
    """Somebody on the roster. ``telegram_id`` is set once they have proved who they are; it is their private chat's id too."""

    __tablename__ = "people"
    __table_args__ = (
        Index(
            "ix_people_unreachable",
            "unreachable_since",
            sqlite_where=text("unreachable_since IS NOT NULL"),
            postgresql_where=text("unreachable_since IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60), index=True)
    initials: Mapped[str] = mapped_column(String(LIMIT), default="")
    """The name by its pinyin initials, to be looked for; it follows the name by itself."""
    phone: Mapped[str | None] = mapped_column(String(20), unique=True)
    telegram_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    language: Mapped[str] = mapped_column(String(8), default="zh_CN")
    area_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id"), index=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("deputy_groups.id"), index=True)
    employer: Mapped[str] = mapped_column(String(120), default="")
    active: Mapped[bool] = mapped_column(default=True)
    unreachable_since: Mapped[datetime | None]

    area: Mapped[Area | None] = relationship(lazy="selectin")
    group: Mapped[DeputyGroup | None] = relationship(lazy="selectin")
    role_rows: Mapped[list[PersonRole]] = relationship(lazy="selectin", cascade="all, delete-orphan")
    specialties: Mapped[list[Specialty]] = relationship(secondary="person_specialties", lazy="selectin", order_by="Specialty.id")

    @validates("name")
    def _initials_follow(self, _: str, name: str) -> str:
        self.initials = initials_of(name)
        return name

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(row.role for row in self.role_rows)

    def has(self, *roles: Role) -> bool:
        """Whether the person is active and holds any of these roles."""
        return self.active and not self.roles.isdisjoint(roles)

    def require(self, *roles: Role) -> None:
        """Raise NotAllowed unless the person holds one of these roles."""
        if not self.has(*roles):
            raise NotAllowed

    @property
    def serves(self) -> bool:
        """Whether the person is a deputy now. Who has stopped being one may still be in the Home, by another role."""
        return self.has(Role.DEPUTY)

    def give(self, role: Role) -> None:
        if role not in self.roles:
            self.role_rows.append(PersonRole(role=role))

    def take(self, role: Role) -> None:
        self.role_rows[:] = [row for row in self.role_rows if row.role != role]


def serving() -> ColumnElement[bool]:
    """``Person.serves``, in SQL."""
    return and_(Person.active, holding(Role.DEPUTY))


def holding(role: Role) -> ColumnElement[bool]:
    """Whether a person holds a role: looked up for each, so that a question about one does not read the whole roster."""
    return exists().where(PersonRole.person_id == Person.id, PersonRole.role == role)


def normalise_phone(text: str) -> str:
    """Digits of a mainland mobile or fixed number, without country code, spaces or signs; empty when there are none."""
    digits = re.sub(r"\D", "", text)
    for prefix in ("0086", "86"):
        if digits.startswith(prefix) and len(digits) - len(prefix) == 11:
            return digits.removeprefix(prefix)
    return digits


_BY_ACCOUNT = (
    select(Person)
    # Joined one by one: of a join within a join SQLite first makes a table, with what everybody has.
    .outerjoin(PersonSpecialty, PersonSpecialty.person_id == Person.id)
    .outerjoin(Specialty, Specialty.id == PersonSpecialty.specialty_id)
    .where(Person.telegram_id == bindparam("account"), Person.active)
    .options(*map(joinedload, (Person.area, Person.group, Person.role_rows)), contains_eager(Person.specialties))
    .order_by(Specialty.id)
)
"""Asked with every update: in one statement, which is put together once."""


async def person_by_telegram_id(session: AsyncSession, telegram_id: int) -> Person | None:
    """The active person behind a Telegram account, or None for a stranger."""
    found = await session.scalars(_BY_ACCOUNT, {"account": telegram_id})
    return found.unique().one_or_none()


async def person_by_phone(session: AsyncSession, phone: str) -> Person | None:
    """The active person with this phone number, written in any usual way."""
    wanted = normalise_phone(phone)
    if not wanted:
        return None
    found: Person | None = await session.scalar(select(Person).where(Person.phone == wanted, Person.active))
    return found


async def named(session: AsyncSession, table: type[Named], name: str) -> Named:
    """The area, deputies' group or specialty of this name, made if it is not there yet."""
    found = await session.scalar(select(table).where(table.name == name))
    if found is None:
        found = table(name=name)
        session.add(found)
        await session.flush()
    return found


async def people_with(session: AsyncSession, *roles: Role) -> Sequence[Person]:
    """Active people holding any of these roles, in the roster's order."""
    holders = select(PersonRole.person_id).where(PersonRole.role.in_(roles))
    return (await session.scalars(select(Person).where(Person.active, Person.id.in_(holders)).order_by(Person.id))).all()


async def link_account(session: AsyncSession, person: Person, telegram_id: int, *, language: str, now: datetime) -> None:
    """Tie a Telegram account to a person of the roster. Raises PhoneTaken if either is already tied to another."""
    if person.telegram_id == telegram_id:
        return
    if person.telegram_id is not None or await person_by_telegram_id(session, telegram_id) is not None:
        raise PhoneTaken
    former = await session.scalar(select(Person).where(Person.telegram_id == telegram_id))
    if former is not None:  # nobody of the roster any more: an account is one person's
        former.telegram_id = None
        record(session, person, "account.untied", f"person:{former.id}", now=now)
        await session.flush()
    person.telegram_id, person.language = telegram_id, language
    record(session, person, "account.linked", f"person:{person.id}", now=now)
