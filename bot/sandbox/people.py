"""The person's side: users, their phones, the bot in their hands; and every route of this side."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from .controls import clock_json, control_routes
from .conversations import conversation_routes
from .errors import bad_input, not_found
from .groups import group_routes
from .keyboards import used
from .membership import block
from .params import Params
from .personal import Json, answering, body_of, group_json, user_named, whole
from .posting import post
from .sandbox import Sandbox
from .speaking import enter, words
from .world import User

PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
FIELDS = ("first_name", "last_name", "username", "language_code", "phone", "note", "hides_identity")


def apply_fields(user: User, params: Params) -> None:
    for name in FIELDS:
        if name in params.values:
            value = params.values[name]
            if name == "first_name" and not value:
                raise bad_input("a person needs a first_name")
            if name in ("phone", "note"):
                value = str(value or "")
            setattr(user, name, bool(value) if name == "hides_identity" else value)


def person_routes(sandbox: Sandbox) -> list[BaseRoute]:
    """Everything under /sandbox."""
    world = sandbox.world

    async def state(request: Request) -> Json:
        return {
            "bot": sandbox.bot.as_user(),
            "users": [user.as_sandbox_user() for user in world.users.values()],
            "groups": [group_json(sandbox, group) for group in world.groups.values() if group.migrated_to is None],
            "phones": world.phones,
            "clock": await clock_json(sandbox),
        }

    async def put_phones(request: Request) -> Json:
        phones = (await body_of(request)).parsed("phones")
        if not isinstance(phones, list):
            raise bad_input("phones must be a list of user ids")
        world.phones = [user_named(sandbox, uid).id for uid in phones]
        sandbox.events.emit("users")
        return {}

    async def post_user(request: Request) -> Json:
        params = await body_of(request)
        given = params.values.get("id")
        uid = whole(given, "id") if given is not None else world.new_user_id()
        if uid <= 0 or uid in world.users or uid == sandbox.bot.id:
            raise bad_input(f"the id {uid} is taken or not positive")
        user = User(uid, str(params.values.get("first_name") or ""))
        apply_fields(user, params)
        if not user.first_name:
            raise bad_input("a person needs a first_name")
        world.users[uid] = user
        sandbox.events.emit("users")
        return user.as_sandbox_user()

    async def patch_user(request: Request) -> Json:
        user = user_named(sandbox, request.path_params["uid"])
        apply_fields(user, await body_of(request))
        sandbox.events.emit("users")
        return user.as_sandbox_user()

    async def start(request: Request) -> list[Json]:
        user = user_named(sandbox, request.path_params["uid"])
        payload = (await body_of(request)).values.get("payload") or ""
        if payload and not PAYLOAD.fullmatch(str(payload)):
            raise bad_input("a payload is 1 to 64 characters of A-Z, a-z, 0-9, _ and -")
        block(sandbox, user, False)
        chat = world.chat_with_bot(user)
        enter(sandbox, chat, user)
        message = post(sandbox, chat, user, words(f"/start {payload}"))
        chat.read[user.id] = chat.last_id
        return [message.for_person(user.id)]

    async def contact(request: Request) -> list[Json]:
        user = user_named(sandbox, request.path_params["uid"])
        of = (await body_of(request)).values.get("of")
        shared = user if of is None else user_named(sandbox, of)
        if not shared.phone:
            raise bad_input(f"{shared.full_name} has no phone number")
        chat = world.chat_with_bot(user)
        enter(sandbox, chat, user)
        card: Json = {"phone_number": shared.phone.lstrip("+"), "first_name": shared.first_name, "user_id": shared.id}
        if shared.last_name:
            card["last_name"] = shared.last_name
        message = post(sandbox, chat, user, {"contact": card})
        chat.read[user.id] = chat.last_id
        if shared is user:
            used(sandbox, chat, user)
        return [message.for_person(user.id)]

    async def put_block(request: Request) -> Json:
        user = user_named(sandbox, request.path_params["uid"])
        block(sandbox, user, bool((await body_of(request)).values.get("blocked")))
        return {}

    async def file(request: Request) -> Response:
        stored = sandbox.files.find(request.path_params["file_id"])
        if stored is None:
            raise not_found("there is no such file")
        name = "".join(sign if (sign.isascii() and sign.isalnum()) or sign in "._-" else "_" for sign in stored.name)
        return Response(stored.data, media_type=stored.mime, headers={"Content-Disposition": f'inline; filename="{name}"'})

    def route(path: str, endpoint: Any, *methods: str) -> Route:
        return Route(path, answering(endpoint), methods=list(methods))

    return [
        route("/sandbox/state", state, "GET"),
        route("/sandbox/phones", put_phones, "PUT"),
        route("/sandbox/users", post_user, "POST"),
        route("/sandbox/users/{uid}", patch_user, "PATCH"),
        route("/sandbox/users/{uid}/start", start, "POST"),
        route("/sandbox/users/{uid}/contact", contact, "POST"),
        route("/sandbox/users/{uid}/block", put_block, "POST"),
        route("/sandbox/files/{file_id}", file, "GET"),
        *conversation_routes(sandbox),
        *group_routes(sandbox),
        *control_routes(sandbox),
    ]
