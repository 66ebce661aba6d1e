"""Who changes the Telegram account or the phone number asks the office; one tap of it decides. Nothing changes before."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ForeignKey, Index, String, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.people import Person, Role, link_account, normalise_phone, person_by_phone, person_by_telegram_id
from models.policy import Policy
from models.rules import Gone, RuleBroken

NAME_LIMIT, PHONE_LIMIT = 60, 20
DAY = timedelta(days=1)
WORDS_AWAITED = timedelta(minutes=30)
"""How long the next words of a stranger who began to ask are taken for their name and number."""
MOST_OPEN = 100
"""With more requests undecided no stranger's is taken: nobody floods the office."""


class IdentityChange(enum.StrEnum):
    ACCOUNT = "account"
    PHONE = "phone"


class RequestState(enum.StrEnum):
    """``begun → open → confirmed | refused``; a newer one of the same account takes an older one's place."""

    BEGUN = "begun"
    OPEN = "open"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    REPLACED = "replaced"


class AskedTooOften(RuleBroken):
    """So many requests a day are enough."""

    key = "identity.too_often"


class RequestSettled(RuleBroken):
    """Somebody of the office decided it already."""

    key = "identity.settled"


class AccountInUse(RuleBroken):
    """The account that asks is somebody else's of the roster by now."""

    key = "identity.account_in_use"


class PhoneInUse(RuleBroken):
    """The new number is somebody else's of the roster."""

    key = "identity.phone_in_use"


class IdentityRequest(Base):
    """One request. ``telegram_id`` is the account that asks: for another account the new one, for another number one's own."""

    __tablename__ = "identity_requests"
    __table_args__ = (Index("ix_identity_requests_account", "telegram_id", "asked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    change: Mapped[IdentityChange]
    state: Mapped[RequestState] = mapped_column(default=RequestState.BEGUN, index=True)
    telegram_id: Mapped[int] = mapped_column(BigInteger)
    account_name: Mapped[str] = mapped_column(String(100), default="")
    """What the account calls itself: said by whoever asks, and so no proof."""
    language: Mapped[str] = mapped_column(String(8))
    said_name: Mapped[str] = mapped_column(String(NAME_LIMIT), default="")
    said_phone: Mapped[str] = mapped_column(String(PHONE_LIMIT), default="")
    new_phone: Mapped[str] = mapped_column(String(PHONE_LIMIT), default="")
    verified: Mapped[bool] = mapped_column(default=False)
    """Whether Telegram itself said that the number belongs to the account."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), index=True)
    """Whom of the roster it is about, as far as is known; the one who asks is never told."""
    asked_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]

    person: Mapped[Person | None] = relationship(lazy="selectin", foreign_keys=[person_id])
    decided_by: Mapped[Person | None] = relationship(lazy="selectin", foreign_keys=[decided_by_id])

    def require_open(self) -> None:
        """Raise RequestSettled for one that was decided."""
        if self.state is not RequestState.OPEN:
            raise RequestSettled(name=self.decided_by.name if self.decided_by is not None else "")


async def request_by_id(session: AsyncSession, id: int) -> IdentityRequest:
    """The request, held so that two of the office decide it once. Raises Gone."""
    found = await session.get(IdentityRequest, id, with_for_update={"of": IdentityRequest}, populate_existing=True)
    if found is None:
        raise Gone
    return found


async def begun_by(session: AsyncSession, telegram_id: int, *, now: datetime) -> IdentityRequest | None:
    """The request whose words this account still owes."""
    own = select(IdentityRequest).where(IdentityRequest.telegram_id == telegram_id, IdentityRequest.state == RequestState.BEGUN)
    fresh = own.where(IdentityRequest.asked_at > now - WORDS_AWAITED)
    found: IdentityRequest | None = await session.scalar(fresh.order_by(IdentityRequest.id.desc()).limit(1))
    return found


async def begin_request(
    session: AsyncSession,
    telegram_id: int,
    change: IdentityChange,
    policy: Policy,
    *,
    account_name: str,
    language: str,
    now: datetime,
    person: Person | None = None,
    new_phone: str = "",
) -> IdentityRequest:
    """Begin to ask. ``new_phone`` is one that Telegram vouches for. Raises AskedTooOften."""
    await _require_measure(session, telegram_id, policy, known=person is not None, now=now)
    never_asked = (IdentityRequest.telegram_id == telegram_id, IdentityRequest.state == RequestState.BEGUN)
    await session.execute(delete(IdentityRequest).where(*never_asked))
    request = IdentityRequest(
        change=change,
        state=RequestState.BEGUN,
        telegram_id=telegram_id,
        account_name=account_name[:100],
        language=language,
        person=person,
        new_phone=normalise_phone(new_phone)[:PHONE_LIMIT],
        verified=bool(new_phone),
        asked_at=now,
        said_name="",
        said_phone="",
        decided_by=None,
    )
    session.add(request)
    await session.flush()
    return request


async def _require_measure(session: AsyncSession, telegram_id: int, policy: Policy, *, known: bool, now: datetime) -> None:
    """Raise AskedTooOften: so many asked a day by one account, and so many waiting of all strangers."""
    own = (IdentityRequest.telegram_id == telegram_id, IdentityRequest.asked_at > now - DAY, IdentityRequest.state != RequestState.BEGUN)
    if (await session.scalar(select(func.count()).where(*own)) or 0) >= policy.identity_daily:
        raise AskedTooOften
    if known:
        return
    waiting = await session.scalar(select(func.count()).where(IdentityRequest.state == RequestState.OPEN)) or 0
    if waiting >= MOST_OPEN:
        raise AskedTooOften


async def ask_office(
    session: AsyncSession, request: IdentityRequest, *, now: datetime, said_name: str = "", said_phone: str = "", new_phone: str = ""
) -> list[IdentityRequest]:
    """Put it before the office. What the asker said is looked up silently. Gives older requests of the account that it replaces."""
    if request.state is not RequestState.BEGUN:
        raise Gone
    request.said_name, request.said_phone = said_name.strip()[:NAME_LIMIT], normalise_phone(said_phone)[:PHONE_LIMIT]
    if new_phone and not request.verified:
        request.new_phone = normalise_phone(new_phone)[:PHONE_LIMIT]
    if request.person is None:
        by_phone = await person_by_phone(session, request.said_phone)
        request.person = by_phone if by_phone is not None and _alike(by_phone.name, request.said_name) else None
    request.state, request.asked_at = RequestState.OPEN, now
    older = list(
        await session.scalars(
            select(IdentityRequest).where(
                IdentityRequest.telegram_id == request.telegram_id,
                IdentityRequest.state == RequestState.OPEN,
                IdentityRequest.id != request.id,
            )
        )
    )
    for earlier in older:
        earlier.state = RequestState.REPLACED
    await session.flush()
    about = f"person:{request.person.id}" if request.person is not None else f"identity:{request.id}"
    record(session, None, "identity.asked", about, now=now, request=request.id, change=request.change.value)
    return older


def _alike(name: str, said: str) -> bool:
    return "".join(name.split()) == "".join(said.split())


async def candidates(session: AsyncSession, request: IdentityRequest, *, limit: int = 3) -> Sequence[Person]:
    """Whom the office may mean by what was said, where nobody fits both name and number: for the office alone to see."""
    if request.person is not None:
        return [request.person]
    found = []
    by_phone = await person_by_phone(session, request.said_phone)
    if by_phone is not None:
        found.append(by_phone)
    by_name = select(Person).where(Person.active, Person.name == request.said_name).order_by(Person.id).limit(limit)
    found += [person for person in await session.scalars(by_name) if person not in found]
    return found[:limit]


async def confirm(session: AsyncSession, request: IdentityRequest, person: Person, office: Person, *, now: datetime) -> int | None:
    """Carry it out; gives the account that has lost its access by it, if there was another.

    Raises NotAllowed, RequestSettled, Gone, AccountInUse, PhoneInUse.
    """
    office.require(Role.OFFICE)
    request.require_open()
    if not person.active:
        raise Gone
    if request.new_phone:
        holder = await session.scalar(select(Person).where(Person.phone == request.new_phone, Person.id != person.id))
        if holder is not None:
            raise PhoneInUse(name=holder.name)
    old = person.telegram_id
    if request.change is IdentityChange.ACCOUNT and old != request.telegram_id:
        if await person_by_telegram_id(session, request.telegram_id) is not None:
            raise AccountInUse
        person.telegram_id, person.unreachable_since = None, None
        await session.flush()
        await link_account(session, person, request.telegram_id, language=request.language, now=now)
    if request.new_phone:
        person.phone = request.new_phone
    request.person = person
    _decide(request, RequestState.CONFIRMED, office, now=now)
    await session.flush()
    details = {"request": request.id, "change": request.change.value, "old_account": old}
    record(session, office, "identity.confirmed", f"person:{person.id}", now=now, **details)
    return old if request.change is IdentityChange.ACCOUNT and old != request.telegram_id else None


def refuse(session: AsyncSession, request: IdentityRequest, office: Person, *, now: datetime) -> None:
    """Nothing changes. Raises NotAllowed, RequestSettled."""
    office.require(Role.OFFICE)
    request.require_open()
    _decide(request, RequestState.REFUSED, office, now=now)
    about = f"person:{request.person_id}" if request.person_id is not None else f"identity:{request.id}"
    record(session, office, "identity.refused", about, now=now, request=request.id)


def _decide(request: IdentityRequest, state: RequestState, office: Person, *, now: datetime) -> None:
    request.state, request.decided_by, request.decided_at = state, office, now
