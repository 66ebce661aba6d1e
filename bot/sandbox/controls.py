"""The person's side: the clock, the call log, faults, limits, events."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from .errors import bad_input
from .faults import KINDS, Fault
from .personal import Json, answering, body_of, whole
from .sandbox import Sandbox


async def clock_json(sandbox: Sandbox) -> Json:
    due = await sandbox.next_due() if sandbox.next_due else None
    return {
        "now": sandbox.clock.now().isoformat(),
        "ahead_seconds": sandbox.clock.ahead.total_seconds(),
        "next_due": due.isoformat() if due else None,
    }


async def _leap(sandbox: Sandbox, values: Json) -> timedelta:
    """How far the clock shall go."""
    if "advance_seconds" in values:
        try:
            return timedelta(seconds=float(values["advance_seconds"]))
        except (TypeError, ValueError):
            raise bad_input("advance_seconds must be a number") from None
    to = values.get("to")
    if to == "next":
        due = await sandbox.next_due() if sandbox.next_due else None
        # One second past: what is due at that moment is then surely due.
        return max(due + timedelta(seconds=1) - sandbox.clock.now(), timedelta()) if due else timedelta()
    try:
        moment = datetime.fromisoformat(str(to))
    except ValueError:
        raise bad_input("give advance_seconds, or to: an ISO 8601 time or next") from None
    if moment.tzinfo is None:
        raise bad_input("the time needs an offset")
    return moment - sandbox.clock.now()


def _number(values: Json, name: str, kind: type, default: Any) -> Any:
    try:
        return kind(values.get(name, default))
    except (TypeError, ValueError):
        raise bad_input(f"{name} must be a number") from None


def control_routes(sandbox: Sandbox) -> list[BaseRoute]:
    """What whoever runs the sandbox turns."""

    async def get_clock(request: Request) -> Json:
        return await clock_json(sandbox)

    async def post_clock(request: Request) -> Json:
        leap = await _leap(sandbox, (await body_of(request)).values)
        try:
            sandbox.clock.advance(leap)
        except ValueError as error:
            raise bad_input(str(error)) from None
        clock = await clock_json(sandbox)
        sandbox.events.emit("clock", clock=clock)
        return clock

    async def post_fault(request: Request) -> Json:
        values = (await body_of(request)).values
        kind = values.get("kind")
        if kind not in KINDS:
            raise bad_input("kind is one of " + ", ".join(KINDS))
        sandbox.faults.add(
            Fault(
                method=str(values.get("method", "*")).lower(),
                kind=kind,
                count=_number(values, "count", int, 1),
                retry_after=_number(values, "retry_after", int, 1),
                seconds=_number(values, "seconds", float, 30),
                after=bool(values.get("after")),
                code=_number(values, "code", int, 400),
                description=str(values.get("description", "Bad Request")),
            )
        )
        return {}

    async def drop_faults(request: Request) -> Json:
        sandbox.faults.clear()
        return {}

    async def put_limits(request: Request) -> Json:
        values = (await body_of(request)).values
        change: Json = {"enforce": bool(values.get("enforce"))} if "enforce" in values else {}
        for name in ("per_second", "per_chat_second", "per_group_minute"):
            if name in values:
                change[name] = _number(values, name, int, 0)
        sandbox.limits.change(**change)
        return sandbox.limits.describe()

    async def get_calls(request: Request) -> list[Json]:
        after = whole(request.query_params.get("after", 0), "after")
        return [call.as_json() for call in sandbox.calls.since(after, request.query_params.get("method"))]

    async def drop_calls(request: Request) -> Json:
        sandbox.calls.clear()
        return {}

    async def pending(request: Request) -> Json:
        return {"pending": len(sandbox.updates.pending)}

    async def events(request: Request) -> Response:
        users = frozenset(whole(uid, "user") for uid in request.query_params.getlist("user"))
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(sandbox.events.stream(users), media_type="text/event-stream", headers=headers)

    return [
        Route("/sandbox/clock", answering(get_clock), methods=["GET"]),
        Route("/sandbox/clock", answering(post_clock), methods=["POST"]),
        Route("/sandbox/faults", answering(post_fault), methods=["POST"]),
        Route("/sandbox/faults", answering(drop_faults), methods=["DELETE"]),
        Route("/sandbox/limits", answering(put_limits), methods=["PUT"]),
        Route("/sandbox/calls", answering(get_calls), methods=["GET"]),
        Route("/sandbox/calls", answering(drop_calls), methods=["DELETE"]),
        Route("/sandbox/updates/pending", answering(pending), methods=["GET"]),
        Route("/sandbox/events", answering(events), methods=["GET"]),
    ]
