"""Structured logs. No token is ever written, and nothing that a constituent said."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterable, MutableMapping
from types import TracebackType
from typing import Any

import structlog

SHORTEST = 6
"""Anything shorter stands in ordinary words too."""
TOKEN = re.compile(r"(?<!\d)\d{5,}:[A-Za-z0-9_-]{5,}")


def without_tokens(text: str) -> str:
    """A text, such as an error's, in which no bot token stands."""
    return TOKEN.sub("<token>", text)


def hide_tokens(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take bot tokens out of every text of a log line, tracebacks included."""
    return {name: without_tokens(value) if isinstance(value, str) else value for name, value in event.items()}


def hiding(secrets: Iterable[str]) -> Callable[[Any, str, MutableMapping[str, Any]], MutableMapping[str, Any]]:
    """Take these out too, wherever they stand: what has no shape of its own, such as the webhook's secret and the database's password."""
    known = [secret for secret in secrets if len(secret) >= SHORTEST]

    def hide(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        def hidden(value: Any) -> Any:
            if any(secret in str(value) for secret in known):
                for secret in known:
                    value = str(value).replace(secret, "<secret>")
            return value

        return {name: hidden(value) for name, value in event.items()}

    return hide


def set_up_logs(log_format: str, secrets: Iterable[str] = ()) -> None:
    """Log to standard error, one line an event; ``log_format`` is ``console`` or ``json``. None of ``secrets`` is ever written.

    What ends the process is logged too, since Python's own last words would show an error as it is.
    """
    renderer: Any = structlog.dev.ConsoleRenderer(colors=False)
    if log_format == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_tokens,
        hiding(secrets),
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # looked up each time: whoever runs us may replace it
    )
    # Libraries: their warnings only, since their debug and info lines hold addresses with the token, and updates with people's words.
    handler = logging.StreamHandler()
    formatter = structlog.stdlib.ProcessorFormatter
    handler.setFormatter(formatter(processors=[formatter.remove_processors_meta, *shared, renderer]))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    sys.excepthook = _log_the_last


def _log_the_last(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
    else:
        structlog.get_logger().critical("stopped by an error", exc_info=(kind, error, trace))
