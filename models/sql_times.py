"""The time between two moments in SQL: the two databases have no way in common."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class MicrosecondsBetween(FunctionElement[int]):
    """How many microseconds lie from the first moment to the second; less than none when the second is the earlier."""

    type = BigInteger()
    name = "microseconds_between"
    inherit_cache = True


@compiles(MicrosecondsBetween, "postgresql")
def _in_postgresql(element: MicrosecondsBetween, compiler: Any, **more: Any) -> str:
    first, second = (compiler.process(clause, **more) for clause in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM ({second}) - ({first})) * 1000000 AS BIGINT)"


@compiles(MicrosecondsBetween, "sqlite")
def _in_sqlite(element: MicrosecondsBetween, compiler: Any, **more: Any) -> str:
    """Moments are text there, such as 2026-03-10 04:00:00.000000."""

    def microseconds(clause: Any) -> str:
        text = compiler.process(clause, **more)
        return f"(CAST(strftime('%s', {text}) AS INTEGER) * 1000000 + CAST(substr({text}, 21, 6) AS INTEGER))"

    first, second = element.clauses
    return f"({microseconds(second)} - {microseconds(first)})"


def in_microseconds(length: timedelta) -> int:
    return length // timedelta(microseconds=1)
