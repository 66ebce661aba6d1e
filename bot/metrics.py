"""/healthz for a supervisor and /metrics for Prometheus, made anew at each request from the database and this process's counts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.clock import Now
from bot.counts import Counts
from bot.database import DATABASE_AWAY, Sessions
from models.health import AlarmKind, Figures, Waiting, figures_at

if TYPE_CHECKING:
    from prometheus_client.core import Metric

PATIENCE = 5.0
"""Seconds until the database counts as away."""
AWAY = (*DATABASE_AWAY, TimeoutError)


def monitor_app(
    sessions: Sessions,
    counts: Counts,
    standing: Callable[[], Awaitable[dict[AlarmKind, datetime | None]]],
    *,
    tick: timedelta,
    now: Now,
    roles: Callable[[], Collection[str]] | None = None,
) -> Starlette:
    """The web application. It tells of no person, only how many and how late; and the ``roles`` of this process, where there are others."""

    async def healthz(request: Request) -> Response:
        """200 while all goes on; 503 with what stands still, and since when."""
        has = {"roles": sorted(roles())} if roles is not None else {}
        try:
            async with asyncio.timeout(PATIENCE):
                found = await standing()
        except AWAY:
            return JSONResponse({"ok": False, "standing_still": {"database": None}, **has}, status_code=503)
        still = {str(kind): since.isoformat() for kind, since in found.items() if since is not None}
        return JSONResponse({"ok": not still, "standing_still": still, **has}, status_code=503 if still else 200)

    async def metrics(request: Request) -> Response:
        from prometheus_client import CollectorRegistry, ProcessCollector
        from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

        figures: Figures | None = None
        try:
            async with asyncio.timeout(PATIENCE):
                figures = await _figures(sessions, now())
        except AWAY:
            pass  # what the process counted can be told all the same
        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        registry.register(_Told(figures, counts, tick=tick, now=now(), roles=roles() if roles is not None else ()))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/healthz", healthz), Route("/metrics", metrics)])


async def _figures(sessions: Sessions, now: datetime) -> Figures:
    async with sessions() as session:
        return await figures_at(session, now=now)


class _Told:
    """What is told to Prometheus, at one moment. ``figures`` is None while the database is away."""

    def __init__(self, figures: Figures | None, counts: Counts, *, tick: timedelta, now: datetime, roles: Collection[str]) -> None:
        self._figures, self._counts, self._tick, self._now, self._roles = figures, counts, tick, now, roles

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        def gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
            return GaugeMetricFamily(f"deputies_home_{name}", says, value=value)

        for name, label, says, counted in (
            ("updates", "outcome", "Updates worked on.", self._counts.updates),
            ("calls", "outcome", "Calls to Telegram; those with outcome limited were answered by 429.", self._counts.calls),
            ("errors", "where", "What went wrong.", self._counts.errors),
        ):
            counter = CounterMetricFamily(f"deputies_home_{name}", says, labels=[label])
            for key, value in sorted(counted.items()):
                counter.add_metric([key], value)
            yield counter
        limited = CounterMetricFamily("deputies_home_limited", "Calls that Telegram answered by 429.", value=self._counts.calls["limited"])
        yield limited
        late = GaugeMetricFamily("deputies_home_due_work_late_seconds", "How late each piece of due work is.", labels=["work"])
        for work, by in sorted(self._counts.late_by(self._tick).items()):
            late.add_metric([work], by.total_seconds())
        yield late
        held = GaugeMetricFamily("deputies_home_role", "1 for each role that this process has, where several may run.", labels=["role"])
        for role in self._roles:
            held.add_metric([role], 1)
        yield held
        silent = self._counts.silent_for()
        if silent is not None:
            yield gauge("intake_silent_seconds", "Since Telegram last answered to polling.", silent.total_seconds())
        yield gauge("database_up", "Whether the database answers.", float(self._figures is not None))
        if self._figures is not None:
            yield from self._queues(self._figures)

    def _queues(self, figures: Figures) -> Iterator[Metric]:
        from prometheus_client.core import GaugeMetricFamily

        waits = GaugeMetricFamily("deputies_home_waiting", "How much waits, by queue.", labels=["queue"])
        ages = GaugeMetricFamily("deputies_home_waiting_seconds", "For how long the oldest waits, by queue.", labels=["queue"])
        queues: dict[str, Waiting] = {
            "inbox": figures.updates,
            **{f"outbox_{lane.name.lower()}": waiting for lane, waiting in figures.messages.items()},
            "circles": figures.for_circles,
            "set_aside": figures.set_aside,
            "failed": figures.failed,
        }
        for queue, waiting in queues.items():
            waits.add_metric([queue], waiting.count)
            age = (self._now - waiting.since).total_seconds() if waiting.since is not None else 0.0
            ages.add_metric([queue], max(age, 0.0))
        yield waits
        yield ages
        yield GaugeMetricFamily("deputies_home_sent_last_minute", "Sent within the last minute.", value=figures.sent_last_minute)
        alarms = GaugeMetricFamily("deputies_home_alarm", "1 while something stands still.", labels=["kind"])
        on = {alarm.kind for alarm in figures.alarms}
        for kind in AlarmKind:
            alarms.add_metric([str(kind)], float(kind in on))
        yield alarms
        if figures.backup is not None:
            made = figures.backup.made_at.timestamp()
            yield GaugeMetricFamily("deputies_home_last_backup_timestamp_seconds", "When the last nightly backup was made.", value=made)
