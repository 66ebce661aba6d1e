"""Importing the roster from the command line, with the same preview and the same rules as in the chat."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import system_now
from bot.config import Config
from bot.database import open_engine, require_current, sessions_of
from handlers.post import Post
from handlers.registry import Registry
from handlers.roster import take_over
from handlers.roster_preview import preview_lines
from handlers.spreadsheet import read_roster
from handlers.texts import Texts, t
from models.defaults import seed_defaults
from models.roster import plan_import
from models.rules import RuleBroken


class RosterRefused(Exception):
    """The file cannot be imported; the message says why, in the Home's first language."""


async def import_roster(content: bytes, config: Config, confirm: Callable[[Sequence[str]], bool]) -> bool:
    """Show what an import of this xlsx file would do, and do it when ``confirm`` says so; True when it was done.

    Raises RosterRefused for a file that cannot be read, and when the roster changed between the preview and the yes.
    """
    language = config.home.languages[0]
    texts = Texts(config.home.languages, config.home.timezone)
    engine = open_engine(config.database)
    sessions = sessions_of(engine)
    try:
        await require_current(engine)
        sheet = read_roster(content)
        async with sessions.begin() as session:
            await seed_defaults(session)
            lines = preview_lines(await plan_import(session, sheet.rows), texts, language, sheet)
        if not confirm(lines):
            return False
        async with sessions.begin() as session:
            plan = await plan_import(session, sheet.rows)
            if preview_lines(plan, texts, language, sheet) != lines:
                raise RosterRefused(texts.say(t("roster.changed_meanwhile"), language))
            await take_over(_post(session, texts, config), Registry().menu, plan, None)
        return True
    except RuleBroken as refusal:
        raise RosterRefused(texts.say(t(refusal.key, **refusal.values), language)) from refusal
    finally:
        await engine.dispose()


def _post(session: AsyncSession, texts: Texts, config: Config) -> Post:
    return Post(session, system_now(), texts, config.home, bot_username="")  # an import sends no link that names the bot
