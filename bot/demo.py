"""The demo: a sandbox with a made-up district, and the Home running in it, unchanged, on an embedded database that is not kept."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import aiohttp
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.config import Backup, Config, Limits, Monitor, Telegram, Web
from bot.database import migrate
from bot.demo_district import BOUND_CIRCLES, CONSTITUENTS, DEPUTY, DISTRICT, OFFICE, RESIDENTS, SPECIALIST, Constituent, Resident
from bot.demo_people import Crowd
from bot.home import Home
from bot.sandbox import Sandbox, serve
from models.circles import Circle, CircleMember
from models.defaults import seed_defaults
from models.people import Area, DeputyGroup, Person, Specialty, named

TOKEN = "1000001:demo"
# The sandbox keeps no limits unless told to, so the demo answers as fast as it can.
SWIFT = Limits(messages=1000, chat_pause=timedelta(milliseconds=20), group_messages=1000)


async def run_demo(port: int, announce: Callable[[str], None]) -> None:
    """Run until Ctrl+C or SIGTERM; ``announce`` is given the page's address once all is ready."""
    with tempfile.TemporaryDirectory(prefix="deputies-home-") as folder:
        async with demo(port, f"sqlite+aiosqlite:///{Path(folder) / 'demo.db'}") as (address, home):
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, home.stop)
            announce(address)
            await home.stopping.wait()


@contextlib.asynccontextmanager
async def demo(port: int, database: str) -> AsyncIterator[tuple[str, Home]]:
    """The demo's address and its running Home; another port is taken when ``port`` is not free."""
    sandbox = Sandbox(TOKEN, bot_username="deputies_home_bot", bot_name="代表之家")
    async with contextlib.AsyncExitStack() as stack:
        address = await _serve_somewhere(stack, sandbox, port)
        config = Config(
            database=database,
            tick=timedelta(milliseconds=500),
            telegram=Telegram(token=TOKEN, api=address),
            limits=SWIFT,
            web=Web(enabled=True, port=0),
            backup=Backup(nightly=False),
            monitor=Monitor(enabled=False, stall=timedelta(days=3650)),  # its clock skips ahead
        )
        home = Home(config, now=sandbox.clock.now)
        sandbox.next_due = home.next_due
        await migrate(home.engine)
        async with home.sessions.begin() as session:
            await seed_defaults(session)
            for resident in RESIDENTS:
                await settle_in(session, resident)
        running = asyncio.create_task(home.run(lambda _: None))
        try:
            async with aiohttp.ClientSession(address) as http:
                await _move_in(Crowd(http))
            yield address, home
        finally:
            sandbox.next_due = None  # the page goes on asking until its server stops, and would open the database anew
            home.stop()
            await running
            await home.engine.dispose()


async def settle_in(session: AsyncSession, resident: Resident) -> None:
    """Put somebody on the roster, known to Telegram unless they come in later."""
    person = Person(name=resident.name, phone=resident.phone, employer=resident.employer, role_rows=[], specialties=[])
    person.telegram_id = None if resident.comes_in_later else resident.id
    person.language = "en" if resident.language == "en" else "zh_CN"
    for role in resident.roles:
        person.give(role)
    person.area = await named(session, Area, resident.area) if resident.area else None
    person.group = await named(session, DeputyGroup, resident.group) if resident.group else None
    for name in resident.specialties:
        person.specialties.append(await named(session, Specialty, name))
    session.add(person)
    await session.flush()
    for name in (*resident.specialties, *resident.circles):
        circle = await session.scalar(select(Circle).where(Circle.name == name))
        if circle is not None:
            session.add(CircleMember(circle_id=circle.id, person_id=person.id))


async def _move_in(crowd: Crowd) -> None:
    """Let everybody do, as people do it, what came before the newcomer looks: start the bot, meet in circles, write to a deputy."""
    for resident in RESIDENTS:
        note = " · ".join(filter(None, [_title(resident), resident.area]))
        await crowd.do("/users", id=resident.id, first_name=resident.name, phone=resident.phone, language_code=resident.language, note=note)
        if not resident.comes_in_later:
            await crowd.do(f"/users/{resident.id}/start")
    for circle in BOUND_CIRCLES:
        await _make_circle(crowd, circle)
    forum = await crowd.do("/groups", title=f"{DISTRICT}代表之家", owner=OFFICE, type="supergroup", is_forum=True)
    await crowd.do(f"/groups/{forum['id']}/members", by=OFFICE, bot=True, admin=True)
    for constituent in CONSTITUENTS:
        await crowd.do("/users", id=constituent.id, first_name=constituent.name, note="群众", hides_identity=constituent.id % 2 == 0)
        if constituent.area:
            await _open_mailbox(crowd, constituent)
        for said in constituent.says:
            body = {"text": said} if isinstance(said, str) else said
            await crowd.do(f"/users/{constituent.id}/chats/{constituent.deputy}/messages", **body)
    await crowd.do("/phones", "PUT", phones=[DEPUTY, SPECIALIST, OFFICE])


async def _open_mailbox(crowd: Crowd, constituent: Constituent) -> None:
    await crowd.do(f"/users/{constituent.id}/start")
    await crowd.press(constituent.id, "给人大代表写信", on="有事想反映")
    await crowd.press(constituent.id, constituent.area, on="代表邮箱")


async def _make_circle(crowd: Crowd, circle: str) -> None:
    title = f"{DISTRICT}{circle}工作圈"
    group = await crowd.do("/groups", title=title, owner=OFFICE, type="supergroup")
    await crowd.do(f"/groups/{group['id']}/members", by=OFFICE, bot=True, admin=True)
    await crowd.press(OFFICE, circle, on=f"已进入群“{title}”")
    await crowd.press(OFFICE, "确认", on=f"将群“{title}”绑定为")
    for resident in RESIDENTS:
        if circle in resident.specialties and not resident.comes_in_later:
            await crowd.follow(resident.id, "申请加入", on=title)


def _title(resident: Resident) -> str:
    names = {"deputy": "代表", "group_leader": "组长", "office": "代表联络室", "leader": "主要领导", "area_staff": "乡镇人大"}
    return "、".join(names[role] for role in resident.roles) + (f"（{'、'.join(resident.specialties)}）" if resident.specialties else "")


async def _serve_somewhere(stack: contextlib.AsyncExitStack, sandbox: Sandbox, port: int) -> str:
    try:
        return await stack.enter_async_context(serve(sandbox.app, port=port))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        return await stack.enter_async_context(serve(sandbox.app, port=0))
