"""Like issues: how many texts have one, how many of the nearest are found, and how long that takes, on a board of real messages."""

from __future__ import annotations

import asyncio
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.sparse import csr_matrix
from sqlalchemy import select

import models.tables  # noqa: F401 - every table must be known
from bot.database import open_engine, sessions_of
from models.base import Base
from models.issues import Issue, IssueState
from models.likeness import ALIKE, READ, WORTH_SHOWING, TermCount, nearest, remember, weighed
from models.people import Person
from models.text_features import DIMENSIONS, whole_features
from tests.benchmarks.messages import LOOK, messages

SHOWN = 3


async def found_one_by_one(texts: list[str], folder: Path) -> tuple[list[list[int]], list[float], dict[int, int]]:
    """Let the texts come in one after another; gives for each the nearest earlier ones, the seconds it took, and the counts in the end."""
    engine = open_engine(f"sqlite+aiosqlite:///{folder / 'likeness.db'}")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    found, seconds, now = [], [], datetime.now(UTC)
    async with sessions_of(engine)() as session:
        deputy = Person(name="代表", employer="", role_rows=[], specialties=[])
        session.add(deputy)
        for number, text in enumerate(texts):
            issue = Issue(deputy=deputy, pieces=[], number=str(number), state=IssueState.OPEN, shared_text=text, created_at=now)
            session.add(issue)
            await session.flush()
            began = time.perf_counter()
            likes = await nearest(session, text, besides=issue.id, limit=SHOWN)
            seconds.append(time.perf_counter() - began)
            found.append([int(like.issue.number or 0) for like in likes])
            await remember(session, issue)
        counts = {row[0]: row[1] for row in await session.execute(select(TermCount.feature, TermCount.issues))}
    await engine.dispose()
    return found, seconds, counts


def nearest_of_all(texts: list[str], counts: dict[int, int]) -> list[tuple[float, int]]:
    """For each text its nearest earlier one, by comparing every pair."""
    vectors = [weighed(whole_features(text[:READ]), counts) for text in texts]
    ends = np.cumsum([0, *(len(vector.ids) for vector in vectors)])
    flat = (np.concatenate([v.weights for v in vectors]), np.concatenate([v.ids for v in vectors]), ends)
    matrix = csr_matrix(flat, shape=(len(vectors), DIMENSIONS))
    best = [(0.0, -1)] * len(texts)
    pairs = (matrix @ matrix.T).tocoo()
    for later, earlier, score in zip(pairs.row, pairs.col, pairs.data, strict=True):
        if earlier < later and score > best[later][0]:
            best[later] = (float(score), int(earlier))
    return best


def report(console: Console, folder: Path) -> None:
    """Measure and print. Raises Absent."""
    texts = [message.text for message in messages(folder, LOOK)]
    with console.status("Letting messages in one by one…"), tempfile.TemporaryDirectory() as scratch:
        found, seconds, counts = asyncio.run(found_one_by_one(texts, Path(scratch)))
    best = nearest_of_all(texts, counts)
    table = Table("nearest is at least", "texts", "of these found", title=f"Likeness: {len(texts)} messages one after another")
    for threshold in (WORTH_SHOWING, ALIKE, 0.4):
        there = [(number, earlier) for number, (score, earlier) in enumerate(best) if score >= threshold]
        hits = sum(earlier in found[number] for number, earlier in there)
        table.add_row(f"{threshold:.2f}", str(len(there)), f"{hits / max(len(there), 1):.1%}")
    console.print(table)
    half = np.array(seconds[len(seconds) // 2 :]) * 1000
    console.print(f"one search: {np.median(half):.0f} ms in the median, {np.quantile(half, 0.99):.0f} ms at p99, among the second half")
