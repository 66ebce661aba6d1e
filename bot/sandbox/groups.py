"""The person's side: groups, their members, topics and invite links."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute, Route

from .errors import bad_input, not_allowed, not_found
from .membership import ask_to_join, join, leave, migrate, rights_of, standing
from .params import Params
from .personal import Json, answering, body_of, group_json, group_named, member_named, required, user_named, whole
from .posting import post
from .sandbox import Sandbox
from .topics import create_topic, delete_topic
from .world import SENDING, Chat, InviteLink, Member, User


def find_link(sandbox: Sandbox, link: str) -> tuple[Chat, InviteLink]:
    for group in sandbox.world.groups.values():
        found = group.links.get(link)
        if found is not None:
            return group, found
    raise not_found("there is no such invite link")


def group_routes(sandbox: Sandbox) -> list[BaseRoute]:
    """/sandbox/groups and below, joining and leaving."""
    world = sandbox.world

    def subject(params: Params) -> User:
        return sandbox.bot if params.values.get("bot") else user_named(sandbox, required(params, "user"))

    async def acted(request: Request) -> tuple[Chat, Params, User, Member]:
        """The group, the body, who acts and their standing."""
        chat, params = group_named(sandbox, request.path_params["gid"]), await body_of(request)
        by = user_named(sandbox, required(params, "by"))
        return chat, params, by, member_named(chat, by)

    async def post_group(request: Request) -> Json:
        params = await body_of(request)
        owner = user_named(sandbox, required(params, "owner"))
        is_forum = params.flag("is_forum")
        kind = "supergroup" if is_forum else params.values.get("type") or "group"
        if kind not in ("group", "supergroup"):
            raise bad_input("type is group or supergroup")
        given = params.values.get("id")
        gid = whole(given, "id") if given is not None else world.new_group_id(supergroup=kind == "supergroup")
        if gid >= 0 or gid in world.groups:
            raise bad_input(f"the id {gid} is taken or not negative")
        chat = Chat(kind, gid, title=str(required(params, "title")), is_forum=is_forum, instance=str(-gid))
        chat.members[owner.id] = Member(owner, "creator")
        for uid in params.parsed("members") or []:
            member = user_named(sandbox, uid)
            if member is not owner:
                chat.members[member.id] = Member(member, "member")
        world.groups[gid] = chat
        post(sandbox, chat, owner, {"group_chat_created" if kind == "group" else "supergroup_chat_created": True})
        for person in chat.present():
            sandbox.events.emit("chats", person.id)
        return group_json(sandbox, chat)

    def grant(chat: Chat, user: User, admin: Any, by: User, actor: Member) -> None:
        if not actor.may("can_promote_members"):
            raise not_allowed(f"{by.full_name} may not appoint administrators")
        member = chat.member(user.id)
        if member is None:
            raise bad_input("they are not in the group")
        if member.status == "creator":
            raise not_allowed("the owner stays the owner")
        if admin:
            standing(sandbox, chat, user, "administrator", by=by, rights=rights_of(admin, is_forum=chat.is_forum))
        else:
            standing(sandbox, chat, user, "member", by=by)

    async def members(request: Request) -> Json:
        chat, params, by, actor = await acted(request)
        user, admin = subject(params), params.parsed("admin")
        if admin and not actor.may("can_promote_members"):
            raise not_allowed(f"{by.full_name} may not appoint administrators")
        if chat.member(user.id) is None:
            join(sandbox, chat, user, by=by, admin=admin or False)
        elif admin:
            grant(chat, user, admin, by, actor)
        return group_json(sandbox, chat)

    async def promote(request: Request) -> Json:
        chat, params, by, actor = await acted(request)
        grant(chat, subject(params), params.parsed("admin"), by, actor)
        return group_json(sandbox, chat)

    async def remove(request: Request) -> Json:
        chat, params, by, actor = await acted(request)
        user = subject(params)
        member = chat.member(user.id)
        if member is None:
            raise bad_input("they are not in the group")
        if member.status == "creator" or not actor.may("can_restrict_members"):
            raise not_allowed(f"{by.full_name} may not remove them")
        leave(sandbox, chat, user, by=by, status="kicked")
        return group_json(sandbox, chat)

    async def post_migrate(request: Request) -> Json:
        chat, params, by, actor = await acted(request)
        if chat.type != "group":
            raise bad_input("it is a supergroup already")
        if actor.status != "creator":
            raise not_allowed("only the owner turns a group into a supergroup")
        return group_json(sandbox, migrate(sandbox, chat, by=by, is_forum=params.flag("is_forum")))

    async def post_title(request: Request) -> Json:
        chat, params, by, actor = await acted(request)
        title = str(required(params, "title")).strip()
        if not 1 <= len(title) <= 128:
            raise bad_input("a title has 1 to 128 characters")
        if not actor.may("can_change_info"):
            raise not_allowed(f"{by.full_name} may not rename the group")
        chat.title = title
        post(sandbox, chat, by, {"new_chat_title": title})
        return group_json(sandbox, chat)

    async def post_topic(request: Request) -> Json:
        chat, params, by, _ = await acted(request)
        if not chat.is_forum:
            raise bad_input("the group is not a forum")
        return create_topic(sandbox, chat, by, str(required(params, "name"))).as_topic()

    async def drop_topic(request: Request) -> Json:
        chat = group_named(sandbox, request.path_params["gid"])
        topic = chat.topics.get(whole(request.path_params["thread"], "thread"))
        if topic is None:
            raise not_found("there is no such topic")
        delete_topic(sandbox, chat, topic)
        return {}

    async def close_topic(request: Request) -> Json:
        chat, params, by, actor = await acted(request)
        topic = chat.topics.get(whole(request.path_params["thread"], "thread"))
        if topic is None:
            raise not_found("there is no such topic")
        if not actor.may("can_manage_topics"):
            raise not_allowed(f"{by.full_name} may not manage topics")
        topic.closed = params.flag("closed")
        content: Json = {"forum_topic_closed" if topic.closed else "forum_topic_reopened": {}}
        post(sandbox, chat, by, content, thread=topic.message_thread_id)
        return topic.as_topic()

    async def permissions(request: Request) -> Json:
        chat, params, by, actor = await acted(request)
        if not actor.may("can_restrict_members"):
            raise not_allowed(f"{by.full_name} may not change what members may send")
        # Telegram tells bots nothing of it.
        chat.forbidden = {name for name in SENDING if name in params.values and not params.flag(name)}
        return group_json(sandbox, chat)

    async def restrict(request: Request) -> Json:
        chat, params, by, actor = await acted(request)
        user = subject(params)
        member = member_named(chat, user)
        if not actor.may("can_restrict_members") or member.status == "creator":
            raise not_allowed(f"{by.full_name} may not restrict them")
        barred = {name: False for name in SENDING if name in params.values and not params.flag(name)}
        standing(sandbox, chat, user, "restricted" if barred else "member", by=by, rights=barred)
        return group_json(sandbox, chat)

    async def delete_group(request: Request) -> Json:
        chat, _, _, actor = await acted(request)
        if actor.status != "creator":
            raise not_allowed("only the owner deletes a group")
        chat.deleted = True
        for member in chat.members.values():
            if member.user is not sandbox.bot:
                member.status = "left"
                sandbox.events.emit("chats", member.user.id)
        return {}

    async def post_join(request: Request) -> Json:
        user = user_named(sandbox, request.path_params["uid"])
        chat, link = find_link(sandbox, str(required(await body_of(request), "link")))
        if chat.member(user.id):
            return {"result": "joined"}
        standing_now = chat.members.get(user.id)
        if standing_now and standing_now.status == "kicked":
            raise not_allowed(f"{user.full_name} was removed from {chat.title}")
        expired = link.expire_date and link.expire_date <= sandbox.clock.timestamp()
        if link.is_revoked or expired or (link.member_limit and link.joined >= link.member_limit):
            raise bad_input("the invite link has expired")
        if link.creates_join_request:
            ask_to_join(sandbox, chat, user, link)
            return {"result": "requested"}
        join(sandbox, chat, user, by=user, link=link)
        return {"result": "joined"}

    async def post_leave(request: Request) -> Json:
        user = user_named(sandbox, request.path_params["uid"])
        chat = group_named(sandbox, required(await body_of(request), "chat"))
        member_named(chat, user)
        leave(sandbox, chat, user, by=user, status="left")
        return {}

    return [
        Route("/sandbox/groups", answering(post_group), methods=["POST"]),
        Route("/sandbox/groups/{gid}/members", answering(members), methods=["POST"]),
        Route("/sandbox/groups/{gid}/promote", answering(promote), methods=["POST"]),
        Route("/sandbox/groups/{gid}/remove", answering(remove), methods=["POST"]),
        Route("/sandbox/groups/{gid}/migrate", answering(post_migrate), methods=["POST"]),
        Route("/sandbox/groups/{gid}/title", answering(post_title), methods=["POST"]),
        Route("/sandbox/groups/{gid}/permissions", answering(permissions), methods=["POST"]),
        Route("/sandbox/groups/{gid}/restrict", answering(restrict), methods=["POST"]),
        Route("/sandbox/groups/{gid}/delete", answering(delete_group), methods=["POST"]),
        Route("/sandbox/groups/{gid}/topics/{thread}/close", answering(close_topic), methods=["POST"]),
        Route("/sandbox/groups/{gid}/topics", answering(post_topic), methods=["POST"]),
        Route("/sandbox/groups/{gid}/topics/{thread}", answering(drop_topic), methods=["DELETE"]),
        Route("/sandbox/users/{uid}/join", answering(post_join), methods=["POST"]),
        Route("/sandbox/users/{uid}/leave", answering(post_leave), methods=["POST"]),
    ]
