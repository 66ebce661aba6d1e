"""Perhaps it is answered already: the nearest past issues, with their opinions and outcomes, for the deputy who brings a new one."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncSession
from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Due, Journey
from handlers.keyboards import Button, Press
from handlers.long_texts import shortened
from handlers.post import Post
from handlers.texts import t
from models.area_tasks import AreaTaskState, last_task
from models.issues import Issue, IssueState
from models.like_links import IssueLink, Verdict, find_likes, judge, link_for
from models.likeness import not_remembered, remember
from models.outcomes import outcome_of
from models.remarks import remarks_of

LINE, TEXT, OPINION, REPORT, OPINIONS_SHOWN = 32, 1200, 500, 500, 3


class LikeDo(enum.StrEnum):
    OPEN = "open"
    ALIKE = "yes"
    NOT_ALIKE = "no"


@dataclass(frozen=True)
class LikePress(Press):
    prefix: ClassVar[str] = "lk"
    link_id: int
    do: LikeDo


async def show_likes(post: Post, issue: Issue, *, only_new: bool = False) -> None:
    """Show the home deputy up to three like issues; nothing where there is none."""
    text = issue.masked().text if issue.state is IssueState.DRAFT else issue.shared_text
    links = await find_likes(post.session, issue, text, now=post.now)
    if not links or (only_new and all(link.found_at != post.now for link in links)):
        return
    await post.card(
        f"likes:{issue.id}",
        issue.deputy,
        "outcomes/likes",
        keyboard=[[Button(_title(post, link), LikePress(link.id, LikeDo.OPEN))] for link in links],
        links=links,
    )


def _title(post: Post, link: IssueLink) -> str:
    state = post.texts.say(t(f"issue.state.{link.earlier.state}"), link.issue.deputy.language)
    return f"{link.earlier.number} {state} {shortened(link.earlier.shared_text.replace(chr(10), ' '), LINE)}"


async def press(update: Update, context: HomeContext) -> None:
    """Open one: what was shared, advised and decided, and no more; or say whether it is alike."""
    pressed = LikePress.unpack(context.pressed)
    link = await link_for(context.session, pressed.link_id, context.person)
    if pressed.do is LikeDo.OPEN:
        await _open(context, link)
        return
    verdict = Verdict.ALIKE if pressed.do is LikeDo.ALIKE else Verdict.NOT_ALIKE
    judge(context.session, link, context.person, verdict, now=context.now)
    await context.toast(t(f"like.toast_{verdict}"))


async def _open(context: HomeContext, link: IssueLink) -> None:
    session, issue = context.session, link.earlier
    opinions = [remark for remark in await remarks_of(session, issue) if remark.is_opinion and remark.text]
    task, outcome = await last_task(session, issue), await outcome_of(session, issue)
    done = task.report_text if task is not None and task.state is AreaTaskState.DONE else ""
    buttons = [Button(t(f"like.do.{do.name.lower()}"), LikePress(link.id, do)) for do in (LikeDo.ALIKE, LikeDo.NOT_ALIKE)]
    await context.reply(
        "outcomes/like",
        keyboard=[buttons],
        issue=issue,
        text=shortened(issue.shared_text, TEXT),
        opinions=[(remark, shortened(remark.text, OPINION)) for remark in opinions[-OPINIONS_SHOWN:]],
        address=outcome.address if outcome is not None else None,
        done=shortened(issue.covered(done), REPORT),
    )


async def remember_rest(post: Post) -> None:
    """What was shared before there was a search is made findable."""
    for issue in await not_remembered(post.session):
        await remember(post.session, issue)


async def next_to_remember(session: AsyncSession) -> datetime | None:
    waiting = await not_remembered(session, limit=1)
    return waiting[0].created_at if waiting else None


JOURNEY = Journey(presses={LikePress: press}, due=(Due(remember_rest, next_to_remember),))
