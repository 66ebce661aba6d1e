"""The own-data file against all tables there are: nothing that may be about a person is forgotten."""

from __future__ import annotations

import enum

import pytest

import models.tables  # noqa: F401 - every table must be known
from handlers.own_data import TELLING_OF_PEOPLE
from handlers.texts import load_catalogue
from models.base import Base
from models.own_data import ACTED, LEFT_OUT, OWN, Own, Why
from models.row_names import NAMED_BY, referred_to

SENTENCES = load_catalogue("zh_CN")
TABLES = Base.metadata.tables


def test_every_table_that_refers_to_a_person_is_told_or_left_out_with_a_reason() -> None:
    referring = {
        f"{table.name}.{column.name}"
        for table in TABLES.values()
        for column in table.columns
        if referred_to(table, column.name) == "people"
    }
    told = {f"{own.table}.{own.via}" for own in OWN} | {ACTED}

    forgotten = {one for one in referring - told if one not in LEFT_OUT and one.partition(".")[0] not in LEFT_OUT}

    assert forgotten == set()


def test_every_other_table_is_told_or_left_out_with_a_reason_too() -> None:
    known = {own.table for own in OWN} | {name for name in LEFT_OUT if "." not in name} | {ACTED.partition(".")[0]}

    assert TABLES.keys() - known == set()


def test_nothing_is_left_out_that_is_not_there() -> None:
    columns = {f"{table.name}.{column.name}" for table in TABLES.values() for column in table.columns}

    assert LEFT_OUT.keys() - TABLES.keys() - columns == set()
    assert not {own.table for own in OWN} & LEFT_OUT.keys()


@pytest.mark.parametrize("own", OWN, ids=lambda own: own.name)
def test_every_column_of_a_table_that_is_told_is_told_or_hidden(own: Own) -> None:
    columns = {column.name for column in TABLES[own.table].columns}

    assert columns == {*own.told, *own.hidden, own.via} | (columns & {"id"})
    assert set(own.covered) <= set(own.told)


@pytest.mark.parametrize("own", OWN, ids=lambda own: own.name)
def test_sheets_columns_and_values_have_words(own: Own) -> None:
    table = TABLES[own.table]
    kinds = [kind for column in own.told if (kind := getattr(table.c[column].type, "enum_class", None)) is not None]
    values = {f"own.value.{kind.__name__}.{member.value}" for kind in kinds for member in kind if issubclass(kind, enum.Enum)}

    assert f"own.table.{own.name}" in SENTENCES
    assert {column for column in own.told if f"own.column.{column}" not in SENTENCES} == set()
    assert values - SENTENCES.keys() == set()


@pytest.mark.parametrize("own", OWN, ids=lambda own: own.name)
def test_rows_that_are_referred_to_have_names(own: Own) -> None:
    targets = {target for column in own.told if (target := referred_to(TABLES[own.table], column)) is not None}

    assert targets - NAMED_BY.keys() - {"attachments"} == set()


def test_sheets_have_names_of_their_own() -> None:
    titles = [SENTENCES[f"own.table.{own.name}"] for own in OWN]

    assert len(set(titles)) == len(titles)
    assert max(map(len, titles)) <= 31


def test_every_reason_for_leaving_out_is_given_in_the_file() -> None:
    assert {*TELLING_OF_PEOPLE, Why.NOBODY} == set(Why)
    assert {why for why in TELLING_OF_PEOPLE if f"own.why.{why}" not in SENTENCES} == set()
