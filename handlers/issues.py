"""One issue in the hands of its home deputy: its card, reopening, withdrawing, trying another specialty."""

from __future__ import annotations

from telegram import Update

from handlers.closing import ask_for_outcome
from handlers.context import HomeContext
from handlers.draft_card import specialty_by_id
from handlers.issue_cards import office_buttons, office_view, show_home_card
from handlers.issue_endings import say_it_is_over, say_it_lives
from handlers.issue_presses import IssueDo, IssuePress, RedirectPress
from handlers.issue_sharing import file_came, pass_on, share_in_circle
from handlers.issue_thread import open_answer
from handlers.issue_views import show_issue
from handlers.journey import Journey
from handlers.keyboards import Button, rows
from handlers.taking_back import take_back
from handlers.texts import t
from models.audit import record
from models.issues import Issue, issue_by_id
from models.outcomes import require_in_charge
from models.remarks import reopen
from models.route_log import erase_routes
from models.routing import propose_specialties, settle_route
from models.rules import Gone


async def press(update: Update, context: HomeContext) -> None:
    """A button of a numbered issue."""
    pressed = IssuePress.unpack(context.pressed)
    issue = await issue_by_id(context.session, pressed.issue_id)
    if pressed.do is IssueDo.OPEN:
        await show_issue(context, issue)
        return
    if pressed.do is IssueDo.REOPEN:
        await _reopen(context, issue)
        return
    issue.require_home(context.person)
    if issue.number is None:
        raise Gone
    if pressed.do is not IssueDo.BACK:
        issue.require_live()
    await _do(context, issue, pressed.do)


async def _do(context: HomeContext, issue: Issue, do: IssueDo) -> None:
    back = Button(t("issue.do.back"), IssuePress(issue.id, IssueDo.BACK))
    if do is IssueDo.REPLY:
        await open_answer(context, issue, None)
    elif do is IssueDo.CLOSE:
        await ask_for_outcome(context, issue)
    elif do is IssueDo.WITHDRAW:
        sure = Button(t("issue.do.withdraw_sure"), IssuePress(issue.id, IssueDo.WITHDRAW_SURE))
        await show_home_card(context.post, issue, keyboard=[[sure, back]])
    elif do is IssueDo.WITHDRAW_SURE:
        issue.withdraw(now=context.now)
        await erase_routes(context.session, issue, now=context.now)
        record(context.session, context.person, "issue.withdrawn", f"issue:{issue.id}", now=context.now)
        await take_back(context.post, issue)
        await say_it_is_over(context.post, issue, context.person)
    elif do is IssueDo.REDIRECT:
        proposals = await propose_specialties(context.session, issue.shared_text)
        ways = [Button(p.specialty.name, RedirectPress(issue.id, p.specialty.id)) for p in proposals]
        await show_home_card(context.post, issue, keyboard=[*rows(ways, 2), [back]])
    else:
        await show_home_card(context.post, issue)


async def _reopen(context: HomeContext, issue: Issue) -> None:
    require_in_charge(issue, context.person)
    await reopen(context.session, issue, context.person, now=context.now)
    await say_it_lives(context.post, issue)
    await pass_on(context.post, issue, None)
    if not issue.deputy.serves:
        await context.show("outcomes/left_behind", keyboard=[office_buttons(issue)], **await office_view(context.post, issue))


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
    await settle_route(context.session, issue, specialty, now=context.now)
    await context.session.flush()
    await share_in_circle(context.post, issue, anew=True)
    await pass_on(context.post, issue, None)


JOURNEY = Journey(
    presses={IssuePress: press, RedirectPress: redirect},
    outcomes={"piece": file_came},
)
