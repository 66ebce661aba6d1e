"""Texts: no sentence without a translation, no key without a sentence, nothing that Telegram would not parse."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.sandbox.entities import parse_html
from handlers.registry import Registry
from handlers.texts import Texts, load_catalogue, t

ROOT = Path(__file__).parents[2]
LANGUAGES = ("zh_CN", "en")
CATALOGUES = {language: load_catalogue(language) for language in LANGUAGES}
SOURCES = {
    path: path.read_text()
    for folder, ending in (("models", "py"), ("handlers", "py"), ("bot", "py"), ("handlers/cards", "html"))
    for path in (ROOT / folder).rglob(f"*.{ending}")
}
# t("a.b"), _("a.b"), key = "a.b" with a fixed key; t(f"a.{x}"), _("a." ~ x), _("a_" ~ x) with a key put together.
FIXED = re.compile(
    r"""(?:\bt\(\s*|\b_\(\s*|\bkey(?:: ClassVar\[str\])? = |\breason=|\bLEFT_OUT = )["']([a-z_]+(?:\.[a-z_A-Z0-9]+)+)["'](?!\s*~)"""
)
MADE = re.compile(r"""(?:\bt\(\s*|\b_\(\s*|\breturn )(?:f["']([a-z_]+\.[a-z_.]*)\{|["']([a-z_]+\.[a-z_.]*)["']\s*~)""")


@pytest.fixture
def texts() -> Texts:
    return Texts(LANGUAGES, ZoneInfo("Asia/Shanghai"))


def fixed_keys() -> dict[str, Path]:
    return {key: path for path, source in SOURCES.items() for key in FIXED.findall(source)}


def beginnings() -> set[str]:
    return {one or other for source in SOURCES.values() for one, other in MADE.findall(source)} - {""}


def test_both_languages_have_the_same_sentences() -> None:
    assert CATALOGUES["zh_CN"].keys() == CATALOGUES["en"].keys()


def test_every_key_in_the_code_has_its_sentence() -> None:
    missing = {key: path.name for key, path in fixed_keys().items() if key not in CATALOGUES["zh_CN"]}

    assert missing == {}


def test_every_key_put_together_finds_sentences() -> None:
    lonely = {start for start in beginnings() if not any(key.startswith(start) for key in CATALOGUES["zh_CN"])}

    assert lonely == set()


def test_no_sentence_is_left_over() -> None:
    used, starts = set(fixed_keys()), beginnings()
    quoted = " ".join(SOURCES.values())

    left_over = {
        key
        for key in CATALOGUES["zh_CN"]
        if key not in used and not any(key.startswith(start) for start in starts) and f'"{key}"' not in quoted
    }

    assert left_over == set()


@pytest.mark.parametrize("key", sorted(CATALOGUES["zh_CN"]))
def test_both_languages_are_filled_with_the_same_values(key: str) -> None:
    fields = [set(re.findall(r"\{(\w+)[^}]*\}", CATALOGUES[language].get(key, ""))) for language in LANGUAGES]

    assert fields[0] == fields[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_telegram_can_parse_every_sentence(language: str) -> None:
    for sentence in CATALOGUES[language].values():
        if "<" in sentence:
            parse_html(re.sub(r"\{\w+[^}]*\}", "x", sentence))


def test_every_entry_of_the_menu_has_a_name_in_both_languages() -> None:
    for entry in Registry().menu.entries:
        assert entry.key in CATALOGUES["zh_CN"], entry.name
        assert re.fullmatch(r"[a-z_]{1,32}", entry.name)


def test_the_language_follows_telegram_and_falls_back_to_the_first(texts: Texts) -> None:
    assert [texts.language_for(code) for code in ("zh-hans", "zh", "en-GB", "en", "fr", None, "")] == [
        "zh_CN",
        "zh_CN",
        "en",
        "en",
        "zh_CN",
        "zh_CN",
        "zh_CN",
    ]


def test_what_people_wrote_is_escaped(texts: Texts) -> None:
    shown = texts.render("people/welcomed", "zh_CN", person=type("P", (), {"name": "<b>&"})(), home_name="家")

    assert "&lt;b&gt;&amp;" in shown


def test_what_people_wrote_cannot_fill_in_other_values(texts: Texts) -> None:
    assert texts.say(t("people.menu_for", name="{name.__class__}"), "en") == "{name.__class__}, what would you like to do?"


def test_times_are_read_locally_in_each_language(texts: Texts) -> None:
    at = datetime(2026, 3, 15, 6, 30, tzinfo=UTC)

    assert texts.moment(at, "zh_CN") == "3月15日(周日) 14:30"
    assert texts.moment(at, "en") == "Sun 15 Mar 14:30"


def test_an_end_on_another_day_is_said_with_its_date(texts: Texts) -> None:
    start = datetime(2026, 12, 31, 14, 30, tzinfo=UTC)

    assert texts.end_of(start + timedelta(hours=1), start, "zh_CN") == "23:30"
    assert texts.end_of(start + timedelta(hours=3), start, "zh_CN") == "1月1日(周五) 01:30"


def test_lengths_of_time_are_said_in_whole_units(texts: Texts) -> None:
    said = [texts.span(length, "zh_CN") for length in (timedelta(days=7), timedelta(hours=2), timedelta(minutes=90))]

    assert said == ["7天", "2小时", "90分钟"]
