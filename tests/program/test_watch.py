"""What stands still is noticed and told once; the night's backup is made once; machines can ask how the Home is."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.config import Backup
from bot.counts import Counts
from bot.database import open_engine, sessions_of
from bot.metrics import monitor_app
from bot.nightly import Nightly, due_before, forget_old
from bot.watch import Watch
from bot.web import serving
from models.health import Alarm, AlarmKind, NightlyBackup
from models.inbox import InboxState, InboxUpdate
from models.outbox import OutboxMessage, OutboxState
from models.people import Role
from models.policy import Policy
from tests.conftest import NOON
from tests.village import Village

TIMEZONE = Policy().timezone
STALL = timedelta(minutes=5)


class Clock:
    """A time that a test moves on; both the wall's and the monotonic one."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def timer(self) -> float:
        return self.at.timestamp()

    def passes(self, length: timedelta) -> None:
        self.at += length


def watch_of(home: Village, clock: Clock, counts: Counts, backup: Backup | None = None) -> Watch:
    running = home.home
    nightly = Nightly(running.engine, running.sessions, backup or Backup(nightly=False), TIMEZONE, now=clock.now, counts=counts)
    return Watch(
        running.sessions,
        nightly,
        counts,
        stall=STALL,
        tick=timedelta(seconds=1),
        post_for=running.post_for,
        outbox_bell=running.outbox_bell,
        now=clock.now,
    )


async def alarms(home: Village) -> set[AlarmKind]:
    async with home.session() as session:
        return set(await session.scalars(select(Alarm.kind)))


async def test_a_silent_telegram_is_told_to_the_office_once_and_when_it_is_over(home: Village) -> None:
    office = await home.person("刘敏", Role.OFFICE)
    clock = Clock()
    counts = Counts(clock.timer)
    watch = watch_of(home, clock, counts)
    counts.heard()

    for _ in range(4):
        clock.passes(timedelta(minutes=3))
        await watch.look()

    await office.sees("起收不到 Telegram 的消息")
    assert len([m for m in await office.messages() if "起收不到" in m.get("text", "")]) == 1
    assert await alarms(home) == {AlarmKind.INTAKE}

    counts.heard()
    await watch.look()

    await office.sees("已恢复接收消息")
    assert await alarms(home) == set()


async def test_after_a_sleep_all_is_late_for_a_moment_and_nobody_is_told(home: Village) -> None:
    clock = Clock()
    counts = Counts(clock.timer)
    watch = watch_of(home, clock, counts)
    counts.heard()
    counts.done_at["some.work"] = clock.timer()

    clock.passes(timedelta(hours=2))
    await watch.look()
    assert await alarms(home) == set()
    counts.heard()
    counts.done_at["some.work"] = clock.timer()
    await watch.look()
    clock.passes(timedelta(seconds=30))
    await watch.look()

    assert await alarms(home) == set()


async def test_a_piece_of_due_work_that_fails_again_and_again_is_told_though_all_others_are_done(home: Village) -> None:
    office = await home.person("刘敏", Role.OFFICE)
    clock = Clock()
    counts = Counts(clock.timer)
    watch = watch_of(home, clock, counts)
    counts.done_at |= {"good.work": clock.timer(), "bad.work": clock.timer()}

    for _ in range(4):
        clock.passes(timedelta(minutes=2))
        counts.done_at["good.work"] = clock.timer()
        await watch.look()

    await office.sees("到时的工作未能完成")
    assert counts.late_by(timedelta(seconds=1)) == {"good.work": timedelta(0), "bad.work": timedelta(seconds=8 * 60 - 1)}


async def test_when_the_chat_stands_still_the_log_hears_of_it_and_the_office_afterwards(
    home: Village, capsys: pytest.CaptureFixture[str]
) -> None:
    office = await home.person("刘敏", Role.OFFICE)
    async with home.session() as session:
        for sent in await session.scalars(select(OutboxMessage)):
            sent.settled_at = NOON - timedelta(hours=1)
        stuck = OutboxMessage(
            chat_id=office.id,
            method="sendMessage",
            params={"text": "卡住的"},
            state=OutboxState.SENDING,
            created_at=NOON - STALL,
            due_at=NOON - STALL,
        )
        session.add(stuck)
    clock = Clock(NOON + timedelta(minutes=1))
    watch = watch_of(home, clock, Counts(clock.timer))

    await watch.look()
    await watch.look()

    assert await alarms(home) == {AlarmKind.OUTBOX}
    assert "standing still" in "".join(capsys.readouterr())
    async with home.session() as session:
        said = await session.scalars(select(OutboxMessage.params))
        assert [params for params in said if "发不出" in json.dumps(params, ensure_ascii=False)] == []
        (await session.get_one(OutboxMessage, stuck.id)).state = OutboxState.SENT
    await watch.look()

    await office.sees("消息已恢复发送")


async def test_what_people_said_and_nobody_works_on_is_told(home: Village) -> None:
    office = await home.person("刘敏", Role.OFFICE)
    async with home.session() as session:  # put off, so that the running Home leaves it alone
        at, later = NOON - STALL, NOON + timedelta(days=1)
        session.add(InboxUpdate(update_id=1, position=at, payload="{}", state=InboxState.NEW, attempts=1, retry_at=later))
    clock = Clock()
    watch = watch_of(home, clock, Counts(clock.timer))

    await watch.look()
    await watch.look()

    assert await alarms(home) == {AlarmKind.INBOX}
    async with home.session() as session:
        said = await session.scalars(select(OutboxMessage.params).where(OutboxMessage.chat_id == office.id))
        assert any("未得到处理" in params.get("text", "") for params in said)
        await session.delete(await session.get_one(InboxUpdate, 1))


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith(("nightly-", "home-")))


def nightly_of(engine: AsyncEngine, folder: Path, clock: Clock, counts: Counts | None = None, **more: Any) -> Nightly:
    config = Backup(folder=folder, **more)
    return Nightly(engine, sessions_of(engine), config, TIMEZONE, now=clock.now, counts=counts or Counts(clock.timer))


async def test_every_night_has_one_backup_whoever_looks_and_how_often(engine: AsyncEngine, tmp_path: Path) -> None:
    clock = Clock(NOON.replace(hour=19, minute=0))  # 3:00 in the night of the 11th
    first, second = nightly_of(engine, tmp_path, clock), nightly_of(engine, tmp_path, clock)

    for _ in range(6):
        await first.look()
        await second.look()
        clock.passes(timedelta(hours=12))

    assert names_in(tmp_path) == [f"nightly-202603{day}.db" for day in (10, 11, 12, 13)]
    async with sessions_of(engine)() as session:
        assert len((await session.scalars(select(NightlyBackup))).all()) == 4


async def test_a_backup_that_was_finished_by_a_process_that_died_is_taken(engine: AsyncEngine, tmp_path: Path) -> None:
    clock = Clock()
    nightly = nightly_of(engine, tmp_path, clock)
    await nightly.look()
    written = (tmp_path / "nightly-20260310.db").stat().st_mtime_ns
    async with sessions_of(engine).begin() as session:
        await session.delete(await session.get_one(NightlyBackup, date(2026, 3, 10)))

    await nightly.look()

    assert await nightly.missing_since() is None
    assert (tmp_path / "nightly-20260310.db").stat().st_mtime_ns == written


async def test_backups_older_than_they_are_kept_go_and_others_files_stay(engine: AsyncEngine, tmp_path: Path) -> None:
    for name in ("nightly-20260224.db", "nightly-20260303.db", "home-20200101-000000.db", "nightly-old.db"):
        (tmp_path / name).write_bytes(b"")

    await nightly_of(engine, tmp_path, Clock(), keep=timedelta(days=7)).look()

    assert names_in(tmp_path) == ["home-20200101-000000.db", "nightly-20260303.db", "nightly-20260310.db", "nightly-old.db"]


async def test_a_backup_that_fails_is_tried_again_later_and_missed(engine: AsyncEngine, tmp_path: Path) -> None:
    (folder := tmp_path / "backups").write_text("no folder")
    clock = Clock()
    counts = Counts(clock.timer)
    nightly = nightly_of(engine, folder, clock, counts)

    await nightly.look()
    await nightly.look()
    assert counts.errors["backup"] == 1
    assert await nightly.missing_since() == NOON.astimezone(TIMEZONE).replace(hour=3, minute=30)

    folder.unlink()
    clock.passes(timedelta(minutes=11))
    await nightly.look()
    assert await nightly.missing_since() is None


def test_a_home_that_was_off_makes_up_the_last_night_only() -> None:
    before_three = NOON.replace(hour=19, minute=0)

    assert due_before(NOON, Backup(), TIMEZONE).date() == date(2026, 3, 10)
    assert due_before(before_three, Backup(), TIMEZONE).date() == date(2026, 3, 10)
    assert due_before(before_three, Backup(at=time(2, 0)), TIMEZONE).date() == date(2026, 3, 11)


def test_nothing_but_nightly_backups_is_ever_deleted(tmp_path: Path) -> None:
    for name in ("nightly-20260101.db", "nightly-20260101.db.mine", "my-nightly-20260101.db"):
        (tmp_path / name).write_bytes(b"")

    forget_old(tmp_path, date(2026, 3, 10))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["my-nightly-20260101.db", "nightly-20260101.db.mine"]


async def asked(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(url) as response:
        return response.status, await response.text()


async def test_a_supervisor_is_told_what_stands_still(new_database: Callable[[], str]) -> None:
    engine = open_engine(new_database())
    still: dict[AlarmKind, datetime | None] = {AlarmKind.INBOX: None}

    async def standing() -> dict[AlarmKind, datetime | None]:
        return still

    app = monitor_app(sessions_of(engine), Counts(), standing, tick=timedelta(seconds=1), now=lambda: NOON)
    async with serving(app, "127.0.0.1", 0) as port:
        assert await asked(f"http://127.0.0.1:{port}/healthz") == (200, '{"ok":true,"standing_still":{}}')
        still[AlarmKind.INBOX] = NOON
        status, text = await asked(f"http://127.0.0.1:{port}/healthz")
    await engine.dispose()

    assert status == 503
    assert json.loads(text) == {"ok": False, "standing_still": {"inbox": NOON.isoformat()}}


async def test_machines_are_told_which_roles_a_process_has(home: Village) -> None:
    async def standing() -> dict[AlarmKind, datetime | None]:
        return {}

    app = monitor_app(home.home.sessions, Counts(), standing, tick=timedelta(seconds=1), now=lambda: NOON, roles=lambda: {"pacer", "clock"})
    async with serving(app, "127.0.0.1", 0) as port:
        health = await asked(f"http://127.0.0.1:{port}/healthz")
        _, metrics = await asked(f"http://127.0.0.1:{port}/metrics")

    assert health == (200, '{"ok":true,"standing_still":{},"roles":["clock","pacer"]}')
    assert 'deputies_home_role{role="pacer"} 1.0' in metrics
    assert "poller" not in metrics


async def test_of_several_processes_each_judges_what_its_roles_show(home: Village) -> None:
    """Whoever has the clock knows nothing of how Telegram's silence looks from the poller's process."""
    clock = Clock()
    counts = Counts(clock.timer)
    watch = watch_of(home, clock, counts)
    watch._judges = {AlarmKind.INBOX}  # as Home gives them
    counts.heard()

    for _ in range(4):
        clock.passes(timedelta(minutes=3))
        await watch.look()

    assert await alarms(home) == set()
    assert AlarmKind.INTAKE in await watch.standing()


async def test_a_supervisor_is_told_of_a_database_that_is_away() -> None:
    async def standing() -> dict[AlarmKind, datetime | None]:
        raise TimeoutError

    engine = open_engine("postgresql+asyncpg://nobody@127.0.0.1:9/none")
    app = monitor_app(sessions_of(engine), Counts(), standing, tick=timedelta(seconds=1), now=lambda: NOON)
    async with serving(app, "127.0.0.1", 0) as port:
        assert (await asked(f"http://127.0.0.1:{port}/healthz"))[0] == 503
        status, text = await asked(f"http://127.0.0.1:{port}/metrics")
    await engine.dispose()

    assert status == 200
    assert "deputies_home_database_up 0.0" in text


async def test_prometheus_reads_queues_calls_and_lateness(home: Village) -> None:
    await home.request("POST", "/sandbox/faults", json={"method": "sendMessage", "count": 1, "kind": "429", "retry_after": 1})
    office = await home.person("刘敏", Role.OFFICE, at_once=True)
    await home.passes(timedelta(seconds=2))
    await office.sees("刘敏")
    async with home.session() as session:
        session.add(InboxUpdate(update_id=1, position=NOON, payload="{}", state=InboxState.SET_ASIDE, attempts=3, done_at=NOON))
    running = home.home
    app = monitor_app(running.sessions, running.counts, running.watch.standing, tick=running.config.tick, now=home.clock.now)

    async with serving(app, "127.0.0.1", 0) as port:
        _, text = await asked(f"http://127.0.0.1:{port}/metrics")

    told = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(told["deputies_home_limited_total"]) == 1
    assert float(told['deputies_home_calls_total{outcome="sent"}']) > 0
    assert float(told['deputies_home_updates_total{outcome="done"}']) >= 1
    assert float(told['deputies_home_waiting{queue="set_aside"}']) == 1
    assert float(told['deputies_home_waiting_seconds{queue="inbox"}']) == 0
    assert float(told["deputies_home_sent_last_minute"]) > 0
    assert any(name.startswith('deputies_home_due_work_late_seconds{work="handlers.') for name in told)
    assert "刘敏" not in text
