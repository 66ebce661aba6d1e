"""One issue in the hands of its home deputy: its card, closing, reopening, withdrawing, trying another specialty; the office looks on."""

from __future__ import annotations

from telegram import Update

from handlers.context import HomeContext
from handlers.draft_card import specialty_by_id
from handlers.issue_cards import closing_buttons, issue_key, show_home_card
from handlers.issue_circle_card import show_circle_card
from handlers.issue_presses import ClosePress, IssueDo, IssuePress, RedirectPress
from handlers.issue_sharing import file_came, pass_on, share_in_circle
from handlers.issue_thread import open_answer
from handlers.issue_views import show_issue
from handlers.journey import Journey
from handlers.keyboards import Button, rows
from handlers.offer_card import show_offer
from handlers.post import Post
from handlers.texts import t
from models.audit import record
from models.issues import Issue, issue_by_id
from models.outbox import card_at
from models.referrals import end_offers, referrals_of
from models.remarks import advisers_of, remarks_of, reopen
from models.routing import propose_specialties
from models.rules import Gone


async def press(update: Update, context: HomeContext) -> None:
    """A button of a numbered issue."""
    pressed = IssuePress.unpack(context.pressed)
    issue = await issue_by_id(context.session, pressed.issue_id)
    if pressed.do is IssueDo.OPEN:
        await show_issue(context, issue)
        return
    issue.require_home(context.person)
    if issue.number is None:
        raise Gone
    if pressed.do is IssueDo.REOPEN:
        await _reopen(context, issue)
        return
    if pressed.do is not IssueDo.BACK:
        issue.require_live()
    await _do(context, issue, pressed.do)


async def _do(context: HomeContext, issue: Issue, do: IssueDo) -> None:
    back = Button(t("issue.do.back"), IssuePress(issue.id, IssueDo.BACK))
    if do is IssueDo.REPLY:
        await open_answer(context, issue, None)
    elif do is IssueDo.CLOSE:
        await show_home_card(context.post, issue, afresh=not await _on_its_card(context, issue), keyboard=closing_buttons(issue))
    elif do is IssueDo.WITHDRAW:
        sure = Button(t("issue.do.withdraw_sure"), IssuePress(issue.id, IssueDo.WITHDRAW_SURE))
        await show_home_card(context.post, issue, keyboard=[[sure, back]])
    elif do is IssueDo.WITHDRAW_SURE:
        issue.withdraw(now=context.now)
        await _over(context, issue, "issue.withdrawn")
    elif do is IssueDo.REDIRECT:
        proposals = await propose_specialties(context.session, issue.shared_text)
        ways = [Button(p.specialty.name, RedirectPress(issue.id, p.specialty.id)) for p in proposals]
        await show_home_card(context.post, issue, keyboard=[*rows(ways, 2), [back]])
    else:
        await show_home_card(context.post, issue)


async def _on_its_card(context: HomeContext, issue: Issue) -> bool:
    """Whether the button stood on the issue's card, rather than under an opinion far below it."""
    query = context.work.update.callback_query
    if query is None or query.message is None:
        return False
    card = await card_at(context.session, query.message.chat.id, query.message.message_id)
    return card is not None and card.key == issue_key(issue)


async def close(update: Update, context: HomeContext) -> None:
    """Close with an outcome; the deputy gets a text to pass on, and those who advised are thanked."""
    pressed = ClosePress.unpack(context.pressed)
    issue = await issue_by_id(context.session, pressed.issue_id)
    issue.require_home(context.person)
    issue.close(pressed.closed_as, now=context.now)
    await _over(context, issue, "issue.closed")
    await context.post.tell(issue.deputy, "issues/for_constituent_hint", issue=issue)
    await context.post.tell(issue.deputy, "issues/for_constituent", issue=issue, subject=f"issue:{issue.id}")


async def _over(context: HomeContext, issue: Issue, action: str) -> None:
    """Whoever was asked or advised hears that it is over; every card shows it."""
    post = context.post
    details = {"closed_as": issue.closed_as.value} if issue.closed_as is not None else {}
    record(context.session, context.person, action, f"issue:{issue.id}", now=context.now, **details)
    advisers = await advisers_of(context.session, issue)
    spoke = {remark.author_id for remark in await remarks_of(context.session, issue)}
    await end_offers(context.session, issue, now=context.now)
    for adviser in advisers:
        await post.tell(adviser, "issues/over", subject=f"issue:{issue.id}", issue=issue, thanks=adviser.id in spoke)
    await _show_everywhere(post, issue)


async def _reopen(context: HomeContext, issue: Issue) -> None:
    await reopen(context.session, issue, context.person, now=context.now)
    for adviser in await advisers_of(context.session, issue):
        await context.post.tell(adviser, "issues/reopened", subject=f"issue:{issue.id}", issue=issue)
    await _show_everywhere(context.post, issue)
    await pass_on(context.post, issue, None)


async def _show_everywhere(post: Post, issue: Issue) -> None:
    await show_home_card(post, issue)
    await show_circle_card(post, issue)
    for referral in await referrals_of(post.session, issue):
        await show_offer(post, referral)


async def redirect(update: Update, context: HomeContext) -> None:
    """Nobody of the first specialty could help: the deputy tries another."""
    pressed = RedirectPress.unpack(context.pressed)
    issue = await issue_by_id(context.session, pressed.issue_id)
    issue.require_home(context.person)
    specialty = await specialty_by_id(context.post, pressed.specialty_id)
    if specialty is None:
        raise Gone
    issue.redirect(specialty, now=context.now)
    record(context.session, context.person, "issue.redirected", f"issue:{issue.id}", now=context.now, specialty=specialty.name)
    await context.session.flush()
    await share_in_circle(context.post, issue, anew=True)
    await pass_on(context.post, issue, None)


JOURNEY = Journey(
    presses={IssuePress: press, ClosePress: close, RedirectPress: redirect},
    outcomes={"piece": file_came},
)
