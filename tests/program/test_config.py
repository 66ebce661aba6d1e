"""The config file, and what is said of a wrong one."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import Config, ConfigError, read_config

ROOT = Path(__file__).parents[2]
TOKEN = "1000001:secret-token"


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text)
    return path


def test_the_example_says_exactly_the_defaults() -> None:
    assert read_config(ROOT / "config.example.toml").model_dump() == Config().model_dump()


def test_the_example_names_every_key() -> None:
    example = tomllib.loads((ROOT / "config.example.toml").read_text())

    names = ("telegram", "limits", "web", "backup", "monitor", "home")
    sections = {name: getattr(Config(), name) for name in names}
    for section, model in sections.items():
        assert set(example[section]) == set(type(model).model_fields)
    assert set(example) == set(Config.model_fields)


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"telegram\.tokne: no such key"):
        read_config(written(tmp_path, '[telegram]\ntokne = "x"'))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('[home]\npre_notice = "soon"', r"home\.pre_notice: 'soon' is no duration"),
        ('[home]\npre_notice = "0d"', r"home\.pre_notice: must be longer than nothing"),
        ('[home]\ntimezone = "Mars/Base"', r"home\.timezone: 'Mars/Base' is no time zone"),
        ('database = "mysql://x"', r"database: "),
        ('[telegram]\ntransport = "webhook"', r"webhook_secret: by webhook one is needed"),
        ("[telegram]\nwebhook_port = 99999", r"telegram\.webhook_port: "),
        ("[home\n", r"config\.toml: "),
    ],
)
def test_a_bad_value_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        read_config(written(tmp_path, text))


def test_every_wrong_thing_has_a_line_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        read_config(written(tmp_path, "nonsense = 1\n[home]\nreferral_tries = 0\n"))

    assert len(str(error.value).splitlines()) == 2


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"copy config\.example\.toml"):
        read_config(tmp_path / "none.toml")


def test_the_token_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEPUTIES_HOME_TELEGRAM__TOKEN", TOKEN)

    config = read_config(written(tmp_path, '[home]\nhome_name = "云溪区代表之家"'))

    assert config.telegram.token.get_secret_value() == TOKEN
    assert config.home.home_name == "云溪区代表之家"
    assert TOKEN not in repr(config)


def test_durations_are_read_in_all_units(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, 'tick = "500ms"\n[home]\nreminders = ["1d", "90m", "30s"]'))

    assert config.tick == timedelta(milliseconds=500)
    assert config.home.reminders == (timedelta(days=1), timedelta(minutes=90), timedelta(seconds=30))
