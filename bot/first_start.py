"""What every start makes sure of: the defaults, the current term, the commands that Telegram shows, and a way in for the office."""

from __future__ import annotations

from collections.abc import Callable

from handlers.circle_commands import GROUP_COMMANDS
from handlers.post import Post
from handlers.texts import t
from models.defaults import seed_defaults
from models.links import issue_link
from models.people import Role, people_with
from models.terms import seed_term
from models.turns import take_turn


async def make_ready(post: Post, announce: Callable[[str], None]) -> None:
    """``announce`` is given the one-time link for the office while nobody of the office is known."""
    policy = post.policy
    await take_turn(post.session, alone=True)  # several may start at the same moment
    await seed_defaults(post.session)
    await seed_term(post.session, policy, now=post.now)
    for language in policy.languages:
        commands = [("start", post.texts.say(t("menu.start"), language))]
        await post.call("setMyCommands", {"commands": commands, "language_code": language.split("_")[0]})
    for language, code in [(policy.languages[0], ""), *((each, each.split("_")[0]) for each in policy.languages)]:
        listed = [(name, post.texts.say(t(f"life.command.{name}"), language)) for name in GROUP_COMMANDS]
        params = {"commands": listed, "scope": {"type": "all_group_chats"}, **({"language_code": code} if code else {})}
        await post.call("setMyCommands", params)
    if not await people_with(post.session, Role.OFFICE):
        secret = await issue_link(post.session, None, lifetime=policy.link_lifetime, now=post.now)
        announce(post.texts.say(t("start.office_link", link=post.deep_link(f"p_{secret}")), policy.languages[0]))
