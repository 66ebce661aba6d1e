"""Migrations: they make exactly the tables of the code, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

import models.tables  # noqa: F401 - every table must be known
from bot.database import alembic_config
from models.base import Base
from tests.conftest import NOON
from tests.filled import ROWS, UGLY, fill


async def test_the_migrations_make_exactly_the_tables_of_the_code(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_migrations_can_be_taken_back(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: command.downgrade(alembic_config(sync), "base"))
        left = await connection.run_sync(lambda sync: inspect(sync).get_table_names())

    assert left == ["alembic_version"]


async def test_a_full_home_goes_back_step_by_step_to_each_earlier_version_and_up_again(engine: AsyncEngine) -> None:
    """Something in every table and column: no step fails, and whatever the first version had a table for is still there in the end."""
    async with engine.begin() as connection:
        await fill(connection)
    steps = [step.revision for step in ScriptDirectory.from_config(alembic_config()).walk_revisions()][1:]

    for revision in steps:
        await _migrate(engine, command.downgrade, revision)
    async with engine.connect() as connection:
        first = await connection.run_sync(lambda sync: set(inspect(sync).get_table_names())) - {"alembic_version"}
    for revision in reversed(steps):
        await _migrate(engine, command.upgrade, revision)
    await _migrate(engine, command.upgrade, "head")

    async with engine.connect() as connection:
        kept = {name: await connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in sorted(first)}
        assert {name: count for name, count in kept.items() if count != ROWS} == {}
        assert (await connection.execute(text("SELECT id, phone FROM people ORDER BY id"))).all() == [
            (7, f"1{UGLY}"[:20]),
            (14, None),
            (21, f"3{UGLY}"[:20]),
        ]


async def test_what_a_home_holds_already_is_kept_through_the_issue_desk_and_back(engine: AsyncEngine) -> None:
    await _migrate(engine, command.downgrade, "0001")
    async with engine.begin() as connection:
        await connection.run_sync(_one_issue_of_the_foundation)

    await _migrate(engine, command.upgrade, "head")

    async with engine.connect() as connection:
        by_home = await connection.scalars(text("SELECT by_home FROM issue_remarks ORDER BY id"))
        assert [bool(each) for each in by_home] == [False, True]
        assert (await connection.scalars(text("SELECT specialty_id FROM referrals"))).all() == [1]

    await _migrate(engine, command.downgrade, "0001")

    async with engine.connect() as connection:
        assert (await connection.scalars(text("SELECT number FROM issues"))).all() == ["2026-0001"]


async def test_a_proof_of_leave_is_kept_through_activities_in_depth_and_back(engine: AsyncEngine) -> None:
    await _migrate(engine, command.downgrade, "0003")
    async with engine.begin() as connection:
        await connection.run_sync(_two_leave_requests)

    await _migrate(engine, command.upgrade, "head")

    async with engine.connect() as connection:
        proofs = await connection.execute(text("SELECT request_id, chat_id, message_id FROM leave_proofs"))
        assert [tuple(row) for row in proofs] == [(1, 11, 5)]

    await _migrate(engine, command.downgrade, "0003")

    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT proof_chat_id, proof_message_id FROM leave_requests ORDER BY id"))
        assert [tuple(row) for row in rows] == [(11, 5), (None, None)]


async def test_who_is_in_a_circles_group_is_known_there_and_who_is_not_is_reminded(engine: AsyncEngine) -> None:
    await _migrate(engine, command.downgrade, "0004")
    async with engine.begin() as connection:
        await connection.run_sync(_a_circle_with_a_group)

    await _migrate(engine, command.upgrade, "head")

    async with engine.connect() as connection:
        seen = await connection.execute(text("SELECT chat_id, telegram_id FROM chat_presences"))
        assert [tuple(row) for row in seen] == [(-500, 11)]
        reminded = await connection.execute(text("SELECT person_id, remind_at IS NOT NULL FROM circle_members ORDER BY person_id"))
        assert [(person, bool(at)) for person, at in reminded] == [(1, False), (1, False), (2, True)]


async def test_everybody_on_the_roster_is_found_by_their_initials_after_people_and_circles(engine: AsyncEngine) -> None:
    await _migrate(engine, command.downgrade, "0004")
    async with engine.begin() as connection:
        await connection.run_sync(_two_people)

    await _migrate(engine, command.upgrade, "head")

    async with engine.connect() as connection:
        assert (await connection.scalars(text("SELECT initials FROM people ORDER BY id"))).all() == ["wjg", "zql cql"]


async def _migrate(engine: AsyncEngine, way: Callable[[Config, str], None], revision: str) -> None:
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: way(alembic_config(sync), revision))


def _one_issue_of_the_foundation(connection: Connection) -> None:
    tables = MetaData()
    tables.reflect(connection)
    add = partial(_add, connection, tables)
    add("people", id=1, active=True, telegram_id=11)
    add("people", id=2, active=True, telegram_id=12)
    add("specialties", id=1)
    add("issues", id=1, number="2026-0001", state="closed", closed_as="answered", deputy_id=1, specialty_id=1)
    add("issue_pieces", id=1, issue_id=1, kind="text", message_id=1, chat_id=11)
    add("issue_remarks", id=1, issue_id=1, author_id=2, kind="text", message_id=1)
    add("issue_remarks", id=2, issue_id=1, author_id=1, kind="text", message_id=2)
    add("referrals", id=1, issue_id=1, person_id=2, state="accepted")


def _two_leave_requests(connection: Connection) -> None:
    tables = MetaData()
    tables.reflect(connection)
    add = partial(_add, connection, tables)
    add("people", id=1, active=True, telegram_id=11)
    add("activities", id=1, created_by_id=1)
    add("invitations", id=1, activity_id=1, person_id=1)
    add("leave_requests", id=1, invitation_id=1, proof_chat_id=11, proof_message_id=5)
    add("leave_requests", id=2, invitation_id=1)


def _a_circle_with_a_group(connection: Connection) -> None:
    tables = MetaData()
    tables.reflect(connection)
    add = partial(_add, connection, tables)
    add("people", id=1, active=True, telegram_id=11)
    add("people", id=2, active=True, telegram_id=12)
    add("chats", id=-500, is_member=True)
    add("circles", id=1, name="妇女", chat_id=-500, invite_link="https://t.me/+one")
    add("circles", id=2, name="企业", chat_id=-500, invite_link="https://t.me/+one")
    add("circle_members", circle_id=1, person_id=1, joined_at=NOON)
    add("circle_members", circle_id=2, person_id=1, joined_at=NOON)
    add("circle_members", circle_id=1, person_id=2)


def _two_people(connection: Connection) -> None:
    tables = MetaData()
    tables.reflect(connection)
    add = partial(_add, connection, tables)
    for id, name in ((1, "王建国"), (2, "曾庆林")):
        add("people", id=id, name=name, phone=str(id), telegram_id=id, active=True)


def _add(connection: Connection, tables: MetaData, into: str, /, **values: object) -> None:
    """A row; columns that must hold something and are not named hold anything of their kind."""
    table: Table = tables.tables[into]
    anything = {datetime: NOON, bool: False, int: 1, str: "x", dict: [], object: []}
    needed = {column.name: anything[column.type.python_type] for column in table.c if not column.nullable and column.name not in values}
    connection.execute(table.insert().values(**needed, **values))
