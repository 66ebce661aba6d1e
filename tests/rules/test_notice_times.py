"""Random plans, moves and outages in virtual time: nobody hears of an old time, nobody is left out, nobody hears twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

from bot.database import open_engine, sessions_of
from models.activities import OPEN, Activity, ActivityKind, ActivityState, Offsets
from models.audience import Audience
from models.changes import cancel_activity, move_activity, postpone_activity
from models.invitations import call_activity
from models.notice_log import note_outcome, note_sent
from models.notices import OFF, TIMED, Notice, NoticeKind, change_offsets, due_notices, schedule_notices, send_notice, take_owed
from models.outbox import OutboxMessage, OutboxState, claim, put_back, settle
from models.people import Person, Role
from models.quiet_hours import ROOM_TO_SEND, QuietHours
from models.rules import RuleBroken
from models.turnout import advance_states
from tests.conftest import NOON
from tests.rules.queued import queued

SHANGHAI = ZoneInfo("Asia/Shanghai")
SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
LONGEST = timedelta(days=5)

minutes = st.integers(1, LONGEST // MINUTE).map(lambda count: count * MINUTE)
lengths = st.lists(st.sampled_from([5, 30, 120, 300, 720, 1440, 2000, 4320]).map(lambda m: m * MINUTE), min_size=1, max_size=5)
times_of_day = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
quiet_hours = st.one_of(
    st.builds(QuietHours, st.just(time(21, 30)), st.just(time(7, 30)), st.just(SHANGHAI)),
    st.builds(QuietHours, times_of_day, times_of_day, st.just(SHANGHAI)),
)
outages = st.integers(1, 36).map(lambda hours: ("outage", timedelta(hours=hours)))
happenings = st.one_of(
    st.tuples(st.just("move"), minutes),
    st.tuples(st.just("place"), st.just(MINUTE)),
    st.tuples(st.just("postpone"), st.just(MINUTE)),
    st.tuples(st.just("cancel"), st.just(MINUTE)),
    st.tuples(st.just("offsets"), lengths),
    outages,
    outages,
)


@dataclass(frozen=True)
class Plan:
    """An activity, and what happens to it: each happening so long after the one before, or (None) while a message is on its way."""

    published: timedelta
    starts_in: timedelta
    offsets: list[timedelta]
    quiet: QuietHours
    happenings: list[tuple[timedelta | None, tuple[str, object]]]
    network: list[bool]
    """Whether each call to Telegram succeeds, over and over."""


plans = st.builds(
    Plan,
    st.integers(0, 1439).map(lambda count: count * MINUTE),
    minutes,
    lengths,
    quiet_hours,
    st.lists(st.tuples(st.none() | st.integers(1, 2000).map(lambda count: count * MINUTE), happenings), max_size=4),
    st.lists(st.booleans(), max_size=6).map(lambda network: [*network, True]),
)


@dataclass
class Sent:
    """One message that Telegram was asked to bring, and what it told."""

    at: datetime
    notice: Notice
    starts_at: datetime
    arrived: bool = False


@dataclass
class World:
    """A Home with one activity and one deputy, whose clock jumps from moment to moment."""

    session: AsyncSession
    plan: Plan
    activity: Activity
    now: datetime
    away_until: datetime
    calls: Iterator[bool]
    of_old: set[int] = field(default_factory=set)
    """Notices of an arrangement that is no more."""
    queued: dict[int, tuple[Notice, datetime]] = field(default_factory=dict)
    in_flight: list[tuple[OutboxMessage, Sent]] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    announced_at: dict[int, datetime] = field(default_factory=dict)

    @property
    def up(self) -> bool:
        return self.now >= self.away_until

    @property
    def still_to_come(self) -> bool:
        return self.activity.state in OPEN and self.now < self.activity.starts_at

    async def moments_until(self, end: datetime) -> list[datetime]:
        """Whenever something could be due: the notices' own times, and where quiet hours begin and end."""
        moments = {end, *(notice.due_at for notice in self.activity.notices), self.activity.starts_at - MINUTE, self.activity.starts_at}
        day = self.now - DAY
        while day < end + DAY:
            for clock in (self.plan.quiet.begins, self.plan.quiet.ends):
                edge = datetime.combine(day.astimezone(SHANGHAI).date(), clock, SHANGHAI)
                moments |= {edge - ROOM_TO_SEND, edge}
            day += DAY
        moments |= {self.away_until, self.now + SECOND, self.now + 2 * SECOND}  # the Home asks every second
        return sorted(at for at in moments if self.now < at <= end)

    async def live_until(self, end: datetime, *, on_the_way: bool = False) -> None:
        """``on_the_way`` stops as soon as a message is in flight."""
        for at in await self.moments_until(end):
            self.now = at
            if self.up:
                await self.tick()
            if on_the_way and self.in_flight:
                return

    async def tick(self) -> None:
        """What was in flight lands, what is due is queued, and one message is taken out to be sent."""
        await advance_states(self.session, now=self.now)
        await self.land()
        for notice in await due_notices(self.session, now=self.now, quiet=self.plan.quiet):
            await send_notice(self.session, notice, now=self.now, quiet=self.plan.quiet)
            for invitation in await take_owed(self.session, notice, limit=99):
                message = await queued(self.session, self.now, 1, subject=notice.subject)
                note_sent(self.session, notice, invitation, message.id, now=self.now)
                self.queued[message.id] = notice, self.activity.starts_at
            assert notice.kind not in TIMED or notice.id not in self.of_old, "of an arrangement that is no more"
            self.check_time_of(notice)
        self.check_none_missed()
        await self.deliver()

    async def deliver(self) -> None:
        for message in await claim(self.session, now=self.now, limit=5, busy=()):
            notice, starts_at = self.queued[message.id]
            sent = Sent(self.now, notice, starts_at)
            if notice.kind in OFF:
                assert self.activity.state in (ActivityState.CANCELLED, ActivityState.POSTPONED)
            else:
                assert starts_at == self.activity.starts_at, "of a time that is no more"
                assert self.still_to_come, "of what has begun or is off"
            self.in_flight.append((message, sent))
            self.sent.append(sent)

    async def land(self) -> None:
        """Every second call or so fails; what failed is tried again, if it still holds."""
        for message, sent in self.in_flight:
            await self.session.refresh(message)
            if next(self.calls):
                settle(message, OutboxState.SENT, now=self.now)
                sent.arrived = True
            else:
                await put_back(self.session, message, error="no network", wait=timedelta(0), now=self.now, passing=True)
            await note_outcome(self.session, message, now=self.now)
        self.in_flight = []

    def check_time_of(self, notice: Notice) -> None:
        """Not at night, unless it was queued or fell due in an outage that night."""
        if notice.kind not in TIMED or notice.due_at == self.announced_at[notice.id]:
            return
        quiet = self.plan.quiet.around(self.now)
        if quiet is not None and self.announced_at[notice.id] < quiet[0] - ROOM_TO_SEND and self.away_until < quiet[0] - ROOM_TO_SEND:
            raise AssertionError(f"{notice.kind} of {notice.due_at} at night, {self.now}")

    def check_none_missed(self) -> None:
        """Of what was due some notice, this or a newer one, has been sent; only the night may hold it back."""
        if not self.still_to_come or self.plan.quiet.around(self.now):
            return
        for notice in self.activity.notices:
            if notice.kind in TIMED and notice.id not in self.of_old and notice.due_at <= self.now:
                since = notice.due_at - DAY - ROOM_TO_SEND
                newer = [n for n in self.activity.notices if n.sent_at is not None and n.id not in self.of_old and n.sent_at >= since]
                assert notice.sent_at is not None or newer, f"{notice.kind} of {notice.due_at} was missed at {self.now}"

    async def happen(self, what: str, value: object) -> None:
        """One happening; what the rules forbid does not happen."""
        before = [notice.id for notice in self.activity.notices]
        with suppress(RuleBroken):
            if what == "outage":
                assert isinstance(value, timedelta)
                self.away_until = self.now + value
                return
            by, session, now = self.activity.created_by, self.session, self.now
            if what == "move":
                assert isinstance(value, timedelta)
                await move_activity(session, self.activity, by, now=now, to=now + value)
            elif what == "place":
                await move_activity(session, self.activity, by, now=now, place="别处")
            elif what == "postpone":
                await postpone_activity(session, self.activity, by, now=now)
            elif what == "cancel":
                await cancel_activity(session, self.activity, by, now=now)
            elif what == "offsets":
                assert isinstance(value, list)
                change_offsets(session, self.activity, Offsets.listed(value), by, now=now, quiet=self.plan.quiet)
            await session.flush()
            if what != "place":
                self.of_old |= set(before)
        self.note_announced()

    def note_announced(self) -> None:
        for notice in self.activity.notices:
            self.announced_at.setdefault(notice.id, self.now)

    def check_the_end(self) -> None:
        """Each notice arrived once at most, and who ever heard has heard the last word."""
        arrived = [sent for sent in self.sent if sent.arrived]
        assert len({sent.notice.id for sent in arrived}) == len(arrived), "the same notice twice"
        reminded = [(s.starts_at, s.notice.offset_seconds, s.notice.kind) for s in arrived if s.notice.kind in TIMED]
        assert len(set(reminded)) == len(reminded), "the same reminder twice"
        if arrived and self.activity.state is ActivityState.CANCELLED:
            assert arrived[-1].notice.kind is NoticeKind.CANCELLED
        elif arrived and self.activity.state is ActivityState.POSTPONED:
            assert arrived[-1].notice.kind is NoticeKind.POSTPONED
        elif arrived:
            heard, up_in_time = arrived[-1].starts_at, self.away_until < self.activity.starts_at - MINUTE
            assert heard == self.activity.starts_at or not up_in_time or not all(self.plan.network)


async def begin(session: AsyncSession, plan: Plan) -> World:
    now = NOON + plan.published
    office, deputy = (
        Person(name=name, telegram_id=number, role_rows=[], specialties=[]) for number, name in enumerate(("周主任", "王建国"), 1)
    )
    office.give(Role.OFFICE)
    deputy.give(Role.DEPUTY)
    session.add_all([office, deputy])
    await session.flush()
    activity = await call_activity(
        session,
        office,
        kind=ActivityKind.INSPECTION,
        title="视察",
        starts_at=now + plan.starts_in,
        ends_at=None,
        place="区政府",
        notes="",
        audience=Audience(everyone=True),
        offsets=Offsets.listed(plan.offsets),
        now=now,
    )
    schedule_notices(activity, now=now)
    await session.flush()

    def calls() -> Iterator[bool]:
        while True:
            yield from plan.network

    world = World(session, plan, activity, now, away_until=now, calls=calls())
    world.note_announced()
    return world


async def play(session: AsyncSession, plan: Plan) -> World:
    world = await begin(session, plan)
    await world.tick()
    for wait, (what, value) in plan.happenings:
        await world.live_until(world.now + (wait or LONGEST), on_the_way=wait is None)
        await world.happen(what, value)
    await world.live_until(max(world.activity.starts_at, world.away_until, world.now) + DAY)
    await world.land()
    world.check_the_end()
    return world


def test_nobody_hears_of_an_old_time_nobody_is_left_out_and_nobody_hears_twice(new_database: Callable[[], str]) -> None:
    engine = open_engine(new_database())

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(plans)
    def holds(plan: Plan) -> None:
        async def in_a_transaction() -> None:
            async with sessions_of(engine)() as session:
                await play(session, plan)
                await session.rollback()

        loop.run_until_complete(in_a_transaction())

    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        holds()
        loop.run_until_complete(engine.dispose())
