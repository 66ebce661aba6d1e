"""Drafts left lying, and those that wait behind another: the deputy is asked once, and none is forgotten."""

from __future__ import annotations

from handlers.draft_card import TEXT_SHOWN, show_draft
from handlers.issue_presses import DraftDo, DraftPress
from handlers.journey import Due, Journey
from handlers.keyboards import Button
from handlers.long_texts import shortened
from handlers.post import Post
from handlers.texts import t
from models.draft_waiting import drafts_to_ask_about, next_draft_to_ask_about, note_asked
from models.drafts import draft_of
from models.issues import IssueState, issue_by_id
from models.people import Person


async def ask(post: Post) -> None:
    """Go on with the draft, or discard it?"""
    for found in await drafts_to_ask_about(post.session, post.policy, now=post.now):
        issue = await issue_by_id(post.session, found.id)
        if issue.state is not IssueState.DRAFT:  # shared or discarded in this very moment
            continue
        note_asked(issue, now=post.now)
        ways = [(t("desk.do.continue"), DraftDo.CONTINUE), (t("issue.do.discard"), DraftDo.DISCARD)]
        await post.card(
            f"issue:{issue.id}",
            issue.deputy,
            "desk/waits",
            keyboard=[[Button(label, DraftPress(issue.id, do)) for label, do in ways]],
            afresh=True,
            since=issue.worked_at or issue.created_at,
            text=shortened(issue.masked().text, TEXT_SHOWN // 4),
        )


async def show_next_draft(post: Post, deputy: Person) -> None:
    """One draft is done with: the one that waited behind it comes forward."""
    following = await draft_of(post.session, deputy)
    if following is not None and following.pieces:
        following.worked_at = post.now
        await show_draft(post, following, afresh=True)


JOURNEY = Journey(due=(Due(ask, next_draft_to_ask_about),))
