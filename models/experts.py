"""Who knows about something: deputies by name, by area, and by topic through what is known of the specialties."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.people import Area, Person, Role, Specialty, people_with
from models.routing import propose_specialties

LIKELY, CLEARLY = 0.35, 2.0
"""What the routing model thinks less likely than this, or not clearly likelier than the next, is no answer to who knows about something."""
ASKED = 200
"""Characters of a question that are read."""
AREA_ENDINGS = "街道办事处|街道|社区|乡|镇|村|区"
_ASKING = re.compile(r"(请问|谁|哪位|哪些|哪个|代表|懂|了解|熟悉|擅长|负责|专家|找|的|吗|呢|问题|方面|一下)")


@dataclass(frozen=True)
class Found:
    """The answer to a question: people, and what it was understood to ask for. ``guessed`` when only the routing model knew a specialty."""

    people: Sequence[Person]
    specialties: Sequence[Specialty] = ()
    areas: Sequence[Area] = ()
    guessed: bool = False


@dataclass
class _Asked:
    names: list[Person] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    specialties: list[Specialty] = field(default_factory=list)


async def find_experts(session: AsyncSession, question: str, *, first: frozenset[int] = frozenset()) -> Found:
    """Deputies who answer to a name, or who know the topic, or belong to the area, or both where both were said.

    Those whose ids are in ``first`` come first.
    """
    said = " ".join(question.split())[:ASKED]
    deputies = await people_with(session, Role.DEPUTY)
    asked = _Asked(
        names=_named(deputies, said),
        areas=[area for area in (await session.scalars(select(Area).order_by(Area.id))).all() if _says_area(said, area)],
        specialties=_about((await session.scalars(select(Specialty).order_by(Specialty.id))).all(), said),
    )
    guessed = False
    if not asked.names and not asked.specialties and _rest(said, asked.areas):
        asked.specialties = await _likely(session, said)
        guessed = bool(asked.specialties)
    people = asked.names or _matching(deputies, asked)
    ordered = sorted(people, key=lambda person: (person.id not in first, person.id))
    return Found(ordered, asked.specialties, asked.areas, guessed)


async def _likely(session: AsyncSession, said: str) -> list[Specialty]:
    proposals = await propose_specialties(session, said)
    first, second = [*(each.probability for each in proposals), 0.0, 0.0][:2]
    return [proposals[0].specialty] if first >= LIKELY and first >= CLEARLY * second else []


def _named(deputies: Sequence[Person], said: str) -> list[Person]:
    """Whole names in the question; else names of which the question is a part."""
    whole = [person for person in deputies if len(person.name) > 1 and person.name in said]
    return whole or ([person for person in deputies if said in person.name] if said else [])


def _says_area(said: str, area: Area) -> bool:
    stem = re.sub(f"({AREA_ENDINGS})$", "", area.name)
    return area.name in said or (len(stem) > 1 and stem in said)


def _about(specialties: Sequence[Specialty], said: str) -> list[Specialty]:
    """The specialties whose name was said, or whose keywords and topics speak for it most."""
    words = [word for word in re.split(r"[\s,，、;；。？?！!]+", said) if len(word) > 1]
    named = [each for each in specialties if each.name in said or any(word in each.name for word in words)]
    if named:
        return named
    weights = {each.id: _weight(each, said, words) for each in specialties}
    most = max(weights.values(), default=0)
    return [each for each in specialties if most and weights[each.id] == most]


def _weight(specialty: Specialty, said: str, words: Sequence[str]) -> int:
    """Characters of the question that its keywords, topics and description cover."""
    keywords = sum(len(keyword) for keyword in specialty.keywords if len(keyword) > 1 and keyword in said)
    topics = sum(len(word) for word in words if any(word in topic for topic in (*specialty.topics, *specialty.keywords)))
    return 2 * keywords + 2 * topics + sum(len(word) for word in words if word in specialty.description)


def _rest(said: str, areas: Sequence[Area]) -> str:
    """What is left of a question when its area and the asking itself are taken out."""
    for area in areas:
        said = said.replace(area.name, "").replace(re.sub(f"({AREA_ENDINGS})$", "", area.name), "")
    return _ASKING.sub("", said).strip(" ,，。？?！!")


def _matching(deputies: Sequence[Person], asked: _Asked) -> list[Person]:
    if not asked.specialties and not asked.areas:
        return []
    topics, areas = {each.id for each in asked.specialties}, {area.id for area in asked.areas}
    return [
        person
        for person in deputies
        if (not topics or any(each.id in topics for each in person.specialties)) and (not areas or person.area_id in areas)
    ]
