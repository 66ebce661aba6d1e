"""The config: one TOML file, read once into a frozen object. Unknown keys and bad values are named in one clear line each."""

from __future__ import annotations

import re
import tomllib
from datetime import time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource
from sqlalchemy.engine import make_url

from models.policy import Duration, Policy

DATABASE = r"^(sqlite\+aiosqlite|postgresql\+asyncpg)://"
"""How the address of a database begins."""


class ConfigError(Exception):
    """The config cannot be used; the message has one line for each thing that is wrong."""


class Transport(StrEnum):
    POLLING = "polling"
    WEBHOOK = "webhook"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Telegram(_Section):
    """How Telegram is reached."""

    token: SecretStr = SecretStr("")
    api: str = Field("https://api.telegram.org", pattern=r"^https?://[^/]+$")
    transport: Transport = Transport.POLLING
    webhook_url: str = Field("", pattern=r"^(https?://.+)?$")
    webhook_secret: SecretStr = SecretStr("")
    webhook_listen: str = "127.0.0.1"
    webhook_port: Annotated[int, Field(ge=0, le=65535)] = 8443
    outage: Duration = timedelta(seconds=150)

    @model_validator(mode="after")
    def _webhook_is_whole(self) -> Telegram:
        if self.transport is Transport.WEBHOOK and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", self.webhook_secret.get_secret_value()):
            raise ValueError("webhook_secret: by webhook one is needed, 1 to 256 letters, digits, _ and -")
        return self


class Limits(_Section):
    """How fast the Home may speak; a little under what Telegram allows."""

    messages: int = Field(30, ge=1)
    per: Duration = timedelta(milliseconds=1020)
    chat_pause: Duration = timedelta(milliseconds=1030)
    group_messages: int = Field(20, ge=1)
    group_per: Duration = timedelta(seconds=61)
    at_once: int = Field(30, ge=1, le=200)


class Web(_Section):
    """The Home's own web page, which shows a check-in code on a large screen."""

    enabled: bool = False
    listen: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8444
    public_url: str = Field("", pattern=r"^(https?://[^/]+)?$")


class Backup(_Section):
    """The nightly backup; times are the Home's own."""

    nightly: bool = True
    at: time = time(3, 30)
    folder: Path = Path("data/backups")
    keep: Duration = Field(timedelta(days=14), ge=timedelta(days=1))


class Monitor(_Section):
    """Where a machine can ask how the Home is, and from when on it is said to stand still."""

    enabled: bool = True
    listen: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8445
    stall: Duration = timedelta(minutes=5)


class Config(BaseSettings):
    """Everything a running Home is told: the file, and environment variables over it, such as DEPUTIES_HOME_TELEGRAM__TOKEN."""

    model_config = SettingsConfigDict(frozen=True, extra="forbid", env_prefix="DEPUTIES_HOME_", env_nested_delimiter="__")

    database: str = Field("sqlite+aiosqlite:///data/home.db", repr=False, pattern=DATABASE)
    log_format: str = Field("console", pattern="^(console|json)$")
    tick: Duration = timedelta(seconds=1)
    telegram: Telegram = Telegram()
    limits: Limits = Limits()
    web: Web = Web()
    backup: Backup = Backup()
    monitor: Monitor = Monitor()
    home: Policy = Policy()

    @property
    def secrets(self) -> tuple[str, ...]:
        """Whatever must not be written anywhere."""
        password = make_url(self.database).password
        return (self.telegram.token.get_secret_value(), self.telegram.webhook_secret.get_secret_value(), str(password or ""))


def read_config(path: Path) -> Config:
    """Read a config file. Raises ConfigError with one line for every unknown key and bad value."""
    if not path.is_file():
        raise ConfigError(f"{path}: there is no such file; copy config.example.toml and fill in the token")

    class FromFile(Config):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (env_settings, TomlConfigSettingsSource(settings_cls, path))

    try:
        return FromFile()
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error
    except ValidationError as error:
        raise ConfigError("\n".join(f"{path}: {_line(problem)}" for problem in error.errors())) from error


def _line(problem: Any) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"{where}: no such key"
    return f"{where}: {problem['msg'].removeprefix('Value error, ')}"
