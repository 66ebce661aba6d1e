"""One issue as others read it: what was shared and the opinions, nothing to change. Its home deputy gets the own card instead."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.context import HomeContext
from handlers.draft_card import show_draft
from handlers.issue_cards import covered, office_buttons, show_home_card
from handlers.issue_presses import OfferDo, OfferPress, VolunteerPress
from handlers.keyboards import Button
from handlers.long_texts import in_parts, length_of, shortened
from handlers.texts import t
from models.issue_reading import SEES_ALL, concerns, may_read
from models.issues import Issue, IssueState
from models.people import Role
from models.referrals import referral_between, referrals_of
from models.remarks import remarks_of
from models.rules import Gone, NotAllowed

TEXT, REMARK_TEXT = 1200, 280
REMARKS_SHOWN, REFERRALS_SHOWN = 4, 6


async def show_issue(context: HomeContext, issue: Issue, *, whole: Button | None = None, back: Sequence[Button] = ()) -> None:
    """The home deputy's own card moves to the end of the chat; anybody else who may read it gets a view. Raises NotAllowed, Gone."""
    if context.person.id == issue.deputy_id and context.person.serves:
        await _show_own(context, issue)
        return
    if not await may_read(context.session, context.person, issue):
        raise NotAllowed
    everything = context.person.has(*SEES_ALL)
    remarks = [remark for remark in await remarks_of(context.session, issue) if everything or remark.is_opinion]
    referrals = await referrals_of(context.session, issue) if everything else []
    further = [whole] if whole is not None and length_of(issue.shared_text) > TEXT else []
    await context.show(
        "views/issue",
        keyboard=[further, await _ways_in(context, issue), list(back)],
        issue=issue,
        text=shortened(issue.shared_text, TEXT),
        referrals=referrals[-REFERRALS_SHOWN:],
        remarks=[(remark, shortened(covered(issue, remark), REMARK_TEXT)) for remark in remarks[-REMARKS_SHOWN:]],
        more=max(len(remarks) - REMARKS_SHOWN, 0),
    )


async def _show_own(context: HomeContext, issue: Issue) -> None:
    if issue.state is IssueState.DRAFT:
        issue.worked_at = context.now  # from now on this is the one that gathers
        await show_draft(context.post, issue, afresh=True)
    elif issue.number is not None:
        await show_home_card(context.post, issue, afresh=True)
    else:
        raise Gone


async def _ways_in(context: HomeContext, issue: Issue) -> list[Button]:
    """For one who was asked, the offer's card; for one of the circle, to come forward; for the office, what a deputy left behind."""
    if not issue.deputy.serves and context.person.has(Role.OFFICE):
        return office_buttons(issue)
    referral = await referral_between(context.session, issue, context.person)
    if referral is not None:
        return [Button(t("views.do.offer"), OfferPress(referral.id, OfferDo.OPEN))]
    if issue.live and context.person.has(Role.DEPUTY) and await concerns(context.session, context.person, issue):
        return [Button(t("issue.do.volunteer"), VolunteerPress(issue.id))]
    return []


async def show_whole(context: HomeContext, issue: Issue) -> None:
    """All that was shared, in as many messages as it takes."""
    if not await may_read(context.session, context.person, issue):
        raise NotAllowed
    parts = in_parts(issue.shared_text)
    for number, part in enumerate(parts, start=1):
        await context.reply("issues/whole_text", issue=issue, part=part, number=number, parts=len(parts))
