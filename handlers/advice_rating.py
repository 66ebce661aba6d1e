"""How useful was the advice? Asked of the home deputy alone, once an issue is closed; nobody hears the answer."""

from __future__ import annotations

from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button
from handlers.outcome_presses import RatingPress
from handlers.post import Post
from handlers.texts import t
from models.advice_ratings import Usefulness, rate_advice, ratings_of, those_who_spoke
from models.issues import Issue, issue_by_id

RATED_AT_ONCE = 6


async def ask_for_rating(post: Post, issue: Issue) -> None:
    """One card for all who advised; nothing where nobody did."""
    advisers = list(await those_who_spoke(post.session, issue))[:RATED_AT_ONCE]
    if not advisers or not issue.deputy.serves:
        return
    given = await ratings_of(post.session, issue)

    def button(adviser_id: int, name: str, usefulness: Usefulness) -> Button:
        chosen = given.get(adviser_id) is usefulness
        says = post.texts.say(t(f"outcome.rating.{usefulness}"), issue.deputy.language)
        whose = f"{name} " if len(advisers) > 1 and usefulness is Usefulness.USEFUL else ""
        return Button(f"{'✓ ' if chosen else ''}{whose}{says}", RatingPress(issue.id, adviser_id, usefulness))

    await post.card(
        f"rating:{issue.id}",
        issue.deputy,
        "outcomes/rating",
        keyboard=[[button(adviser.id, adviser.name, usefulness) for usefulness in Usefulness] for adviser in advisers],
        issue=issue,
        advisers=advisers,
        rated=all(adviser.id in given for adviser in advisers),
    )


async def rate(update: Update, context: HomeContext) -> None:
    """A tap; the last one counts."""
    pressed = RatingPress.unpack(context.pressed)
    issue = await issue_by_id(context.session, pressed.issue_id)
    await rate_advice(context.session, issue, context.person, pressed.adviser_id, pressed.usefulness, now=context.now)
    await ask_for_rating(context.post, issue)
    await context.toast(t("outcome.rated_toast"))


JOURNEY = Journey(presses={RatingPress: rate})
