"""Closing an issue with an outcome: answered, handed to the area, made into a suggestion draft, or shown the right address."""

from __future__ import annotations

from telegram import Update

from handlers.advice_rating import ask_for_rating
from handlers.area_tasks import hand_over
from handlers.constituent_answer import offer_answer
from handlers.context import HomeContext
from handlers.issue_cards import issue_key, office_buttons, office_view, show_home_card
from handlers.issue_endings import say_it_is_over
from handlers.issue_presses import ClosePress, IssueDo, IssuePress
from handlers.journey import Journey
from handlers.keyboards import Button, Keyboard, rows
from handlers.outcome_presses import AddressPress, HandoverDo, HandoverPress
from handlers.suggestion_draft import begin_draft
from handlers.texts import t
from models.issues import ClosedAs, Issue, issue_by_id
from models.outbox import card_at
from models.outcomes import Address, decide_outcome, require_in_charge
from models.rules import Gone


async def ask_for_outcome(context: HomeContext, issue: Issue) -> None:
    """Show the ways to close it, where the deputy looks."""
    ways = [Button(t(f"issue.closed_as.{way}"), ClosePress(issue.id, way)) for way in ClosedAs if _possible(issue, way)]
    await _show_choice(context, issue, [*rows(ways, 2), [_back(issue)]])


async def choose(update: Update, context: HomeContext) -> None:
    """An outcome was chosen. One that needs an address or the area's word does not close it yet."""
    pressed = ClosePress.unpack(context.pressed)
    issue = await issue_by_id(context.session, pressed.issue_id)
    require_in_charge(issue, context.person)
    issue.require_live()
    if not _possible(issue, pressed.closed_as):
        raise Gone
    if pressed.closed_as is ClosedAs.HANDED_TO_AREA:
        await hand_over(context, issue)
    elif pressed.closed_as is ClosedAs.OUT_OF_SCOPE:
        addresses = [Button(t(f"outcome.address.{address}"), AddressPress(issue.id, address)) for address in Address]
        await _show_choice(context, issue, [*rows(addresses, 2), [_back(issue)]])
    else:
        await close_issue(context, issue, pressed.closed_as)


async def choose_address(update: Update, context: HomeContext) -> None:
    """It is not for deputies to settle, and here is who can."""
    pressed = AddressPress.unpack(context.pressed)
    issue = await issue_by_id(context.session, pressed.issue_id)
    await close_issue(context, issue, ClosedAs.OUT_OF_SCOPE, pressed.address)


async def close_issue(context: HomeContext, issue: Issue, closed_as: ClosedAs, address: Address | None = None) -> None:
    """Close it, and do all that follows: thanks, the text for the constituent, the suggestion draft, the question how the advice was."""
    post, person = context.post, context.person
    outcome = await decide_outcome(context.session, issue, person, closed_as, address, now=context.now)
    await say_it_is_over(post, issue, person)
    if not issue.deputy.serves:
        await context.show("outcomes/left_behind", keyboard=[office_buttons(issue)], **await office_view(post, issue))
    if closed_as is ClosedAs.SUGGESTION:
        await begin_draft(post, issue)
    await offer_answer(post, outcome)
    await ask_for_rating(post, issue)


def _possible(issue: Issue, way: ClosedAs) -> bool:
    """A suggestion needs a deputy to lead it."""
    return way is not ClosedAs.SUGGESTION or issue.deputy.serves


async def _show_choice(context: HomeContext, issue: Issue, keyboard: Keyboard) -> None:
    """On the home deputy's card, brought to where the deputy looks; for the office, in place."""
    if issue.deputy.serves:
        await show_home_card(context.post, issue, afresh=not await _on_its_card(context, issue), keyboard=keyboard)
    else:
        await context.show("outcomes/left_behind", keyboard=keyboard, **await office_view(context.post, issue))


async def _on_its_card(context: HomeContext, issue: Issue) -> bool:
    """Whether the button stood on the issue's card, rather than under an opinion far below it."""
    query = context.work.update.callback_query
    if query is None or query.message is None:
        return False
    card = await card_at(context.session, query.message.chat.id, query.message.message_id)
    return card is not None and card.key == issue_key(issue)


def _back(issue: Issue) -> Button:
    does = IssuePress(issue.id, IssueDo.BACK) if issue.deputy.serves else HandoverPress(issue.id, HandoverDo.OPEN)
    return Button(t("issue.do.back"), does)


JOURNEY = Journey(presses={ClosePress: choose, AddressPress: choose_address})
