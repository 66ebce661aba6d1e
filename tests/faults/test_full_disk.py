"""A full disk: the office is told at once, nothing is taken in, nothing counts as a failure, and all goes on once there is room."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import full_disk, intake, worker
from bot.database import DatabaseFull, migrate, open_engine
from models.inbox import InboxState, InboxUpdate
from models.issue_pieces import IssuePiece
from models.people import Role
from tests.conftest import DATABASES
from tests.crashes.outside import outside_village
from tests.faults.crowd import all_said, crowd, lost_or_doubled, tell
from tests.faults.test_stopping import up
from tests.village import Phone, Village

pytestmark = [
    pytest.mark.skipif("sqlite" not in DATABASES, reason="SQLite is left out"),
    pytest.mark.parametrize("new_database", ["sqlite"], indirect=True),
]

LONG = "翠竹小区门口的下水道堵了快一个月，一下雨就积水。" * 150


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(full_disk, "EVERY", 0.1)
    monkeypatch.setattr(worker, "DATABASE_PAUSE", 0.02)
    monkeypatch.setattr(intake, "DATABASE_PAUSE", 0.02)


async def grows_no_more(engine: AsyncEngine) -> None:
    """SQLite then says of this database that the disk is full."""
    async with engine.connect() as connection:
        pages = await connection.scalar(text("PRAGMA page_count"))
        await connection.execute(text(f"PRAGMA max_page_count = {pages}"))


async def may_grow(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("PRAGMA max_page_count = 1073741823"))


async def until(done: Callable[[], Awaitable[Any]]) -> None:
    async with asyncio.timeout(60):
        while not await done():  # noqa: ASYNC110 - what a phone shows rings no bell
            await asyncio.sleep(0.01)


async def heard(phone: Phone, words: str) -> bool:
    return any(words in message.get("text", "") for message in await phone.messages())


async def test_the_office_is_told_nothing_is_taken_in_and_it_goes_on_once_there_is_room(home: Village, quickly: None) -> None:
    office, deputy = await home.person("刘敏", Role.OFFICE), await home.person("王建国")
    await grows_no_more(home.home.engine)
    for number in range(12):
        await deputy.says(f"{number}{LONG}")

    await until(lambda: heard(office, "磁盘已满"))
    await asyncio.sleep(0.3)  # several attempts more
    assert home.sandbox.updates.pending
    assert home.home.full_disk.since is not None
    await may_grow(home.home.engine)
    await until(lambda: heard(office, "磁盘已有空间"))
    await all_said(home)

    assert sum("磁盘已满" in message.get("text", "") for message in await office.messages()) == 1
    async with home.session() as session:
        assert await session.scalar(select(func.count()).select_from(IssuePiece)) == 12
        assert set(await session.scalars(select(InboxUpdate.state))) == {InboxState.DONE}
        assert not await session.scalar(select(func.max(InboxUpdate.attempts)))


async def test_an_update_that_finds_no_room_is_not_counted_as_failed(home: Village, quickly: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing the failure down needs less room than the update itself, so it would be set aside while the disk is full."""
    deputy = await home.person("王建国")
    room = asyncio.Event()
    works = home.home.registry.menu.show

    async def needs_room(*words: Any) -> None:
        if not room.is_set():
            raise DatabaseFull("database or disk is full")
        await works(*words)

    monkeypatch.setattr(home.home.registry.menu, "show", needs_room)
    await deputy.says("/start")
    await asyncio.sleep(0.3)
    async with home.session() as session:
        waiting = (await session.scalars(select(InboxUpdate).where(InboxUpdate.state == InboxState.NEW))).one()
        assert waiting.attempts == 0
    room.set()

    await deputy.sees("请选择")


@pytest.fixture
async def small_disk(tmp_path: Path) -> AsyncIterator[Path]:
    """A disk of 64 megabytes; only root can make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = await asyncio.to_thread(
        subprocess.run, ["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("a small disk can be made by root only")
    try:
        yield folder
    finally:
        await asyncio.to_thread(subprocess.run, ["umount", "--lazy", str(folder)], check=True)


def filled(folder: Path) -> Iterator[None]:
    """Take all the room there is, until asked again."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512):
            while True:
                try:
                    file.write(b"\0" * size)
                except OSError:
                    break
    yield
    filler.unlink()


@pytest.mark.long
async def test_a_disk_that_is_really_full_loses_nothing(new_database: Callable[[], str], small_disk: Path, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{small_disk}/home.db"
    engine = open_engine(url)
    await migrate(engine)
    await engine.dispose()
    async with outside_village(url, tmp_path) as home:
        [office] = await crowd(home, 1, Role.OFFICE)
        phones = await crowd(home, 20)
        await up(home)
        told = await tell(phones, 2)
        await all_said(home)
        full = filled(small_disk)
        next(full)
        for _ in range(50):  # a file that has grown before has room within
            more = await tell(phones, 2)
            for who, texts in more.texts.items():
                told.texts[who] += texts
            told.asked += more.asked
            await asyncio.sleep(0.5)
            if await heard(office, "磁盘已满"):
                break
        await asyncio.sleep(15)
        assert home.sandbox.updates.pending
        next(full, None)
        await until(lambda: heard(office, "磁盘已有空间"))
        home.patience = 300.0

        assert await lost_or_doubled(home, told) == []
