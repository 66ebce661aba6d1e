"""What all commands share: where they print, and the config they are told."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.config import Config, ConfigError, read_config
from bot.logs import set_up_logs

console = Console(highlight=False, soft_wrap=True)
complaints = Console(stderr=True, highlight=False, soft_wrap=True)

ConfigPath = Annotated[Path, typer.Option("--config", "-c", help="The config file.")]
DEFAULT_CONFIG = Path("config.toml")


def config_at(path: Path) -> Config:
    """The config, or the end with one line for each thing that is wrong in it."""
    try:
        config = read_config(path)
    except ConfigError as error:
        complaints.print(str(error), markup=False)
        raise typer.Exit(2) from error
    set_up_logs(config.log_format, config.secrets)
    return config
