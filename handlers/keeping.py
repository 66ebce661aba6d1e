"""Retention as due work: each kind of data by its own piece of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.journey import Due, Journey
from handlers.post import Post
from handlers.texts import t
from models.outbox import Lane
from models.retention import (
    drafts_to_forget,
    forget_draft,
    forget_old_identities,
    forget_sent_bodies,
    forget_strangers,
    forget_unfinished,
)


async def forget_identities(post: Post) -> None:
    await forget_old_identities(post.session, post.policy, now=post.now)


async def forget_bodies(post: Post) -> None:
    await forget_sent_bodies(post.session, post.policy, now=post.now)


async def forget_passers_by(post: Post) -> None:
    await forget_strangers(post.session, post.policy, now=post.now)
    await forget_unfinished(post.session, post.policy, now=post.now)


async def forget_drafts(post: Post) -> None:
    """The deputy was asked about it long before; now one line says that it is gone."""
    for issue in await drafts_to_forget(post.session, post.policy, now=post.now):
        if await forget_draft(post.session, issue, now=post.now) and issue.deputy.active:
            text = t("privacy.draft_forgotten", days=post.policy.keep_drafts.days)
            await post.card(f"issue:{issue.id}", issue.deputy, "plain", lane=Lane.NOTICE, text=text)


async def _unnoticed(session: AsyncSession) -> datetime | None:
    """Nobody waits for anything to be forgotten."""
    return None


JOURNEY = Journey(due=tuple(Due(work, _unnoticed) for work in (forget_identities, forget_bodies, forget_passers_by, forget_drafts)))
