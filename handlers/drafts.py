"""Drafts: what was gathered leaves only by the deputy's own tap."""

from __future__ import annotations

from telegram import Update

from handlers.alike import came_in
from handlers.context import HomeContext
from handlers.draft_card import ask_to_discard, show_draft, show_long_text, specialty_by_id
from handlers.draft_masking import leave_form
from handlers.draft_waiting import show_next_draft
from handlers.issue_presses import DraftDo, DraftPress
from handlers.issue_sharing import share_first
from handlers.journey import Journey
from handlers.like_issues import show_likes
from handlers.mailbox_news import Happening, tell_constituent
from handlers.texts import t
from models.draft_contents import turn_sharing_of_all
from models.drafts import DraftChanged, confirm_draft, discard_draft
from models.issues import Issue, issue_by_id
from models.routing import settle_route
from models.rules import Gone


async def press(update: Update, context: HomeContext) -> None:
    """A button of the draft's card."""
    pressed = DraftPress.unpack(context.pressed)
    issue = await issue_by_id(context.session, pressed.issue_id)
    issue.require_home(context.person)
    issue.require_draft()
    issue.worked_at = context.now
    await leave_form(context)
    await _do(context, issue, pressed)


async def _do(context: HomeContext, issue: Issue, pressed: DraftPress) -> None:
    if pressed.do is DraftDo.CONFIRM:
        await _confirm(context, issue, pressed)
    elif pressed.do is DraftDo.PICK:
        await _pick(context, issue, pressed.which)
    elif pressed.do is DraftDo.DISCARD:
        await ask_to_discard(context.post, issue)
    elif pressed.do is DraftDo.DISCARD_SURE:
        await discard_draft(context.session, issue, context.person, now=context.now)
        await context.post.card(f"issue:{issue.id}", issue.deputy, "plain", text=t("issue.discarded"))
        await tell_constituent(context.post, issue, Happening.WITHDRAWN)
        await show_next_draft(context.post, context.person)
    elif pressed.do is DraftDo.ATTACH:
        if pressed.version == issue.version:
            turn_sharing_of_all(issue)
        await show_draft(context.post, issue)
    elif pressed.do is DraftDo.CONTINUE:
        await show_draft(context.post, issue)
    elif pressed.do is DraftDo.WHOLE:
        await show_draft(context.post, issue, afresh=await show_long_text(context.post, issue))
    else:
        issue.choose(None)
        await show_draft(context.post, issue, every=pressed.do is DraftDo.ALL)


async def _pick(context: HomeContext, issue: Issue, specialty_id: int) -> None:
    specialty = await specialty_by_id(context.post, specialty_id)
    if specialty is None:
        raise Gone
    issue.choose(specialty)
    await context.session.flush()
    await show_likes(context.post, issue, only_new=True)
    told = await show_long_text(context.post, issue)
    await show_draft(context.post, issue, afresh=told)


async def _confirm(context: HomeContext, issue: Issue, pressed: DraftPress) -> None:
    if issue.specialty is None or issue.version != pressed.version:
        await context.toast(t(DraftChanged.key), alert=True)
        await show_draft(context.post, issue)
        return
    await confirm_draft(context.session, issue, context.person, seen=pressed.version, timezone=context.policy.timezone, now=context.now)
    await settle_route(context.session, issue, issue.specialty, now=context.now)
    await show_likes(context.post, issue, only_new=True)
    await share_first(context.post, issue, preferred=pressed.which)
    await came_in(context.post, issue)
    await tell_constituent(context.post, issue, Happening.CONFIRMED)
    await context.toast(t("issue.shared_toast", number=issue.number))
    await show_next_draft(context.post, context.person)


JOURNEY = Journey(presses={DraftPress: press})
