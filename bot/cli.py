"""The command line: run, demo, sandbox, migrate, import-roster, import-cases, route, check; and those of ``operating``."""

from __future__ import annotations

import asyncio
import gc
import io
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from alembic.util import CommandError

from bot import operating
from bot.console import DEFAULT_CONFIG, ConfigPath, complaints, config_at, console
from bot.database import DatabaseOutdated, downgrade, migrate, open_engine, write_migration
from bot.logs import set_up_logs
from bot.sole import AlreadyRunning

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="Deputies' Home (代表之家)")
for command in (operating.status, operating.backup, operating.restore, operating.move):
    app.command()(command)


@app.command()
def run(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Run the Home until it is stopped (Ctrl+C or SIGTERM)."""
    from telegram.error import InvalidToken

    gc.disable()  # what is loaded now stays: to look it through again and again for what may go takes a tenth of the start
    from bot.home import Home  # the whole bot: the other commands start faster without it

    gc.freeze()
    gc.enable()
    settings = config_at(config)
    if not settings.telegram.token.get_secret_value():
        complaints.print(f"{config}: telegram.token: there is none; ask @BotFather for one")
        raise typer.Exit(2)

    async def until_stopped() -> None:
        home = Home(settings)
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, home.stop)
        await home.run(lambda text: console.print(text, markup=False))

    try:
        asyncio.run(until_stopped())
    except (DatabaseOutdated, AlreadyRunning) as error:
        complaints.print(str(error), markup=False)
        raise typer.Exit(1) from error
    except InvalidToken:  # its words hold the token
        complaints.print(f"{config}: telegram.token: Telegram does not know it; ask @BotFather for the token", markup=False)
        raise typer.Exit(1) from None


@app.command(name="migrate")
def migrate_command(
    config: ConfigPath = DEFAULT_CONFIG,
    back_to: Annotated[str, typer.Option(help="Go back to an earlier revision instead, such as 0010: what came since is lost.")] = "",
) -> None:
    """Bring the database to this version. What a SQLite database held is kept in a file first."""
    from bot.backup import BackupRefused

    settings = config_at(config)

    async def go() -> Path | None:
        engine = open_engine(settings.database)
        try:
            kept = await operating.kept_before_migrating(engine, settings, back_to)
            await (downgrade(engine, back_to) if back_to else migrate(engine))
        finally:
            await engine.dispose()
        return kept

    try:
        kept = asyncio.run(go())
    except (BackupRefused, CommandError) as error:
        complaints.print(str(error), markup=False)
        raise typer.Exit(1) from error
    if kept is not None:
        console.print(f"What was there is kept in {kept}", markup=False)
    console.print(f"The database is at revision {back_to}." if back_to else "The database is up to date.")


@app.command(name="import-roster")
def import_roster_command(
    file: Annotated[Path, typer.Argument(help="A spreadsheet (xlsx) with Chinese headings.", exists=True, dir_okay=False)],
    config: ConfigPath = DEFAULT_CONFIG,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Import the roster: shows row by row what would change and why, and asks before it is done."""
    from bot.roster import RosterRefused, import_roster

    settings = config_at(config)

    def confirm(lines: Sequence[str]) -> bool:
        for line in lines:
            console.print(line, markup=False)
        return yes or typer.confirm("导入？/ Import?")

    try:
        done = asyncio.run(import_roster(file.read_bytes(), settings, confirm))
    except (RosterRefused, DatabaseOutdated) as error:
        complaints.print(str(error), markup=False)
        raise typer.Exit(1) from error
    console.print("已导入。/ Imported." if done else "未导入。/ Nothing was imported.")


@app.command(name="import-cases")
def import_cases_command(
    file: Annotated[Path, typer.Argument(help="A CSV with the columns text and specialty.", exists=True, dir_okay=False)],
    config: ConfigPath = DEFAULT_CONFIG,
) -> None:
    """Let the Home learn from past cases: to which specialty each went. Personal data in them is masked before it is kept."""
    from bot.cases import import_cases
    from bot.route import FileRefused

    settings = config_at(config)
    try:
        done = asyncio.run(import_cases(file.read_bytes(), str(file), settings))
    except (FileRefused, DatabaseOutdated) as error:
        complaints.print(str(error), markup=False)
        raise typer.Exit(1) from error
    console.print(
        f"已导入 {done.added} 件，{done.known} 件先前已有或重复。/ Imported {done.added}; {done.known} were there before or twice."
    )


@app.command()
def route(
    fields: Annotated[Path, typer.Option(help="The specialties: a TOML file.", exists=True, dir_okay=False)],
    cases: Annotated[
        Path | None, typer.Option(help="Past cases: a CSV with the columns text and specialty.", exists=True, dir_okay=False)
    ] = None,
) -> None:
    """Rank specialties for texts: JSON lines with text (and title) on standard input, one JSON line with the ranking for each."""
    from bot.route import FileRefused, rank_lines, read_cases, read_fields, taught

    try:
        by_name = read_fields(fields)
        model = taught(by_name, read_cases(cases.read_bytes(), str(cases)) if cases else [], str(cases))
        with io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8") as lines:
            for line in rank_lines(model, list(by_name), lines):
                sys.stdout.buffer.write(f"{line}\n".encode())
    except (FileRefused, UnicodeDecodeError) as error:
        complaints.print(str(error), markup=False)
        raise typer.Exit(1) from error


@app.command()
def new_migration(message: Annotated[str, typer.Argument(help="What changes.")]) -> None:
    """For developers: write the migration that a change of the tables needs. Read what it wrote."""
    asyncio.run(write_migration(message))


@app.command()
def check(config: ConfigPath = DEFAULT_CONFIG) -> None:
    """Look whether everything is in order, one line each: ✓ it is, ! worth a thought, ✗ it is not, and what to do about it."""
    from bot.check import findings

    settings = config_at(config)
    token = settings.telegram.token.get_secret_value()
    if token and config.stat().st_mode & 0o077 and token in config.read_text(encoding="utf-8"):
        console.print(f"! config: others on this machine can read the token in {config}; chmod 600 {config}", markup=False)
    else:
        console.print(f"✓ config: {config}", markup=False)
    in_order = True
    for finding in asyncio.run(findings(settings)):
        in_order = in_order and finding.good
        console.print(f"{finding.mark} {finding.what}: {finding.says}", markup=False)
    raise typer.Exit(0 if in_order else 1)


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="The port on loopback; 0 takes a free one.")] = 8081,
    token: Annotated[str, typer.Option(help="The one bot's token.")] = "1000001:sandbox",
) -> None:
    """Run the sandbox alone: a Telegram on loopback that any Bot API library can talk to."""
    from bot.sandbox import run_sandbox

    try:
        asyncio.run(run_sandbox(port=port, token=token))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="The usual port; a free one is taken when it is not.")] = 8600,
    browser: Annotated[bool, typer.Option(help="Open the page where there is a browser.")] = True,
) -> None:
    """Show the Home at work: a made-up district on a chat page, nothing needed, nothing kept."""
    from bot.demo import run_demo

    set_up_logs("console")

    def announce(address: str) -> None:
        console.print(f"代表之家演示 / Deputies' Home demo: {address}  (Ctrl+C 结束 / ends it)", markup=False)
        if browser:
            _open_browser(address)

    try:
        asyncio.run(run_demo(port, announce))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


def _open_browser(address: str) -> None:
    import os
    import sys
    import webbrowser

    has_screen = sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if has_screen:  # without one, a text browser would take over the terminal
        webbrowser.open(address)
