"""The model's weights as they are kept: an archive of arrays with its hash. Never a pickle, which would run whatever somebody put in."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import datetime

import numpy as np
from sqlalchemy import LargeBinary, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.route_log import LogState
from models.route_model import RouteModel
from models.route_words import Field

FORMAT = 2
"""Counts the changes of the model's make-up: weights of another format are made anew."""


class RouteWeights(Base):
    """What was learnt up to one entry of the log. There is one row, and losing it costs a rebuild."""

    __tablename__ = "route_weights"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[datetime]
    newest: Mapped[int]
    entries: Mapped[int]
    taken_back: Mapped[int]
    made_of: Mapped[str] = mapped_column(String(64))
    """A hash of the format and the fields' words."""
    sha256: Mapped[str] = mapped_column(String(64))
    archive: Mapped[bytes] = mapped_column(LargeBinary)

    @property
    def state(self) -> LogState:
        return LogState(self.newest, self.entries, self.taken_back)


def packed(model: RouteModel) -> bytes:
    """The arrays of a model; only rows that were touched."""
    rows = np.flatnonzero(model.counts.any(axis=1))
    archive = io.BytesIO()
    np.savez(
        archive,
        cases=np.int64(model.cases),
        rows=rows,
        learnt=model.learnt[rows],
        counts=model.counts[rows],
        totals=model.totals,
        rarity=model.sight.rarity,
        allow_pickle=False,
    )
    return archive.getvalue()


def unpacked(archive: bytes, fields: tuple[Field, ...]) -> RouteModel:
    """A model out of its arrays. Raises ValueError, KeyError or BadZipFile for anything else."""
    model = RouteModel(fields)
    with np.load(io.BytesIO(archive), allow_pickle=False) as arrays:
        rows = arrays["rows"]
        model.learnt[rows], model.counts[rows] = arrays["learnt"], arrays["counts"]
        model.totals[:], model.sight.rarity[:] = arrays["totals"], arrays["rarity"]
        model.cases = int(arrays["cases"])
    return model


async def save_weights(session: AsyncSession, archive: bytes, fields: tuple[Field, ...], state: LogState, *, now: datetime) -> None:
    """Keep what was learnt; it replaces what was kept before."""
    await session.merge(
        RouteWeights(
            id=1,
            made_at=now,
            newest=state.newest,
            entries=state.entries,
            taken_back=state.taken_back,
            made_of=_made_of(fields),
            sha256=hashlib.sha256(archive).hexdigest(),
            archive=archive,
        )
    )


async def kept_at(session: AsyncSession) -> datetime | None:
    """When what is kept was made; None where nothing is."""
    found: datetime | None = await session.scalar(select(RouteWeights.made_at).where(RouteWeights.id == 1))
    return found


async def kept_weights(session: AsyncSession, fields: tuple[Field, ...]) -> tuple[RouteModel, RouteWeights] | None:
    """What was learnt and kept; None where nothing was, it is of other fields or another format, or it is damaged."""
    kept = await session.get(RouteWeights, 1, populate_existing=True)
    if kept is None or kept.made_of != _made_of(fields) or hashlib.sha256(kept.archive).hexdigest() != kept.sha256:
        return None
    try:
        return unpacked(kept.archive, fields), kept
    except (ValueError, KeyError, zipfile.BadZipFile):
        return None


def _made_of(fields: tuple[Field, ...]) -> str:
    return hashlib.sha256(repr((FORMAT, fields)).encode("utf-8", "surrogatepass")).hexdigest()
