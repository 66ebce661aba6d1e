"""The codes of a check-in: made from the activity's secret and the time, so that one passed on is worth nothing a minute later."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from datetime import datetime, timedelta


def slot_at(now: datetime, *, every: timedelta) -> int:
    """The number of the stretch of time that a code lives; a new one every 30 seconds by default."""
    return int(now.timestamp() // every.total_seconds())


def code_of(secret: str, slot: int) -> str:
    """The four digits of a slot."""
    return f"{int(_mac(secret, f'code:{slot}'), 16) % 10_000:04}"


def token_of(secret: str, slot: int) -> str:
    """What the picture of a slot carries: 24 hexadecimal digits."""
    return _mac(secret, f"token:{slot}")[:24]


def page_key(secret: str) -> str:
    """What the address of the full-screen page carries; it stays the same for the whole activity."""
    return _mac(secret, "page")[:32]


def is_code(secret: str, given: str, *, now: datetime, every: timedelta) -> bool:
    """Whether these are the digits of now, or of the slot before: typing takes a moment."""
    return any(hmac.compare_digest(code_of(secret, slot), given) for slot in _alive(now, every))


def is_token(secret: str, given: str, *, now: datetime, every: timedelta) -> bool:
    """Whether this is what the picture of now carries, or the one before."""
    return any(hmac.compare_digest(token_of(secret, slot).encode(), given.encode()) for slot in _alive(now, every))


def is_page_key(secret: str, given: str) -> bool:
    return hmac.compare_digest(page_key(secret).encode(), given.encode())


def digits_of(text: str | None) -> str | None:
    """The four digits somebody typed, also full-width or with spaces: １２ ３４; None for anything else."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text or ""))
    return plain if re.fullmatch(r"[0-9]{4}", plain) else None


def _alive(now: datetime, every: timedelta) -> tuple[int, int]:
    slot = slot_at(now, every=every)
    return slot, slot - 1


def _mac(secret: str, what: str) -> str:
    return hmac.new(secret.encode(), what.encode(), hashlib.sha256).hexdigest()
