"""The controls: python-telegram-bot as one would use it alone. Nothing is kept: what is in hand when the process ends is lost."""

from __future__ import annotations

import asyncio

from telegram import Bot, Update
from telegram.ext import AIORateLimiter, Application, CallbackQueryHandler, CommandHandler, ContextTypes, MessageHandler, filters

from tests.benchmarks.speed.backlog import BUTTON, COMMAND, notice

TOKEN = "1000001:bench"
SECRET = "a-secret"
CONNECTIONS, AT_ONCE = 64, 32
RETRIES = 20


async def _echo(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    if update.message is not None:
        await update.message.reply_text(update.message.text or "")


async def _say_number(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    if update.callback_query is not None:
        await update.callback_query.answer(update.callback_query.id)


async def _nothing(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    return


def echo(address: str) -> None:
    """python-telegram-bot's own example, as anybody begins: one update after another, nothing kept."""
    application = Application.builder().token(TOKEN).base_url(f"{address}/bot").build()
    _run(application)


def tuned(address: str) -> None:
    """The same, many updates at once."""
    builder = Application.builder().token(TOKEN).base_url(f"{address}/bot")
    _run(builder.concurrent_updates(AT_ONCE).connection_pool_size(CONNECTIONS).pool_timeout(30).build())


def limited(address: str, messages: str) -> None:
    """The same with the library's limiter, while a notice to so many goes out."""

    async def begin(application: Application) -> None:  # type: ignore[type-arg]  # whatever it is built of
        application.bot_data["notice"] = asyncio.create_task(_send_all(application.bot, int(messages)))

    builder = Application.builder().token(TOKEN).base_url(f"{address}/bot").rate_limiter(AIORateLimiter(max_retries=RETRIES))
    builder = builder.concurrent_updates(AT_ONCE).connection_pool_size(CONNECTIONS).pool_timeout(30)
    _run(builder.post_init(begin).build())


async def _send_all(bot: Bot, messages: int) -> None:
    sending = (bot.send_message(chat_id, text) for chat_id, text in notice(messages))
    await asyncio.gather(*sending, return_exceptions=True)


def hooked(address: str, port: str) -> None:
    """The library's own webhook, with a handler that does nothing."""
    application = Application.builder().token(TOKEN).base_url(f"{address}/bot").build()
    application.add_handler(MessageHandler(filters.ALL, _nothing))
    application.run_webhook("127.0.0.1", int(port), "telegram", webhook_url=f"http://127.0.0.1:{port}/telegram", secret_token=SECRET)


def _run(application: Application) -> None:  # type: ignore[type-arg]  # whatever it is built of
    application.add_handler(CommandHandler(COMMAND[1:], _echo))
    application.add_handler(CallbackQueryHandler(_say_number, pattern=f"^{BUTTON}"))
    application.run_polling(poll_interval=0.0)
