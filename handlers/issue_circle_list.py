"""``/circle`` in a circle's group: its issues that are not over. All of it is covered text that stands in the group already."""

from __future__ import annotations

from sqlalchemy import func, select
from telegram import Update

from handlers.circle_commands import circle_here, command_in, links_to_cards
from handlers.context import HomeContext
from handlers.issue_lists import show_list
from handlers.journey import Journey
from handlers.keyboards import Button
from handlers.long_texts import shortened
from handlers.post import Place
from handlers.texts import t
from models.issue_reading import Scope, Selection, age_of, of_specialties
from models.issues import LIVE, Issue

LISTED, TEXT = 12, 40


async def list_circle(update: Update, context: HomeContext) -> bool:
    """Say the list in the group, in the Home's first language, with a way into the private chat where each can be opened."""
    command = command_in(update, context)
    if command is None or command.name != "circle":
        return False
    circle = await circle_here(context)
    if circle is None:
        return True
    here = context.here
    live = [Issue.state.in_(LIVE), of_specialties([specialty.id for specialty in circle.specialties])]
    issues = (await context.session.scalars(select(Issue).where(*live).order_by(Issue.id.desc()).limit(LISTED))).all()
    await context.post.tell(
        Place(here.chat_id, context.policy.languages[0], here.thread_id),
        "views/circle",
        keyboard=[[Button(t("views.do.in_private"), context.post.deep_link("v_circle"))]],
        circle=circle.name,
        links=await links_to_cards(context.post, circle, issues),
        total=await context.session.scalar(select(func.count()).select_from(Issue).where(*live)) or 0,
        issues=[
            (issue, t(f"views.age.{age_of(issue, now=context.now).name.lower()}"), shortened(" ".join(issue.shared_text.split()), TEXT))
            for issue in issues
        ],
    )
    return True


async def open_in_private(update: Update, context: HomeContext, payload: str) -> None:
    """The list of one's circles, from the group's button. Raises NotAllowed."""
    await show_list(context, Selection(Scope.CIRCLE))


JOURNEY = Journey(group_takers=(list_circle,), starts={"v": open_in_private})
