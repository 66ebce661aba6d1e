"""A short answer for the constituent, in plain words: drafted, reworded by the deputy, forwarded or sent to the mailbox."""

from __future__ import annotations

from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.keyboards import Button
from handlers.long_texts import shortened
from handlers.mailbox_news import send_last_answer
from handlers.outcome_presses import AnswerDo, ConstituentPress
from handlers.pieces import words_of
from handlers.post import Post
from handlers.texts import t
from models.area_tasks import AreaTaskState, area_at_work, last_task
from models.audit import record
from models.forms import close_form, form_of, open_form
from models.issues import ClosedAs
from models.mailbox_answering import letters_of_issue
from models.outcomes import Outcome, outcome_by_id, require_in_charge
from models.remarks import remarks_of
from models.rules import RuleBroken

FORM = "constituent"
OPINION_SHOWN, REPORT_SHOWN = 500, 500


async def offer_answer(post: Post, outcome: Outcome, *, afresh: bool = False) -> None:
    """The text alone in one message, so that it can be forwarded as it is; above it what can be done with it."""
    reader, issue = outcome.decided_by, outcome.issue
    from_mailbox = bool(await letters_of_issue(post.session, issue))
    edit = Button(t("outcome.do.edit"), ConstituentPress(outcome.id, AnswerDo.EDIT))
    send = [Button(t("outcome.do.send"), ConstituentPress(outcome.id, AnswerDo.SEND))] if from_mailbox else []
    await post.card(
        f"answer:{outcome.id}",
        reader,
        "outcomes/answer_hint",
        keyboard=[[edit, *send]],
        subject=f"issue:{issue.id}",
        afresh=afresh,
        issue=issue,
        from_mailbox=from_mailbox,
    )
    text = await answer_text(post, outcome)
    await post.card(f"answertext:{outcome.id}", reader, "outcomes/answer", subject=f"issue:{issue.id}", afresh=afresh, text=text)


async def answer_text(post: Post, outcome: Outcome) -> str:
    """The deputy's own words, or the drafted ones. No name of anybody who advised stands in these."""
    if outcome.answer:
        return outcome.answer
    issue, language = outcome.issue, outcome.decided_by.language
    if outcome.closed_as is ClosedAs.OUT_OF_SCOPE and outcome.address is not None:
        return post.texts.say(t(f"outcome.constituent_{outcome.address}", issue=issue.number), language)
    if outcome.closed_as is ClosedAs.HANDED_TO_AREA:
        task = await last_task(post.session, issue)
        if task is not None and task.state is AreaTaskState.DONE:
            area = await area_at_work(post.session, task)
            by = area.name if area is not None else post.policy.home_name
            done = shortened(issue.covered(task.report_text), REPORT_SHOWN)
            return post.texts.say(t("outcome.constituent_area_done", issue=issue.number, area=by, done=done), language)
    opinions = [remark.text for remark in await remarks_of(post.session, issue) if remark.is_opinion and remark.text]
    if outcome.closed_as is ClosedAs.ANSWERED and opinions:
        advice = shortened(opinions[-1], OPINION_SHOWN)
        return post.texts.say(t("outcome.constituent_advised", issue=issue.number, advice=advice), language)
    return post.texts.say(t(f"outcome.constituent_{outcome.closed_as}", issue=issue.number), language)


async def press(update: Update, context: HomeContext) -> None:
    """Other words, or off to whoever wrote to the mailbox."""
    pressed = ConstituentPress.unpack(context.pressed)
    outcome = await outcome_by_id(context.session, pressed.outcome_id)
    require_in_charge(outcome.issue, context.person)
    if pressed.do is AnswerDo.EDIT:
        await open_form(context.session, context.person.id, FORM, "text", now=context.now, outcome=outcome.id)
        await context.reply("outcomes/ask_answer", issue=outcome.issue)
        return
    letters = await letters_of_issue(context.session, outcome.issue)
    text = await answer_text(context.post, outcome)
    sent = [await send_last_answer(context.post, letter, text) for letter in letters]
    key = "sent_toast" if any(sent) else "sent_before_toast" if letters else "no_letter_toast"
    await context.toast(t(f"outcome.{key}"), alert=True)


async def take_words(update: Update, context: HomeContext) -> None:
    """The deputy's own words. They come back alone, to be forwarded."""
    form, message = await form_of(context.session, context.person.id, FORM), update.message
    words = words_of(message)
    if form is None:
        return
    if not words or words.startswith("/"):
        await context.reply("plain", text=t("outcome.answer_in_words"))
        return
    try:
        outcome = await outcome_by_id(context.session, int(form.data["outcome"]))
        require_in_charge(outcome.issue, context.person)
        outcome.reword(words)
    except RuleBroken as refusal:
        if refusal.key != "outcome.answer_too_long":
            await close_form(context.session, context.person.id)
        await context.refuse(refusal)
        return
    await close_form(context.session, context.person.id)
    outcome.decided_by = context.person
    record(context.session, context.person, "issue.answer_reworded", f"issue:{outcome.issue_id}", now=context.now)
    await offer_answer(context.post, outcome, afresh=True)


JOURNEY = Journey(presses={ConstituentPress: press}, forms={FORM: take_words})
