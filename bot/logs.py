"""Structured logs. No token is ever written, and nothing that a constituent said."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

TOKEN = re.compile(r"(?<!\d)\d{5,}:[A-Za-z0-9_-]{5,}")


def hide_tokens(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take bot tokens out of every text of a log line, tracebacks included."""
    return {name: TOKEN.sub("<token>", value) if isinstance(value, str) else value for name, value in event.items()}


def set_up_logs(log_format: str) -> None:
    """Log to standard error, one line an event; ``log_format`` is ``console`` or ``json``."""
    renderer: Any = structlog.dev.ConsoleRenderer(colors=False)
    if log_format == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_tokens,
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
