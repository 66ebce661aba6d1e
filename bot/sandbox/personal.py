"""What the person's endpoints share: reading input, naming chats, answering in JSON."""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .bodies import read_multipart
from .errors import ApiError, SandboxError, bad_input, not_allowed, not_found
from .messages import Message
from .params import Params
from .sandbox import Sandbox
from .world import Chat, Member, User

Json = dict[str, Any]
Endpoint = Callable[[Request], Awaitable[Any]]


class Answer(JSONResponse):
    """JSON that people can read in a log."""

    def render(self, content: Any) -> bytes:
        return json.dumps(content, ensure_ascii=False).encode()


def answering(endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    """Turn an endpoint's result, or its refusal, into a response."""

    @functools.wraps(endpoint)
    async def respond(request: Request) -> Response:
        try:
            result = await endpoint(request)
        except SandboxError as error:
            return Answer({"error": error.sentence}, error.status)
        except ApiError as error:
            return Answer({"error": error.description}, 400)
        return result if isinstance(result, Response) else Answer(result)

    return respond


async def body_of(request: Request) -> Params:
    """The body of a person's call: JSON, or multipart with the same fields plus files."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await read_multipart(request, {})
    raw = await request.body()
    try:
        values = json.loads(raw) if raw else {}
    except ValueError:
        raise bad_input("the body is not JSON") from None
    if not isinstance(values, dict):
        raise bad_input("the body must be a JSON object")
    return Params(values)


def whole(value: Any, name: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise bad_input(f"{name} must be an integer") from None


def required(params: Params, name: str) -> Any:
    value = params.values.get(name)
    if value is None or value == "":
        raise bad_input(f"{name} is missing")
    return value


def user_named(sandbox: Sandbox, uid: Any) -> User:
    user = sandbox.world.users.get(whole(uid, "the user's id"))
    if user is None:
        raise not_found(f"there is no user {uid}")
    return user


def group_named(sandbox: Sandbox, gid: Any) -> Chat:
    group = sandbox.world.groups.get(whole(gid, "the group's id"))
    if group is None:
        raise not_found(f"there is no group {gid}")
    return group


def chat_named(sandbox: Sandbox, user: User, key: Any) -> Chat:
    """The chat as that person names it."""
    if key in ("bot", sandbox.bot.id, str(sandbox.bot.id)):
        return sandbox.world.chat_with_bot(user)
    number = whole(key, "the chat")
    if number > 0:
        other = user_named(sandbox, number)
        if other is user:
            raise bad_input("nobody chats with themselves here")
        return sandbox.world.chat_between(user, other)
    group = group_named(sandbox, number)
    if user.id not in group.members:
        raise not_found(f"{user.full_name} does not know the group {number}")
    return group


def member_named(chat: Chat, user: User) -> Member:
    """A member present in the group."""
    member = chat.member(user.id)
    if member is None:
        raise not_allowed(f"{user.full_name} is not in {chat.title}")
    if chat.migrated_to is not None:
        raise not_allowed(f"{chat.title} became the supergroup {chat.migrated_to}")
    return member


def message_named(chat: Chat, message_id: Any) -> Message:
    message = chat.messages.get(whole(message_id, "message_id"))
    if message is None:
        raise not_found(f"there is no message {message_id} in this chat")
    return message


def group_json(sandbox: Sandbox, chat: Chat) -> Json:
    """The README's Group."""
    return {
        **chat.seen_by(0),
        "members": [{"user": m.user.as_user(), "status": m.status, "rights": m.rights} for m in chat.members.values()],
        "topics": [topic.as_topic() for topic in chat.topics.values()],
        "invite_links": [
            {"invite_link": x.invite_link, "name": x.name, "creates_join_request": x.creates_join_request, "revoked": x.is_revoked}
            for x in chat.links.values()
        ],
        "join_requests": list(chat.requests),
        "pinned": list(chat.pinned),
    }
