"""What the area did comes to the home deputy: accepted, the issue closes; sent back, the area goes on. It can be taken back at any time."""

from __future__ import annotations

from telegram import Update

from handlers.area_card import show_report, show_task, tell_task_void
from handlers.closing import close_issue
from handlers.context import HomeContext
from handlers.issue_cards import show_home_card
from handlers.issue_sharing import pass_on
from handlers.journey import Journey
from handlers.outcome_presses import ReportDo, ReportPress
from handlers.pieces import words_of
from handlers.texts import t
from models.area_tasks import AreaTask, AreaTaskState, finish_task, send_back, task_by_id, void_task
from models.forms import close_form, form_of, open_form
from models.issues import ClosedAs
from models.outcomes import require_in_charge
from models.rules import Gone, RuleBroken

FORM = "area_back"
REASON_LIMIT = 500


async def press(update: Update, context: HomeContext) -> None:
    """The home deputy's buttons."""
    pressed = ReportPress.unpack(context.pressed)
    task = await task_by_id(context.session, pressed.task_id)
    require_in_charge(task.issue, context.person)
    if pressed.do is ReportDo.TAKE_BACK:
        await _take_back(context, task)
        return
    if task.state is not AreaTaskState.REPORTED or task.round != pressed.round:
        raise Gone
    if pressed.do is ReportDo.SEND_BACK:
        await open_form(context.session, context.person.id, FORM, "reason", now=context.now, task=task.id, round=task.round)
        await context.reply("outcomes/ask_back", issue=task.issue)
        return
    finish_task(context.session, task, context.person, now=context.now)
    await context.session.flush()
    await show_report(context.post, task)
    await close_issue(context, task.issue, ClosedAs.HANDED_TO_AREA)


async def _take_back(context: HomeContext, task: AreaTask) -> None:
    if await void_task(context.session, task.issue, context.person, now=context.now) is None:
        raise Gone
    await tell_task_void(context.post, task)
    await pass_on(context.post, task.issue, None)
    await context.toast(t("area.void_toast"))


async def take_reason(update: Update, context: HomeContext) -> None:
    """What is still missing, in the deputy's words; who the constituent is stays covered."""
    form, message = await form_of(context.session, context.person.id, FORM), update.message
    words = words_of(message)
    if form is None:
        return
    if not words or words.startswith("/") or len(words) > REASON_LIMIT:
        await context.reply("plain", text=t("area.back_in_words", limit=REASON_LIMIT))
        return
    data = dict(form.data)
    await close_form(context.session, context.person.id)
    try:
        task = await task_by_id(context.session, int(data["task"]))
        if task.round != data["round"]:
            raise Gone
        await send_back(context.session, task, context.person, task.issue.covered(words), context.policy, now=context.now)
    except RuleBroken as refusal:
        await context.refuse(refusal)
        return
    await show_report(context.post, task)
    await show_task(context.post, task, afresh=True)
    await show_home_card(context.post, task.issue)
    await context.reply("plain", text=t("area.sent_back"))


JOURNEY = Journey(presses={ReportPress: press}, forms={FORM: take_reason})
