"""A Home that has run for years asks no more than a new one: whatever is asked again and again finds its rows by an index.

What is asked is listened to while a whole Home works on a database with a long past, then put to the database again: how would it look for
that, and how much did it read?
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.util import await_only

from bot.database import open_engine, sessions_of
from models.base import Base
from models.defaults import seed_defaults
from models.health import figures_at, stalls
from models.inbox import next_updates, said_before, take_in
from models.outages import open_cards
from models.outbox import OutboxState, claim, hold, messages_by_id, put_back, requeue_in_flight, settle
from models.people import person_by_telegram_id
from models.route_log import count_confirmed, log_state
from models.routing import router_of
from tests.conftest import NOON
from tests.grown import Size, grow
from tests.grown.people import FIRST_ACCOUNT
from tests.rules.queued import queued
from tests.village import Village, village

PAST = Size(people=300, issues=3000, letters=1500, messages=6000, updates=3000, activities=1500, called=5, open=20, block=500)
MOST_ROWS, MOST_STEPS = 200, 4000
"""Rows that PostgreSQL may look at for one statement, and steps that SQLite may take: less than a past of this size has of anything."""

SMALL = {
    "alarms": "one for each kind",
    "announcement_posts": "read by announcement",
    "areas": "a district has a few dozen",
    "chats": "groups that the bot is in",
    "check_in_screens": "those that are open now",
    "circle_specialties": "a few for each circle",
    "circles": "about as many as specialties",
    "deputy_groups": "a district has a few dozen",
    "issue_counters": "one a year",
    "last_heard": "one",
    "lost_places": "circles that cannot be spoken to now",
    "nightly_backups": "one a night, read by night",
    "plan_reviews": "one",
    "post_holders": "who holds a post now",
    "record_counters": "one a year",
    "route_weights": "one",
    "series": "activities that come again, a handful",
    "specialties": "a dozen",
    "terms": "one in five years",
    "topics_by_issue": "circles",
    "weekly_figures": "one",
}
"""Tables that do not grow with the years, and so may be read whole."""

PARTIAL = {
    index.name for table in Base.metadata.tables.values() for index in table.indexes if index.dialect_options["sqlite"]["where"] is not None
}
"""Indexes of some of a table's rows, which may be read whole; how many that were tells the number of steps."""

WHOLE_ROSTER = {
    "handlers.partings.follow_roster": "compares everybody on the roster with the mandates held: both as many as there are deputies",
    "handlers.following.follow_all": "asks of everybody on the roster whether an activity to come is for them",
    "handlers.keeping.forget_passers_by": "looks at the accounts that wrote to the mailbox: they are forgotten with their letters",
}
"""Due work that reads as many rows as there are people now; not as there ever were."""


@dataclass
class Asked:
    """A statement, by whom it was asked first, with which values; and how many steps SQLite took for it at most."""

    by: str
    values: Any
    steps: int = 0


@dataclass
class Ear:
    """Hears every statement but those that only add rows."""

    by: str = ""
    steps: int = 0
    heard: dict[str, Asked] = field(default_factory=dict)

    @contextlib.contextmanager
    def at(self, engine: AsyncEngine) -> Iterator[None]:
        counted: set[Any] = set()

        def before(connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
            driver = connection.connection.driver_connection
            if connection.dialect.name == "sqlite" and driver is not None and driver not in counted:
                counted.add(driver)
                await_only(driver.set_progress_handler(self._step, 1))
            self.steps = 0

        def after(connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
            if re.match(r"\s*(SELECT|UPDATE|DELETE)\b", statement) and not many:
                asked = self.heard.setdefault(statement, Asked(self.by, values))
                asked.steps = max(asked.steps, self.steps)

        event.listen(engine.sync_engine, "before_cursor_execute", before)
        event.listen(engine.sync_engine, "after_cursor_execute", after)
        try:
            yield
        finally:
            event.remove(engine.sync_engine, "before_cursor_execute", before)
            event.remove(engine.sync_engine, "after_cursor_execute", after)

    def _step(self) -> int:
        self.steps += 1
        return 0


@pytest.fixture
async def old_home(database_url: str) -> AsyncIterator[Village]:
    """A Home with a long past."""
    engine = open_engine(database_url)
    async with sessions_of(engine).begin() as session:
        await seed_defaults(session)
    async with engine.begin() as connection:
        await grow(connection, PAST, now=NOON)
    if engine.dialect.name == "postgresql":
        async with engine.connect() as connection:
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).exec_driver_sql("ANALYZE")
    await engine.dispose()
    async with village(database_url, at=NOON) as home:
        await home.home.schedule.learn()
        yield home


async def test_what_time_brings_is_found_by_index(old_home: Village) -> None:
    ear = Ear()
    with ear.at(old_home.home.engine):
        await _a_tick(old_home, ear)
        await _a_tick(old_home, ear)  # what was due is done

    wrong = await _wrong(old_home, ear)
    assert not wrong, "\n\n".join(wrong)


async def test_what_every_update_and_message_asks_is_found_by_index(old_home: Village) -> None:
    ear = Ear()
    with ear.at(old_home.home.engine):
        await _an_update(old_home, ear)
        await _a_message(old_home, ear)
        await _the_watch(old_home, ear)
        ear.by = "a deputy opens the menu"
        deputy = await old_home.person("王秀兰", area="第1街道")
        await deputy.says("/menu")
        await old_home.settle()

    wrong = await _wrong(old_home, ear)
    assert not wrong, "\n\n".join(wrong)


async def test_a_query_that_reads_all_that_ever_was_is_told(old_home: Village) -> None:
    ear = Ear("somebody")
    with ear.at(old_home.home.engine):
        async with old_home.session() as session:
            connection = await session.connection()
            await connection.exec_driver_sql("SELECT count(*) FROM outbox_messages WHERE state = 'sent' AND error = 'x'")
            await connection.exec_driver_sql("SELECT id FROM audit_entries WHERE action = 'x'")

    assert [problem.split(":")[0] for problem in await _wrong(old_home, ear)] == ["somebody", "somebody"]


async def _a_tick(home: Village, ear: Ear) -> None:
    running = home.home
    for due in running.registry.due:
        ear.by = f"{due.work.__module__}.{due.work.__qualname__}"
        more: bool | None = True
        while more:
            async with home.session() as session:
                more = await due.work(running.post_for(session))
        async with home.session() as session:
            await due.next_at(session)
    ear.by = "tidy"
    await running.schedule.tidy()
    ear.by = "learn"
    async with home.session() as session:
        await running.schedule.learn()
        await log_state(session, since=router_of(session).learnt)
        await count_confirmed(session, at_most=100)


async def _an_update(home: Village, ear: Ear) -> None:
    ear.by = "an update"
    async with home.session() as session:
        await take_in(session, [(1, "{}")], now=NOON, said_by={1: FIRST_ACCOUNT + 1}, said_in={1: FIRST_ACCOUNT + 1})
        await next_updates(session, now=NOON, limit=20)
        await said_before(session, 1, FIRST_ACCOUNT + 1, within=timedelta(minutes=1), at_most=300)
        await person_by_telegram_id(session, FIRST_ACCOUNT + 1)
        await session.rollback()


async def _a_message(home: Village, ear: Ear) -> None:
    ear.by = "a message"
    async with home.session() as session:
        message = await queued(session, NOON, FIRST_ACCOUNT + 1, replaces="x", subject="x:1")
        await claim(session, now=NOON, limit=20, busy=[FIRST_ACCOUNT + 2])
        await requeue_in_flight(session, but=[1, 2])
        await messages_by_id(session, [message.id])
        await put_back(session, message, error="", wait=timedelta(0), now=NOON)
        await hold(session, message, error="", now=NOON)
        settle(message, OutboxState.SENT, now=NOON, message_id=1)
        await session.flush()
        await session.rollback()


async def _the_watch(home: Village, ear: Ear) -> None:
    ear.by = "the watch"
    async with home.session() as session:
        await stalls(session, timedelta(minutes=5), now=NOON)
        await figures_at(session, now=NOON)
    ear.by = "after an outage"
    async with home.session() as session:
        await open_cards(session, NOON)


async def _wrong(home: Village, ear: Ear) -> list[str]:
    """What is not as it should be, by whom it was asked."""
    look: Callable[[AsyncConnection, str, Asked], Any]
    look = _on_sqlite if home.home.engine.dialect.name == "sqlite" else _on_postgresql
    found = []
    for statement, asked in ear.heard.items():
        if asked.by in WHOLE_ROSTER:
            continue
        async with home.home.engine.connect() as connection:
            why = await look(connection, statement, asked)
            await connection.rollback()
        found += [f"{asked.by}: {why}\n{re.sub(r'SELECT .*? FROM', 'SELECT … FROM', ' '.join(statement.split()))}"] if why else []
    return found


async def _on_sqlite(connection: AsyncConnection, statement: str, asked: Asked) -> str:
    plan = [row.detail for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", asked.values)]
    names = _aliases(statement)
    for step in plan:
        scan = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", step)
        table = names.get(scan[1]) if scan else None
        if scan is not None and table is not None and table not in SMALL and scan[2] not in PARTIAL:
            return f"reads all of {table}: {step}"
    return f"takes {asked.steps} steps: {'; '.join(plan)}" if asked.steps > MOST_STEPS else ""


async def _on_postgresql(connection: AsyncConnection, statement: str, asked: Asked) -> str:
    for way in ("seqscan", "mergejoin", "hashjoin"):  # as if all were too large to be read: is there an index for it?
        await connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    rows = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", asked.values)
    told = rows.scalar_one()
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    for node in _nodes(plan):
        table = node.get("Relation Name")
        if table is None or table in SMALL:
            continue
        if node["Node Type"] == "Seq Scan":
            return f"reads all of {table}"
        read = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)) * node[
            "Actual Loops"
        ]
        if read > MOST_ROWS:
            return f"reads {read:.0f} rows of {table} by {node.get('Index Name', node['Node Type'])}"
    return ""


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", []):
        yield from _nodes(each)


def _aliases(statement: str) -> dict[str, str]:
    """By every name under which a statement has a table, the table."""
    tables = Base.metadata.tables
    named = {alias: table for table, alias in re.findall(r"\b(\w+) AS (\w+)", statement) if table in tables}
    return {**{table: table for table in tables}, **named}
