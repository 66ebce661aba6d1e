"""The application and the ways to run it: inside a running loop, or alone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from .api import NOT_FOUND, BotSide, reply
from .people import person_routes
from .sandbox import Sandbox

PAGE = Path(__file__).parent / "page"
Hook = Callable[[], Awaitable[None]]


def build_app(sandbox: Sandbox) -> Starlette:
    """Both faces and the page."""
    bot = BotSide(sandbox)
    app = Starlette(
        routes=[
            Route("/bot{token}/{method}", bot.call, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", bot.download),
            *person_routes(sandbox),
            Route("/", _front),
            Mount("/page", StaticFiles(directory=PAGE, check_dir=False)),
        ],
        exception_handlers={404: _nothing_here, 405: _nothing_here},
    )

    async def start() -> None:
        sandbox.start()

    app.state.start, app.state.stop = start, sandbox.stop
    return app


async def _front(request: Request) -> Response:
    index = PAGE / "index.html"
    return FileResponse(index) if index.exists() else PlainTextResponse("The sandbox runs; the chat page is not installed.")


async def _nothing_here(request: Request, error: Exception) -> Response:
    return reply(NOT_FOUND)


class _Server(uvicorn.Server):
    """uvicorn inside somebody else's loop: no signal handlers, quick to start and to stop."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        self.down = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        self.up.set()
        while not self.down.is_set():
            await self.on_tick(0)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.down.wait(), 1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        state = self.server_state
        for connection in list(state.connections):
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2):
                while state.connections or state.tasks:  # noqa: ASYNC110 - uvicorn keeps sets, not events
                    await asyncio.sleep(0.002)
        for task in list(state.tasks):
            task.cancel()


def _hook(app: Any, name: str) -> Hook | None:
    found: Hook | None = getattr(getattr(app, "state", None), name, None)
    return found


def _listen(host: str, port: int) -> socket.socket:
    # The protocol is named because asyncio turns Nagle's delay off (40 ms an answer) only where it is.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


@contextlib.asynccontextmanager
async def serve(app: Any, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[str]:
    """Serve an ASGI application in the running loop; gives its address. `app.state.start/stop` are awaited when there."""
    listener = _listen(host, port)
    address = f"http://{host}:{listener.getsockname()[1]}"
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none", timeout_keep_alive=60, backlog=2048)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    server = _Server(config)
    start, stop = _hook(app, "start"), _hook(app, "stop")
    if start:
        await start()
    running = asyncio.create_task(server.serve(sockets=[listener]))
    await server.up.wait()
    try:
        yield address
    finally:
        if stop:
            await stop()
        server.down.set()
        await running
        listener.close()


async def run_sandbox(host: str = "127.0.0.1", port: int = 8081, token: str = "1000001:sandbox", sandbox: Sandbox | None = None) -> None:
    """Run the sandbox alone until cancelled (Ctrl+C under `asyncio.run`)."""
    sandbox = sandbox or Sandbox(token)
    async with serve(sandbox.app, host, port) as address:
        print(f"sandbox: {address}\ntoken:   {sandbox.token}", flush=True)  # noqa: T201 - this is what it is run for
        await asyncio.Event().wait()
