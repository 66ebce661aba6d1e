"""The doors to the network and to the roster: the webhook's secret, where anything listens, links that are used again."""

from __future__ import annotations

import ast
import hmac
import ipaddress
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import webhook
from bot.clock import system_now
from bot.config import Config, Telegram, Transport, Web
from bot.home import Home
from bot.intake import Intake
from bot.sandbox import serve
from bot.webhook import PATH, webhook_app
from models.audit import AuditEntry
from models.inbox import InboxUpdate
from models.links import LinkUnusable, issue_link, redeem_link
from models.people import Person, Role
from tests.permissions.walking import message
from tests.village import Village, village_config

ROOT = Path(__file__).parents[2]
HEADER = "X-Telegram-Bot-Api-Secret-Token"
SECRET = "right-secret"
WRONG = ("", "right", "right-secre", "right-secreT", "right-secret ,x", "right-secret\u00e9", "x" * 8000)


async def test_the_webhook_refuses_every_wrong_secret_by_comparing_in_constant_time_and_before_it_reads_anything(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(village_config(database_url, "http://127.0.0.1:1"))
    compared: list[tuple[bytes, bytes]] = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return hmac.compare_digest(one, other)

    monkeypatch.setattr(webhook, "compare_digest", compare)
    app = webhook_app(Intake(home.sessions, now=system_now, bell=home.inbox_bell), SECRET)
    async with serve(app) as address, aiohttp.ClientSession(address) as http:
        for wrong in WRONG:
            async with http.post(PATH, data=b"x" * 900_000, headers={HEADER: wrong}) as response:
                assert (response.status, await response.text()) == (403, "wrong secret")
        async with http.post(PATH, data="{}") as response:
            assert response.status == 403
        async with http.post(PATH, data='{"update_id": 1}', headers={HEADER: SECRET}) as response:
            assert response.status == 200
    async with home.sessions.begin() as session:
        assert (await session.scalars(select(InboxUpdate.update_id))).all() == [1]
    await home.engine.dispose()
    assert len(compared) == len(WRONG) + 2
    assert {len(one) for pair in compared for one in pair} == {len(compared[0][0])}, "what is compared has one length, whatever was given"


@pytest.mark.parametrize(
    "body", ["[" * 200_000, '{"update_id": 1' + "0" * 5000 + "}", '{"update_id": NaN}', "\x00", '{"update_id": null}', ""]
)
async def test_what_is_no_update_is_refused_whoever_sends_it(database_url: str, body: str) -> None:
    home = Home(village_config(database_url, "http://127.0.0.1:1"))
    app = webhook_app(Intake(home.sessions, now=system_now, bell=home.inbox_bell), SECRET)
    async with (
        serve(app) as address,
        aiohttp.ClientSession(address) as http,
        http.post(PATH, data=body, headers={HEADER: SECRET}) as response,
    ):
        assert response.status == 400
    await home.engine.dispose()


def test_nothing_listens_beyond_loopback_unless_told_to() -> None:
    config = Config(telegram=Telegram(transport=Transport.WEBHOOK, webhook_secret="s"), web=Web(enabled=True))  # type: ignore[arg-type]

    assert ipaddress.ip_address(config.telegram.webhook_listen).is_loopback
    assert ipaddress.ip_address(config.web.listen).is_loopback
    assert not Web().enabled


def test_only_two_places_open_a_port_and_neither_names_an_address_but_loopback() -> None:
    opening = {"bind", "create_server", "start_server", "TCPSite", "listen", "run_server"}
    found = set()
    for path in [*ROOT.glob("bot/**/*.py"), *ROOT.glob("handlers/**/*.py"), *ROOT.glob("models/**/*.py")]:
        source = path.read_text(encoding="utf-8")
        assert "0.0.0.0" not in source, path
        for node in ast.walk(ast.parse(source)):
            name = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
            if name in opening and "event" not in source.splitlines()[node.lineno - 1]:
                found.add(str(path.relative_to(ROOT)))
    assert found == {"bot/web.py", "bot/sandbox/server.py"}
    assert "127.0.0.1" in (ROOT / "bot/sandbox/server.py").read_text(encoding="utf-8")


async def a_person(session: AsyncSession, name: str) -> Person:
    person = Person(name=name, phone=f"1380000{len(name):04}", role_rows=[], specialties=[])
    person.give(Role.DEPUTY)
    session.add(person)
    await session.flush()
    return person


async def redeem(session: AsyncSession, secret: str, account: int, now: datetime) -> Person:
    return await redeem_link(session, secret, account, name="某人", language="zh_CN", now=now)


async def test_a_personal_link_works_once_whoever_opens_it_again(session: AsyncSession, now: datetime) -> None:
    secret = await issue_link(session, await a_person(session, "王某"), lifetime=timedelta(days=1), now=now)
    assert (await redeem(session, secret, 7, now)).telegram_id == 7

    for account in (7, 8):
        with pytest.raises(LinkUnusable):
            await redeem(session, secret, account, now)


async def test_a_link_that_was_changed_lapsed_or_replaced_opens_nothing(session: AsyncSession, now: datetime) -> None:
    person = await a_person(session, "王某")
    replaced = await issue_link(session, person, lifetime=timedelta(days=1), now=now)
    secret = await issue_link(session, person, lifetime=timedelta(days=1), now=now)

    for wrong in (replaced, secret.swapcase(), secret[:-1], secret + "=", f" {secret}", "", "%", "' OR 1=1 --", "王" * 20):
        with pytest.raises(LinkUnusable):
            await redeem(session, wrong, 8, now)
    with pytest.raises(LinkUnusable):
        await redeem(session, secret, 8, now + timedelta(days=1))


async def test_a_link_opened_in_a_group_or_written_by_somebody_else_lets_nobody_in(home: Village) -> None:
    async with home.session() as session:
        person = await a_person(session, "王某")
        secret = await issue_link(session, person, lifetime=timedelta(days=1), now=home.clock.now())
    stranger = await home.stranger("路人")
    said = message(stranger.id, f"/start p_{secret}")["message"]
    group = {"id": -1001, "type": "supergroup", "title": "工作圈"}
    odd = [
        {"message": {**said, "chat": group}},
        {"edited_message": {**said, "edit_date": 1773115300}},
        {"channel_post": {**said, "chat": {**group, "type": "channel"}}},
        {"message": {**said, "from": {**said["from"], "is_bot": True}}},
    ]
    await Intake(home.home.sessions, now=home.clock.now, bell=home.home.inbox_bell).store(
        [{"update_id": 10**7 + place, **update} for place, update in enumerate(odd)]
    )
    await home.settle()

    async with home.session() as session:
        assert (await session.get_one(Person, person.id)).telegram_id is None
        details = (await session.scalars(select(AuditEntry.details))).all()
    assert not [entry for entry in details if secret in str(entry)]
