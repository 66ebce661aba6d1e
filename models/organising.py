"""Who organises an activity: the one rule behind its card, its desk, its record, its money and its series."""

from __future__ import annotations

from models.activities import Activity
from models.audience import Audience, Part
from models.people import Person, Role


def leads(person: Person, audience: Audience) -> bool:
    """Whether it is called for the deputies' group that the person leads now, whatever they led or were before."""
    return person.has(Role.GROUP_LEADER) and person.group_id is not None and person.group_id in audience.of(Part.GROUP)


def organises(person: Person, activity: Activity) -> bool:
    """The office any; a group leader what they made for their group. Whoever leads it no longer, organises it no longer."""
    return person.has(Role.OFFICE) or (activity.created_by_id == person.id and leads(person, activity.audience))
