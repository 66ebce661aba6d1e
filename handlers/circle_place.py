"""Where a circle is spoken to."""

from __future__ import annotations

from handlers.post import Place
from models.circles import Circle
from models.rules import Gone


def place_of_circle(circle: Circle, language: str) -> Place:
    """The group or topic a circle lives in, lost for now or not: then what is said there waits. Raises Gone for one that lives nowhere."""
    if circle.chat_id is None or circle.awaits_topic:
        raise Gone
    return Place(circle.chat_id, language, circle.thread_id, circle.id)
