"""Checking a Home: database, queues, backups, check-in page, token, way of updates, rights. One finding each, and what to do about it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from telegram import Bot, ChatMemberAdministrator, ChatMemberOwner
from telegram.error import InvalidToken, TelegramError

from bot.check_operation import backup_findings, operation_findings
from bot.check_web import web_findings
from bot.config import Config, Transport
from bot.database import DATABASE_AWAY, DatabaseOutdated, open_engine, require_current, sessions_of
from bot.finding import Finding
from bot.transport import AiohttpRequest
from models.circles import Chat


async def findings(config: Config) -> list[Finding]:
    """All findings, in order; what depends on something that failed is left out."""
    engine = open_engine(config.database)
    try:
        return [finding async for finding in _look(config, engine)]
    finally:
        await engine.dispose()


async def _look(config: Config, engine: AsyncEngine) -> AsyncIterator[Finding]:
    try:
        await require_current(engine)
        database = Finding("database", True, "reached, and of this version")
    except DatabaseOutdated as error:
        database = Finding("database", False, str(error))
    except (*DATABASE_AWAY, SQLAlchemyError) as error:
        advice = "look at 'database' in the config, and whether it runs"
        database = Finding("database", False, f"not reached ({type(error).__name__}); {advice}")
    yield database
    if database.good:
        async for finding in operation_findings(config, engine):
            yield finding
    for finding in [*backup_findings(config, engine), *await web_findings(config)]:
        yield finding
    bot = Bot(
        config.telegram.token.get_secret_value() or "0:none",
        base_url=f"{config.telegram.api}/bot",
        request=AiohttpRequest(),
        get_updates_request=AiohttpRequest(),
    )
    try:
        async with bot:
            yield Finding("token", True, f"@{bot.username}")
            yield await _updates(bot, config)
            yield await _privacy(bot)
            if database.good:
                async for finding in _groups(bot, engine):
                    yield finding
    except InvalidToken:
        yield Finding("token", False, "Telegram does not know it; ask @BotFather for the token and put it into the config")
    except TelegramError as error:
        yield Finding("telegram", False, f"not reached ({error.message}); look at 'telegram.api' and at the network")


async def _updates(bot: Bot, config: Config) -> Finding:
    info = await bot.get_webhook_info()
    if config.telegram.transport is Transport.WEBHOOK and not config.telegram.webhook_url.startswith("https://"):
        return Finding("updates", False, "Telegram delivers to https only; set telegram.webhook_url to your proxy's public address")
    if config.telegram.transport is Transport.POLLING and info.url:
        return Finding("updates", True, "Telegram delivers to a webhook now; the Home takes it away when it starts polling", hint=True)
    if info.last_error_message:
        return Finding("updates", False, f"Telegram could not deliver: {info.last_error_message}; look at webhook_url and the proxy")
    return Finding("updates", True, f"by {config.telegram.transport}, {info.pending_update_count} waiting")


async def _privacy(bot: Bot) -> Finding:
    me = await bot.get_me()
    if not me.can_join_groups:
        return Finding("groups", False, "the bot may not join groups; tell @BotFather: /setjoingroups, Enable")
    return Finding("groups", True, "the bot may be added to groups")


async def _groups(bot: Bot, engine: AsyncEngine) -> AsyncIterator[Finding]:
    async with sessions_of(engine)() as session:
        chats = (await session.scalars(select(Chat).order_by(Chat.id))).all()
    for chat in chats:
        what = f"group «{chat.title}»"
        try:
            member = await bot.get_chat_member(chat.id, bot.id)
        except TelegramError as error:
            yield Finding(what, False, f"{error.message}; add the bot again")
            continue
        if isinstance(member, ChatMemberOwner):
            yield Finding(what, True, "all rights")
            continue
        rights = member if isinstance(member, ChatMemberAdministrator) else None
        missing = [] if rights and rights.can_invite_users else ["invite users"]
        missing += [] if not chat.is_forum or (rights and rights.can_manage_topics) else ["manage topics"]
        if missing:
            yield Finding(what, False, f"missing rights: {', '.join(missing)}; make the bot an administrator with them")
        else:
            yield Finding(what, True, "all rights that are needed")
