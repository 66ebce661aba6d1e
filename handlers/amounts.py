"""Amounts of money as people type them: 1200, 1,200元, 1200.50, ¥300, 1.2万; alone, or behind what they are for. Nothing is guessed."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from models.budgets import LARGEST
from models.money import FEN, NOTHING
from models.rules import RuleBroken

_AMOUNT = re.compile(
    r"(?<![a-z\d.,])(?P<sign>(?:人民币|rmb|cny|[¥$])?)\s*(?P<number>[\d.,]+)\s*(?P<unit>[千万w]?)\s*(?:元|块钱?|圆|yuan|rmb)?\s*[整正]?[。;]?$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_UNITS = {"": 1, "千": 1_000, "万": 10_000, "w": 10_000}
_SEPARATORS = " :,、;="
_IN_A_ROW = re.compile(r"[、，；;]|,(?!\d)")
_NO_PLAIN_AMOUNT = re.compile(r"[-+*/×~—–−<>≈.约$]$|\d\s*[x到至]$", re.IGNORECASE)
"""What stands before the number makes it something else: 300×4, 1200-1500, 约1200."""
_IN_WORDS = re.compile(
    r"[零一二两三四五六七八九十百千万亿]+(?:元|块钱?|圆)整?$|[一二两三四五六七八九][十百千万][零一二两三四五六七八九十百千万]*$"
)


class AmountUnclear(RuleBroken):
    """The text was not understood as an amount of money."""

    key = "budget.amount_unclear"


class AmountOutOfRange(RuleBroken):
    """Nothing, or more than any activity costs."""

    key = "budget.amount_out_of_range"


def lines_of(text: str) -> list[str]:
    """One line an item: also where several stand in a row, as in ``场地 500、资料 300``, if each part is an item with its amount."""
    lines: list[str] = []
    for line in filter(str.strip, text.splitlines()):
        parts = [part for part in _IN_A_ROW.split(line) if part.strip()]
        lines += parts if all(map(_is_item_with_amount, parts)) else [line]
    return lines


def _is_item_with_amount(text: str) -> bool:
    try:
        item, amount = read_line(text)
    except (AmountUnclear, AmountOutOfRange):
        return False
    return bool(item) and amount is not None


def read_amount(text: str) -> Decimal:
    """The amount, with two places. Raises AmountUnclear, AmountOutOfRange."""
    item, amount = read_line(text)
    if item or amount is None:
        raise AmountUnclear
    return amount


def read_line(text: str) -> tuple[str, Decimal | None]:
    """What it is for, and how much: ``餐费 1200``. Either may be missing. Raises AmountUnclear, AmountOutOfRange."""
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    found = _AMOUNT.search(text)
    if found is None:
        if any(sign.isdigit() for sign in text[-3:]) or _IN_WORDS.search(text):  # means an amount that is not read: 1e3, 1200左右, 一千二
            raise AmountUnclear
        return text.strip(_SEPARATORS), None
    item = text[: found.start()].strip(_SEPARATORS)
    if found["sign"] == "$" or _NO_PLAIN_AMOUNT.search(item) or (item and not any(sign.isalpha() for sign in item)):
        raise AmountUnclear
    return item, _amount(found)


def _amount(found: re.Match[str]) -> Decimal:
    if _NUMBER.fullmatch(found["number"]) is None:
        raise AmountUnclear
    amount = Decimal(found["number"].replace(",", "")) * _UNITS[found["unit"].lower()]
    if amount != amount.quantize(FEN):
        raise AmountUnclear
    if not NOTHING < amount <= LARGEST:
        raise AmountOutOfRange(largest=f"{LARGEST:,.0f}")
    return amount.quantize(FEN)
