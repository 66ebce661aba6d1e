"""Which specialty an issue concerns. The one place that decides it; everything else asks here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.people import Specialty

HEAD = 60
"""People come to the point early: what stands in so many first characters counts twice."""
COUNTED = 3
"""A word said more often than this adds nothing: length must not outweigh variety."""


@dataclass(frozen=True)
class Proposal:
    """A specialty and how much speaks for it; a score of 0 means that nothing does."""

    specialty: Specialty
    score: float


async def propose_specialties(session: AsyncSession, text: str) -> list[Proposal]:
    """All specialties, best first; equals keep the Home's order."""
    specialties = (await session.scalars(select(Specialty).order_by(Specialty.id))).all()
    return rank(text, specialties)


def rank(text: str, specialties: Iterable[Specialty]) -> list[Proposal]:
    """Rank by keywords: longer words are more telling, and the beginning counts twice."""
    proposals = [Proposal(specialty, _score(text, specialty.keywords)) for specialty in specialties]
    return sorted(proposals, key=lambda proposal: -proposal.score)


def _score(text: str, keywords: Iterable[str]) -> float:
    head, score = text[:HEAD], 0.0
    for keyword in set(filter(None, keywords)):
        said = min(text.count(keyword), COUNTED)
        if said:
            score += (said + min(head.count(keyword), COUNTED)) * (1 if len(keyword) < 3 else 1.5)
    return score
