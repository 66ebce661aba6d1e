"""Routing by files alone, and past cases for a Home."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from bot.cases import Imported, import_cases
from bot.cli import app
from bot.config import Config
from bot.database import open_engine, sessions_of
from bot.route import FileRefused, read_cases, read_fields
from models.route_log import Route, RouteSource
from models.route_weights import RouteWeights
from models.routing import propose_specialties
from tests.conftest import NOON

FIELDS = Path(__file__).parents[1] / "data" / "fields.toml"


def route(said: str, *options: str) -> tuple[int, list[str], str]:
    result = CliRunner().invoke(app, ["route", "--fields", str(FIELDS), *options], input=said.encode())
    return result.exit_code, result.stdout.splitlines(), result.stderr


def test_each_text_gets_one_line_with_all_specialties_best_first() -> None:
    said = "".join(
        json.dumps(each) + "\n" for each in ({"text": "医院乱收费，医生态度差"}, {"text": "等了一小时没来", "title": "公交车太少"})
    )

    code, lines, _ = route(said)

    rankings = [json.loads(line)["ranking"] for line in lines]
    assert code == 0
    assert [ranking[0]["specialty"] for ranking in rankings] == ["卫生计生", "交通运输"]
    for ranking in rankings:
        probabilities = [each["probability"] for each in ranking]
        assert len(ranking) == len(read_fields(FIELDS))
        assert probabilities == sorted(probabilities, reverse=True)
        assert sum(probabilities) == pytest.approx(1, abs=1e-4)


def test_past_cases_teach(tmp_path: Path) -> None:
    cases = tmp_path / "cases.csv"
    cases.write_text("text,specialty\n" + "盲道被占了,环境保护\n" * 20, encoding="utf-8")

    _, [line], _ = route('{"text": "盲道被占了"}', "--cases", str(cases))

    assert json.loads(line)["ranking"][0]["specialty"] == "环境保护"


@pytest.mark.parametrize("said", ["路灯坏了", "[]", '{"title": "路灯"}', '{"text": 5}', "null"])
def test_a_line_that_is_no_text_is_named(said: str) -> None:
    code, lines, complaint = route('{"text": "路灯坏了"}\n' + said)

    assert code == 1
    assert len(lines) == 1
    assert "line 2" in complaint


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "text"),
        ("text,speciality\na,b", "specialty"),
        ('text,specialty\n"路灯,环境保护', "line"),
        ("text,specialty\n路灯坏了,城建", "line 2: there is no specialty '城建'"),
    ],
)
def test_a_file_of_cases_that_cannot_be_used_is_refused_with_the_line(tmp_path: Path, content: str, complaint: str) -> None:
    cases = tmp_path / "cases.csv"
    cases.write_text(content, encoding="utf-8")

    code, lines, said = route('{"text": "路灯坏了"}', "--cases", str(cases))

    assert (code, lines) == (1, [])
    assert complaint in said


def test_a_spreadsheet_programs_chinese_encoding_is_read() -> None:
    assert read_cases("text,specialty\r\n路灯坏了,城建\r\n".encode("gb18030"), "cases.csv") == [(2, "路灯坏了", "城建")]


async def test_imported_cases_are_masked_learnt_and_kept_once(new_database: Callable[[], str]) -> None:
    config = Config.model_validate({"database": new_database(), "telegram": {"token": ""}})
    content = "text,specialty\n单车占了盲道，电话13655550123,法治监察\n单车占了盲道，电话13655550123,法治监察\n".encode()

    first = await import_cases(content, "cases.csv", config, now=lambda: NOON)
    again = await import_cases(content, "cases.csv", config, now=lambda: NOON)

    engine = open_engine(config.database)
    async with sessions_of(engine).begin() as session:
        [case] = await session.scalars(select(Route))
        assert (case.source, "13655550123" in case.text) == (RouteSource.IMPORTED, False)
        assert (await session.get_one(RouteWeights, 1)).entries == 1
        assert (await propose_specialties(session, "单车占了盲道"))[0].specialty.name == "法治监察"
    await engine.dispose()
    assert (first, again) == (Imported(1, 1), Imported(0, 2))


async def test_one_unknown_specialty_keeps_all_out(new_database: Callable[[], str]) -> None:
    config = Config.model_validate({"database": new_database(), "telegram": {"token": ""}})

    with pytest.raises(FileRefused, match="line 3"):
        await import_cases("text,specialty\n路灯坏了,城建环保\n路灯坏了,路灯\n".encode(), "cases.csv", config, now=lambda: NOON)

    engine = open_engine(config.database)
    async with sessions_of(engine).begin() as session:
        assert (await session.scalars(select(Route))).all() == []
    await engine.dispose()
