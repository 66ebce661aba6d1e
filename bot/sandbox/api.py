"""The bot's side: /bot<token>/<method> and the download of files."""

from __future__ import annotations

import asyncio
import inspect
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from .bodies import read_params
from .errors import ApiError
from .faults import Fault
from .methods import METHODS
from .params import Params
from .sandbox import Sandbox
from .targets import unauthorized

Json = dict[str, Any]

NOT_FOUND: Json = {"ok": False, "error_code": 404, "description": "Not Found"}


def reply(answer: Json) -> Response:
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, 200 if answer["ok"] else answer["error_code"], media_type="application/json")


def refusal(error: ApiError) -> Json:
    answer: Json = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        answer["parameters"] = error.parameters
    return answer


class Dropped(Response):
    """No answer at all: the connection is cut."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # uvicorn offers no public way to do this; its request cycle, whose method `receive` is, holds the transport.
        cycle = getattr(receive, "__self__", None)
        transport = getattr(cycle, "transport", None)
        if transport is None:
            await Response("cut", 500, {"connection": "close"})(scope, receive, send)
            return
        transport.abort()
        while not getattr(cycle, "disconnected", True):  # noqa: ASYNC110 - the flag is uvicorn's own
            await asyncio.sleep(0)


class BotSide:
    """Carries out calls, with the faults and limits ordered for them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    async def call(self, request: Request) -> Response:
        sandbox = self.sandbox
        name = request.path_params["method"]
        if request.path_params["token"] != sandbox.token:
            return reply(refusal(unauthorized()))
        began = sandbox.timer()
        at = sandbox.clock.now()
        params = Params({})
        fault: Fault | None = None
        try:
            params = await read_params(request)
            fault = sandbox.faults.take(name.lower())
            answer = await self._execute(name, params, fault)
        except ApiError as error:
            answer = refusal(error)
        sandbox.calls.add(at, name, params, answer, (sandbox.timer() - began) * 1000)
        if fault is not None and fault.kind in ("hang", "drop"):
            if fault.kind == "hang":
                await self._wait(fault.seconds)
            return Dropped()
        return reply(answer)

    async def _execute(self, name: str, params: Params, fault: Fault | None) -> Json:
        if fault is None:
            return await self._carry_out(name, params)
        if fault.after:
            await self._carry_out(name, params)
        if fault.kind == "429":
            raise ApiError(429, f"Too Many Requests: retry after {fault.retry_after}", {"retry_after": fault.retry_after})
        if fault.kind == "refuse":
            raise ApiError(fault.code, fault.description)
        if fault.kind == "500":
            raise ApiError(500, "Internal Server Error")
        return {}

    async def _carry_out(self, name: str, params: Params) -> Json:
        key = name.lower()
        handler = METHODS.get(key)
        if handler is None:
            return NOT_FOUND
        self.sandbox.limits.admit(key, params.values.get("chat_id"))
        result = handler(self.sandbox, params)
        if inspect.isawaitable(result):
            result = await result
        return {"ok": True, "result": result}

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.sandbox.stopping.wait(), seconds)
        except TimeoutError:
            return

    async def download(self, request: Request) -> Response:
        if request.path_params["token"] != self.sandbox.token:
            return reply(refusal(unauthorized()))
        stored = self.sandbox.files.at(request.path_params["path"])
        if stored is None:
            return reply(NOT_FOUND)
        return Response(stored.data, media_type=stored.mime)
