"""An issue has ended, or lives again: whoever was asked or advised hears of it, and every card shows it."""

from __future__ import annotations

from handlers.area_card import show_task, tell_task_void
from handlers.issue_cards import show_home_card
from handlers.issue_circle_card import show_circle_card
from handlers.mailbox_news import Happening, tell_constituent
from handlers.nobody_left import refresh_nobody_left
from handlers.offer_card import show_offer
from handlers.post import Post
from models.area_tasks import last_task, void_task
from models.issues import Issue, IssueState
from models.people import Person
from models.referrals import end_offers, referrals_of
from models.remarks import advisers_of, remarks_of


async def say_it_is_over(post: Post, issue: Issue, by: Person) -> None:
    """The issue is closed or withdrawn: offers end, an area need not go on, those who advised are thanked."""
    advisers = await advisers_of(post.session, issue)
    spoke = {remark.author_id for remark in await remarks_of(post.session, issue)}
    await end_offers(post.session, issue, now=post.now)
    task = await void_task(post.session, issue, by, now=post.now)
    for adviser in advisers:
        await post.tell(adviser, "issues/over", subject=f"issue:{issue.id}", issue=issue, thanks=adviser.id in spoke)
    if task is not None:
        await tell_task_void(post, task)
    await show_everywhere(post, issue)
    await tell_constituent(post, issue, Happening.WITHDRAWN if issue.state is IssueState.WITHDRAWN else Happening.CLOSED)


async def say_it_lives(post: Post, issue: Issue) -> None:
    """The issue was reopened."""
    for adviser in await advisers_of(post.session, issue):
        await post.tell(adviser, "issues/reopened", subject=f"issue:{issue.id}", issue=issue)
    await show_everywhere(post, issue)
    await tell_constituent(post, issue, Happening.REOPENED)


async def show_everywhere(post: Post, issue: Issue) -> None:
    """Every card of the issue, as it stands now."""
    await show_home_card(post, issue)
    await show_circle_card(post, issue)
    for referral in await referrals_of(post.session, issue):
        await show_offer(post, referral)
    task = await last_task(post.session, issue)
    if task is not None:
        await show_task(post, task)
    await refresh_nobody_left(post, issue)
