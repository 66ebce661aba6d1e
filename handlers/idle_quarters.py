"""Reminders to groups in which a quarter passed with nothing held."""

from __future__ import annotations

from handlers.keyboards import Button
from handlers.plan_presses import OFFICE, PlanDo, PlanPress
from handlers.post import Post
from handlers.texts import t
from models.idle_quarters import idle_groups, leaders_of, note_idle, quarter_to_review
from models.outbox import Lane
from models.people import DeputyGroup, Role, people_with

GROUPS_NAMED = 40


async def remind_idle(post: Post) -> None:
    """Early in a quarter, each leader of a group that held nothing in the last one; the office of groups whose leader cannot be told."""
    quarter = await quarter_to_review(post.session, post.policy, now=post.now)
    if quarter is None:
        return
    year = post.now.astimezone(post.policy.timezone).year
    leaderless: list[DeputyGroup] = []
    for group in await idle_groups(post.session, quarter, post.policy.timezone):
        leaders = await leaders_of(post.session, group)
        note_idle(post.session, group, quarter, now=post.now)
        keyboard = [[Button(t("plan.do.open"), PlanPress(PlanDo.OPEN, group.id, year))]]
        for leader in leaders:
            await post.tell(
                leader,
                "plans/idle",
                keyboard=keyboard,
                lane=Lane.NOTICE,
                group=group,
                quarter=quarter,
                a_year=post.policy.activities_a_year,
            )
        if not any(leader.telegram_id is not None for leader in leaders):
            leaderless.append(group)
    if leaderless:
        named = [group.name for group in leaderless[:GROUPS_NAMED]]
        for person in await people_with(post.session, Role.OFFICE):
            await post.tell(
                person,
                "plans/idle_leaderless",
                keyboard=[[Button(t("plan.do.all"), PlanPress(PlanDo.ALL, OFFICE, year))]],
                lane=Lane.NOTICE,
                names=named,
                count=len(leaderless),
                quarter=quarter,
            )
