"""The cards of a numbered issue: the home deputy's, and the circle's. Both keep showing the present state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from handlers.circle_place import place_of_circle
from handlers.issue_presses import ClosePress, IssueDo, IssuePress, VolunteerPress
from handlers.keyboards import Button, Keyboard, rows
from handlers.long_texts import shortened
from handlers.post import Place, Post
from handlers.texts import t
from models.circles import circle_of_specialty
from models.issues import ClosedAs, Issue, IssueState
from models.outbox import Card
from models.people import Person
from models.referrals import Referral, ReferralState, referrals_of
from models.remarks import Remark, remarks_of

CIRCLE_TEXT, HOME_TEXT, LIST_TEXT = 2600, 900, 30
REMARKS_SHOWN, REMARK_TEXT, CIRCLE_REMARK_TEXT = 4, 300, 280


def issue_key(issue: Issue) -> str:
    return f"issue:{issue.id}"


async def show_home_card(post: Post, issue: Issue, *, afresh: bool = False, keyboard: Keyboard | None = None) -> None:
    """The home deputy's card: state, who was asked, what was said, and what can be done. None any more for one who has left the roster."""
    if not issue.deputy.active:
        return
    referrals, remarks = await referrals_of(post.session, issue), await remarks_of(post.session, issue)
    await post.card(
        issue_key(issue),
        issue.deputy,
        "issues/home",
        keyboard=home_buttons(issue, referrals, remarks) if keyboard is None else keyboard,
        subject=issue_key(issue),
        afresh=afresh,
        **_seen(issue, referrals, remarks, HOME_TEXT),
    )


def _seen(issue: Issue, referrals: Sequence[Referral], remarks: Sequence[Remark], text_limit: int) -> dict[str, Any]:
    return {
        "issue": issue,
        "referrals": referrals[-8:],
        "remarks": [(remark, shortened(covered(issue, remark), REMARK_TEXT)) for remark in remarks[-REMARKS_SHOWN:]],
        "text": shortened(issue.shared_text, text_limit),
    }


def covered(issue: Issue, remark: Remark) -> str:
    """A remark as anybody else may read it: the home deputy knows who the constituent is, and may have said so."""
    return remark.text if remark.is_opinion else issue.covered(remark.text)


async def office_view(post: Post, issue: Issue) -> dict[str, Any]:
    """What the office sees of an issue: never more than was shared."""
    return _seen(issue, await referrals_of(post.session, issue), await remarks_of(post.session, issue), HOME_TEXT)


def home_buttons(issue: Issue, referrals: Sequence[Referral], remarks: Sequence[Remark]) -> list[list[Button]]:
    def button(do: IssueDo) -> Button:
        return Button(t(f"issue.do.{do.name.lower()}"), IssuePress(issue.id, do))

    if issue.state is IssueState.CLOSED:
        return [[button(IssueDo.REOPEN)]]
    if not issue.live:
        return []
    heard = any(remark.is_opinion for remark in remarks) or any(r.state is ReferralState.ACCEPTED for r in referrals)
    first = [button(IssueDo.REPLY)] if heard else [button(IssueDo.REDIRECT)] if issue.state is IssueState.OPEN else []
    second = [button(IssueDo.WITHDRAW)] if issue.state in (IssueState.OPEN, IssueState.REFERRED) else []
    return [[*first, button(IssueDo.CLOSE)], second]


def closing_buttons(issue: Issue) -> list[list[Button]]:
    ways = [Button(t(f"issue.closed_as.{way}"), ClosePress(issue.id, way)) for way in ClosedAs]
    return [*rows(ways, 2), [Button(t("issue.do.back"), IssuePress(issue.id, IssueDo.BACK))]]


async def show_circle_card(post: Post, issue: Issue, *, anew: bool = False) -> Place | None:
    """The card in the circle of the issue's specialty; None while no group is bound to it.

    Cards in other groups, left from another specialty, go away; ``anew`` sends this one afresh, since topics of one group share a chat.
    """
    circle = await circle_of_specialty(post.session, issue.specialty) if issue.specialty is not None else None
    place = place_of_circle(circle, post.policy.languages[0]) if circle is not None else None
    if anew:
        await _take_away_elsewhere(post, issue, place)
    if place is None:
        return None
    referrals, remarks = await referrals_of(post.session, issue), await remarks_of(post.session, issue)
    keyboard = [[Button(t("issue.do.volunteer"), VolunteerPress(issue.id))]] if issue.live else []
    opinions = [remark for remark in remarks if remark.is_opinion]
    in_circle = [(remark, shortened(remark.text, CIRCLE_REMARK_TEXT)) for remark in opinions if remark.in_circle and remark.text]
    await post.card(
        issue_key(issue),
        place,
        "issues/circle",
        keyboard=keyboard,
        subject=issue_key(issue),
        afresh=anew,
        issue=issue,
        text=shortened(issue.shared_text, CIRCLE_TEXT),
        accepted=[referral.person for referral in referrals if referral.state is ReferralState.ACCEPTED],
        offered=[referral.person for referral in referrals if referral.state is ReferralState.OFFERED],
        advisers=list({remark.author_id: remark.author for remark in opinions}.values()),
        in_circle=in_circle[-3:],
        withdrawn=issue.state is IssueState.WITHDRAWN,
    )
    return place


async def _take_away_elsewhere(post: Post, issue: Issue, place: Place | None) -> None:
    cards = await post.session.scalars(select(Card).where(Card.key == issue_key(issue), Card.chat_id < 0))
    for card in cards:
        if card.message_id is not None and (place is None or card.chat_id != place.chat_id):
            await post.queue(Place(card.chat_id, ""), "deleteMessage", {"message_id": card.message_id})
            card.message_id = None


def title_of(issue: Issue, texts: Post, reader: Person) -> str:
    """One line for a button: number, state, and how it begins."""
    state = texts.texts.say(t(f"issue.state.{issue.state}"), reader.language)
    return f"{issue.number} {state} {shortened(issue.shared_text.replace(chr(10), ' '), LIST_TEXT)}"
