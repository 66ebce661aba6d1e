"""An area's part: its staff take an issue on, gather what they did as texts and pictures, and send it to the home deputy."""

from __future__ import annotations

from datetime import timedelta

from telegram import Update

from handlers.area_card import TASK_TEXT, copy_report, readers_of_report, show_report, show_task
from handlers.context import HomeContext
from handlers.draft_card import GATHERING
from handlers.issue_cards import show_home_card, title_of
from handlers.issue_circle_card import show_circle_card
from handlers.issue_places import shared_subject
from handlers.issue_sharing import share_attachments
from handlers.journey import Due, Entry, Journey
from handlers.keyboards import Button
from handlers.long_texts import in_parts, length_of
from handlers.menu import BACK_TO_MENU
from handlers.offer_card import show_offer
from handlers.outcome_presses import TaskDo, TaskPress, TasksPress
from handlers.paging import turns
from handlers.pieces import read_message
from handlers.post import Post
from handlers.texts import t
from models.area_chasing import holder_has_left, next_task_due, note_reminded, release, tasks_due
from models.area_tasks import (
    WITH_AREA,
    AreaTask,
    AreaTaskState,
    ReportPiece,
    accept_task,
    add_to_report,
    area_at_work,
    hand_to_area,
    report_piece_at,
    require_holder,
    require_staff,
    staff_for,
    submit_report,
    task_by_id,
    tasks_of,
)
from models.forms import close_form, form_of, open_form
from models.issues import Issue
from models.people import Role, people_with
from models.referrals import end_offers
from models.rules import RuleBroken

FORM = "area_report"
PAGE = 10


async def hand_over(context: HomeContext, issue: Issue) -> None:
    """Give the issue to its area; specialists who have not answered need not any more. It stays open until the area has reported."""
    post = context.post
    task = await hand_to_area(context.session, issue, context.person, context.policy, now=context.now)
    for referral in await end_offers(context.session, issue, now=context.now):
        await show_offer(post, referral)
    await bring_task(post, task)
    await show_home_card(post, issue)
    await show_circle_card(post, issue)
    await context.toast(t("area.handed_toast"))
    area = await area_at_work(post.session, task)
    await post.tell(context.person, "outcomes/handed_hint", issue=issue, task=task, area=area)
    key = "outcome.constituent_handed_to_area" if area is not None else "outcome.constituent_handed_to_office"
    text = post.texts.say(t(key, issue=issue.number), context.language)
    await post.tell(context.person, "outcomes/answer", subject=f"issue:{issue.id}", text=text)


async def bring_task(post: Post, task: AreaTask) -> None:
    """The whole text where the card has no room for it, the attachments, then the card."""
    issue = task.issue
    parts = in_parts(issue.shared_text) if length_of(issue.shared_text) > TASK_TEXT else []
    for person in await staff_for(post.session, task):
        for number, part in enumerate(parts, start=1):
            await post.tell(
                person, "issues/whole_text", subject=shared_subject(issue), issue=issue, part=part, number=number, parts=len(parts)
            )
        await share_attachments(post, issue, person)
    await show_task(post, task, afresh=True)


async def list_tasks(update: Update, context: HomeContext) -> None:
    """``/area_tasks``: what waits for the area, or for all areas."""
    await _show_page(context, 0)


async def turn_page(update: Update, context: HomeContext) -> None:
    await _show_page(context, max(TasksPress.unpack(context.pressed).page, 0))


async def _show_page(context: HomeContext, page: int) -> None:
    context.person.require(Role.AREA_STAFF, Role.OFFICE)
    found = await tasks_of(context.session, context.person, offset=page * PAGE, limit=PAGE + 1)
    tasks = found[:PAGE]
    buttons = [[Button(title_of(task.issue, context.post, context.person), TaskPress(task.id, TaskDo.OPEN))] for task in tasks]
    await context.show(
        "outcomes/area_tasks", keyboard=[*buttons, turns(page, TasksPress, more=len(found) > PAGE), [BACK_TO_MENU]], tasks=tasks
    )


async def press(update: Update, context: HomeContext) -> None:
    """A button of the task's card."""
    pressed = TaskPress.unpack(context.pressed)
    task, person = await task_by_id(context.session, pressed.task_id), context.person
    if pressed.do is TaskDo.OPEN:
        if not person.has(Role.OFFICE):
            await require_staff(context.session, task, person)
        await show_task(context.post, task, afresh=True, only=person)
    elif pressed.do is TaskDo.ACCEPT:
        await _accept(context, task)
    elif pressed.do is TaskDo.SUBMIT:
        await _submit(context, task)
    else:
        require_holder(task, person)
        if pressed.do is TaskDo.CLEAR:
            for piece in task.report:
                task.pieces.remove(piece)
            await context.session.flush()
            await show_task(context.post, task)
        await _ask_for_report(context, task)


async def _accept(context: HomeContext, task: AreaTask) -> None:
    if not await accept_task(context.session, task, context.person, now=context.now):
        await show_task(context.post, task, only=context.person)
        return
    await show_task(context.post, task)
    await show_home_card(context.post, task.issue)
    area = await area_at_work(context.session, task)
    for reader in await readers_of_report(context.post, task):
        await context.post.tell(reader, "outcomes/area_accepted", subject=f"issue:{task.issue_id}", task=task, issue=task.issue, area=area)
    await _ask_for_report(context, task)


async def _ask_for_report(context: HomeContext, task: AreaTask) -> None:
    await open_form(context.session, context.person.id, FORM, "gather", now=context.now, task=task.id)
    await context.reply("outcomes/ask_report", issue=task.issue)


async def gather(update: Update, context: HomeContext) -> None:
    """Everything said while the report is open joins it."""
    form, message = await form_of(context.session, context.person.id, FORM), update.message
    if form is None or message is None:
        return
    said = read_message(message)
    if said is None or (said.text.startswith("/") and message.forward_origin is None):
        await context.reply("issues/unsupported")
        return
    if await report_piece_at(context.session, message.chat.id, message.message_id) is not None:
        return
    try:
        task = await task_by_id(context.session, int(form.data["task"]))
        require_holder(task, context.person)
    except RuleBroken as refusal:  # the task is over, or somebody else's: nobody is to be stuck in its form
        await close_form(context.session, context.person.id)
        await context.refuse(refusal)
        return
    piece = ReportPiece(
        round=task.round,
        author_id=context.person.id,
        kind=said.kind,
        text=said.text,
        chat_id=message.chat.id,
        message_id=message.message_id,
        said_at=context.now,
    )
    add_to_report(task, piece)
    form.updated_at = context.now
    await context.session.flush()
    await show_task(context.post, task, afresh=True, wait=GATHERING, only=context.person)


async def _submit(context: HomeContext, task: AreaTask) -> None:
    if task.state is AreaTaskState.REPORTED and task.holder_id == context.person.id:
        return
    await submit_report(context.session, task, context.person, now=context.now)
    form = await form_of(context.session, context.person.id, FORM)
    if form is not None and form.data["task"] == task.id:
        await close_form(context.session, context.person.id)
    await copy_report(context.post, task)
    await show_report(context.post, task, afresh=True)
    await show_task(context.post, task)
    await show_home_card(context.post, task.issue)
    await context.toast(t("area.submitted_toast"))


async def reword(update: Update, context: HomeContext) -> bool:
    """An edited message of the report is edited there too, and its reader sees it, until it has been accepted."""
    message = update.edited_message
    piece = await report_piece_at(context.session, message.chat.id, message.message_id) if message is not None else None
    said = read_message(message) if message is not None else None
    if piece is None or said is None or piece.author_id != context.person.id:
        return False
    task = await task_by_id(context.session, piece.task_id)
    if not task.pending or piece.round != task.round or said.text == piece.text:
        return True
    piece.text = said.text
    await context.session.flush()
    await context.session.refresh(task, ["pieces"])
    await show_task(context.post, task, only=context.person)
    if task.state is AreaTaskState.REPORTED:
        await show_report(context.post, task)
    return True


async def chase(post: Post) -> None:
    """The area is reminded once; after that the office hears of it, again and again. What was left behind is anybody's again."""
    for due in await tasks_due(post.session, now=post.now):
        task = await task_by_id(post.session, due.id)
        if task.state not in WITH_AREA:  # reported while this waited for the lock
            continue
        if holder_has_left(task):
            release(post.session, task, now=post.now)
            await post.session.flush()
            await bring_task(post, task)
        if task.remind_at is None or task.remind_at > post.now:
            continue
        if task.overdue_told == 0:
            for person in [task.holder] if task.holder is not None else await staff_for(post.session, task):
                await post.tell(person, "outcomes/area_reminder", task=task, issue=task.issue)
            await show_task(post, task, afresh=True)
        else:
            area = await area_at_work(post.session, task)
            for person in await people_with(post.session, Role.OFFICE):
                await post.tell(person, "outcomes/area_overdue", task=task, issue=task.issue, deputy=task.issue.deputy, area=area)
        note_reminded(task, post.policy, now=post.now)


JOURNEY = Journey(
    entries=(Entry("area_tasks", list_tasks),),
    presses={TaskPress: press, TasksPress: turn_page},
    forms={FORM: gather},
    patient_forms={FORM: timedelta.max},
    edit_takers=(reword,),
    due=(Due(chase, next_task_due),),
)
