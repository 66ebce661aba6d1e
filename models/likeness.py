"""Like issues: the nearest past ones to a text, found by the rare pairs of characters they share. Nothing is kept in memory.

Each numbered issue leaves a signature (its features), a few rows that index its rarest features, and its share in the counts that tell
what is rare. A search reads the index for what is rare in the text, and compares only the signatures of those that share most of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ForeignKey, LargeBinary, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.common_words import COMMON_WORDS
from models.issues import Issue, IssueState
from models.text_features import Features, likeness, whole_features

READ = 2000
"""So many characters of an issue tell what it is about."""
INDEXED, ASKED, ROWS_READ, COMPARED = 40, 60, 10_000, 12
"""Features indexed of each issue; features of a text looked up, as long as they lead to no more rows; signatures compared in full."""
WORTH_SHOWING, ALIKE = 0.25, 0.30
"""Cosines. Found by eye on some thousand real messages: from .25 on most pairs are about the same kind of matter, from .30 on nearly all
are about one matter, and two taken at random hardly ever reach .15, however few issues there are yet."""
ALL = -1
"""In place of a feature: how many issues there are in all."""
SUPPOSED, SUPPOSED_SHARE = 50, 0.4
"""A new Home's counts are eked out by so many issues, so many of which have each of the common words."""


class IssueSignature(Base):
    """The features of a numbered issue: their ids as 32-bit numbers, their weights as 16-bit ones."""

    __tablename__ = "issue_signatures"

    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), primary_key=True)
    ids: Mapped[bytes] = mapped_column(LargeBinary)
    weights: Mapped[bytes] = mapped_column(LargeBinary)

    @property
    def features(self) -> Features:
        return Features(np.frombuffer(self.ids, np.int32), np.frombuffer(self.weights, np.float16).astype(np.float32))


class IssueTerm(Base):
    """One of an issue's rarest features, to find it by."""

    __tablename__ = "issue_terms"
    feature: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), primary_key=True)


class TermCount(Base):
    """How many issues have a feature."""

    __tablename__ = "issue_term_counts"
    feature: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    issues: Mapped[int] = mapped_column(default=0)


@dataclass(frozen=True)
class Like:
    """A past issue, and how alike it is: 1 for the same text."""

    issue: Issue
    score: float


async def remember(session: AsyncSession, issue: Issue) -> None:
    """Make a numbered issue findable; once is enough."""
    if issue.findable:
        return
    issue.findable = True
    features = whole_features(issue.shared_text[:READ])
    ids = [int(id) for id in features.ids]
    counts = await _counts(session, ids)
    session.add(IssueSignature(issue_id=issue.id, ids=features.ids.tobytes(), weights=features.weights.astype(np.float16).tobytes()))
    rarest = sorted(ids, key=lambda id: (counts.get(id, 0) + _supposed(id), id))[:INDEXED]
    session.add_all([IssueTerm(feature=feature, issue_id=issue.id) for feature in rarest])
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    # In order, so that two at once do not block each other.
    rows = insert(TermCount).values([{"feature": id, "issues": 1} for id in [ALL, *ids]])
    await session.execute(rows.on_conflict_do_update(index_elements=["feature"], set_={"issues": TermCount.issues + 1}))
    await session.flush()


async def not_remembered(session: AsyncSession, *, limit: int = 50) -> Sequence[Issue]:
    """Numbered issues that cannot be found yet, such as those from before there was a search."""
    return (await session.scalars(select(Issue).where(~Issue.findable, Issue.number.is_not(None)).order_by(Issue.id).limit(limit))).all()


async def nearest(session: AsyncSession, text: str, *, besides: int, limit: int, at_least: float = WORTH_SHOWING) -> list[Like]:
    """The issues most like a text, the nearest first; not ``besides``, nor any that was withdrawn."""
    features = whole_features(text[:READ])
    counts = await _counts(session, [int(id) for id in features.ids])
    found = await _sharing(session, features, counts, besides)
    signatures = (await session.scalars(select(IssueSignature).where(IssueSignature.issue_id.in_(found)))).all()
    theirs = {signature.issue_id: signature.features for signature in signatures}
    missing = {int(id) for other in theirs.values() for id in other.ids} - counts.keys()
    counts |= await _counts(session, sorted(missing))
    mine = weighed(features, counts)
    scores = {issue_id: likeness(mine, weighed(other, counts)) for issue_id, other in theirs.items()}
    best = sorted((id for id, score in scores.items() if score >= at_least), key=lambda id: -scores[id])[:limit]
    issues = {issue.id: issue for issue in await session.scalars(select(Issue).where(Issue.id.in_(best)))}
    return [Like(issues[id], scores[id]) for id in best]


async def _sharing(session: AsyncSession, features: Features, counts: dict[int, int], besides: int) -> Sequence[int]:
    """The issues that share most of what is rare in the text."""
    telling: list[int] = []
    rows = 0
    for id in sorted((int(id) for id in features.ids if counts.get(int(id))), key=lambda id: counts[id] + _supposed(id)):
        rows += counts[id]
        if len(telling) == ASKED or rows > ROWS_READ:
            break
        telling.append(id)
    shared = func.count()
    sharing = (
        select(IssueTerm.issue_id)
        .join(Issue, Issue.id == IssueTerm.issue_id)
        .where(IssueTerm.feature.in_(telling), IssueTerm.issue_id != besides, Issue.state != IssueState.WITHDRAWN)
        .group_by(IssueTerm.issue_id)
        .order_by(shared.desc(), IssueTerm.issue_id.desc())
        .limit(COMPARED)
    )
    return (await session.scalars(sharing)).all()


async def _counts(session: AsyncSession, ids: Sequence[int]) -> dict[int, int]:
    """How many issues have each of these features, and how many there are; those that none has are counted as 0."""
    counts = dict.fromkeys(ids, 0)
    for start in range(0, len(ids), 10_000):
        asked = select(TermCount.feature, TermCount.issues).where(TermCount.feature.in_([ALL, *ids[start : start + 10_000]]))
        counts |= {row[0]: row[1] for row in await session.execute(asked)}
    return counts


def weighed(features: Features, counts: dict[int, int]) -> Features:
    """The features with what is rare weighing more, and of length one."""
    have = np.array([counts.get(int(id), 0) + _supposed(int(id)) for id in features.ids], np.float32)
    rarity: NDArray[np.float32] = np.log((1 + SUPPOSED + counts.get(ALL, 0)) / (1 + have))
    return Features(features.ids, features.weights * np.maximum(rarity, 0)).unit()


_COMMON = frozenset(int(id) for id in whole_features(COMMON_WORDS).ids)


def _supposed(id: int) -> float:
    return SUPPOSED * SUPPOSED_SHARE if id in _COMMON else 0.0
