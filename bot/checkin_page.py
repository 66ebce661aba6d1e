"""The full-screen page of a check-in: the code, large enough for a hall, kept up to date by asking the Home alone."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import segno
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.database import Sessions
from handlers.checkin_desk import PAGE_PATH
from handlers.checkin_screens import counted, scan_link, until
from handlers.post import Post
from handlers.texts import T, t
from models.checkin import counts_of
from models.checkin_codes import code_of, is_page_key, slot_at
from models.checkin_desk import CheckInDesk, next_slot_at

PAGE = (Path(__file__).parent / "checkin_page.html").read_text(encoding="utf-8")
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'",
}


def checkin_page(sessions: Sessions, post_for: Callable[[AsyncSession], Post]) -> Starlette:
    """The web application. Its address carries the desk's own key; without it there is nothing to be seen, and nothing after the end."""

    async def page(request: Request) -> Response:
        async with sessions.begin() as session:
            desk = await _desk(session, request)
            over = desk is not None and _over(desk, post_for(session).now)
        if desk is None:
            return PlainTextResponse("404", status_code=404, headers=HEADERS)
        return HTMLResponse(PAGE, status_code=410 if over else 200, headers=HEADERS)

    async def state(request: Request) -> Response:
        async with sessions.begin() as session:
            desk = await _desk(session, request)
            if desk is None:
                return PlainTextResponse("404", status_code=404, headers=HEADERS)
            post = post_for(session)
            return JSONResponse(await _now(post, desk), status_code=410 if _over(desk, post.now) else 200, headers=HEADERS)

    path = PAGE_PATH + "/{id:int}/{key}"
    return Starlette(routes=[Route(path, page), Route(path + "/now", state)])


async def _desk(session: AsyncSession, request: Request) -> CheckInDesk | None:
    """The desk of the address, if its key is right."""
    id = request.path_params["id"]
    desk = await session.get(CheckInDesk, id) if id < 2**31 else None
    return desk if desk is not None and is_page_key(desk.secret, request.path_params["key"]) else None


def _over(desk: CheckInDesk, now: datetime) -> bool:
    return desk.closed_at is not None or now >= desk.activity.ends_at


async def _now(post: Post, desk: CheckInDesk) -> dict[str, Any]:
    """What the page shows at this moment. The code is left out unless the desk is open; ``seconds`` is how long it still lives."""
    language, activity, every = post.policy.languages[0], desk.activity, post.policy.checkin_code_every

    def say(text: T) -> str:
        return post.texts.say(text, language)

    early = post.now < desk.opens_at(post.policy)
    word = t("checkin.web.early", at=post.texts.moment(desk.opens_at(post.policy), language)) if early else t("checkin.web.over")
    shown: dict[str, Any] = {"title": activity.title, "word": say(word), "lost": say(t("checkin.web.lost"))}
    if not desk.is_open(post.policy, now=post.now):
        return shown
    slot = slot_at(post.now, every=every)
    return shown | {
        "until": say(until(post, desk, language)),
        "how": say(t("checkin.how", home=post.policy.home_name)),
        "code": code_of(desk.secret, slot),
        "picture": _picture(scan_link(post, desk, slot)),
        "count": say(counted(await counts_of(post.session, desk, post.policy))),
        "next": say(t("checkin.web.next", seconds="{seconds}")),
        "seconds": (next_slot_at(post.now, every=every) - post.now).total_seconds(),
        "every": every.total_seconds(),
    }


def _picture(link: str) -> str:
    """The code to scan as an SVG that takes the size of its place."""
    out = io.BytesIO()
    segno.make(link, error="m", micro=False).save(out, kind="svg", xmldecl=False, svgns=True, omitsize=True)
    return out.getvalue().decode()
