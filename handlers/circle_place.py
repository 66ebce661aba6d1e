"""Where a circle is spoken to."""

from __future__ import annotations

from handlers.post import Place
from models.circles import Circle
from models.rules import Gone


def place_of_circle(circle: Circle, language: str) -> Place:
    """The group or topic a circle lives in. Raises Gone for one that lives nowhere."""
    if circle.chat_id is None or not circle.lives:
        raise Gone
    return Place(circle.chat_id, language, circle.thread_id)
