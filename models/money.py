"""Money: decimals in yuan, kept as whole fen, since SQLite has no decimals and binary fractions are no money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

FEN = Decimal("0.01")
NOTHING = Decimal("0.00")


def whole_fen(value: Any) -> int:
    """An amount in fen. Raises ValueError for anything but a Decimal, and for parts of a fen."""
    if not isinstance(value, Decimal) or not value.is_finite():
        raise ValueError(f"money is a Decimal: {value!r}")
    fen = value.scaleb(2)
    if fen != fen.to_integral_value():
        raise ValueError(f"there is no part of a fen: {value}")
    return int(fen)


class Yuan(TypeDecorator[Decimal]):
    """An amount in yuan, as a Decimal with two places; whole fen in the database, where they can be added up."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else whole_fen(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-2)
