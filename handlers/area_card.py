"""An area's task as its staff see it, and what they report as the home deputy sees it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from handlers.issue_cards import show_home_card
from handlers.keyboards import Button, Keyboard
from handlers.long_texts import shortened
from handlers.outcome_presses import ReportDo, ReportPress, TaskDo, TaskPress
from handlers.post import Post
from handlers.texts import t
from models.area_tasks import AreaTask, AreaTaskState, area_at_work, staff_for
from models.issue_pieces import PieceKind
from models.people import Person, Role, people_with
from models.remarks import remarks_of

TASK_TEXT, OPINION_TEXT, OPINIONS_SHOWN, REPORT_TEXT = 1200, 300, 2, 1000


async def show_task(
    post: Post, task: AreaTask, *, afresh: bool = False, wait: timedelta = timedelta(0), only: Person | None = None
) -> None:
    """Show all who may see to it how the task stands; or one of them."""
    issue = task.issue
    opinions = [remark for remark in await remarks_of(post.session, issue) if remark.is_opinion and remark.text][-OPINIONS_SHOWN:]
    staff = await staff_for(post.session, task)
    for person in [only] if only is not None else staff:
        await post.card(
            f"area:{task.id}",
            person,
            "outcomes/area_task",
            keyboard=_staff_buttons(task, person, may_accept=person in staff),
            afresh=afresh,
            wait=wait,
            task=task,
            issue=issue,
            mine=task.holder_id == person.id,
            text=shortened(issue.shared_text, TASK_TEXT),
            opinions=[(remark, shortened(remark.text, OPINION_TEXT)) for remark in opinions],
            report=shortened(task.report_text, REPORT_TEXT),
            counts=Counter(piece.kind.value for piece in task.report),
        )


def _staff_buttons(task: AreaTask, person: Person, *, may_accept: bool) -> Keyboard:
    def button(do: TaskDo) -> Button:
        return Button(t(f"area.do.{do.name.lower()}"), TaskPress(task.id, do))

    if task.state is AreaTaskState.HANDED:
        return [[button(TaskDo.ACCEPT)]] if may_accept else []
    if task.state is AreaTaskState.ACCEPTED and task.holder_id == person.id:
        return [[button(TaskDo.SUBMIT), button(TaskDo.CLEAR)]] if task.report else [[button(TaskDo.REPORT)]]
    return []


async def show_report(post: Post, task: AreaTask, *, afresh: bool = False, keyboard: Keyboard | None = None) -> None:
    """What the area did, for the home deputy, who accepts it or sends it back; for the office, once that deputy has left."""
    for reader in await readers_of_report(post, task):
        await post.card(
            f"areareport:{task.id}",
            reader,
            "outcomes/area_report",
            keyboard=_report_buttons(task) if keyboard is None else keyboard,
            subject=f"issue:{task.issue_id}",
            afresh=afresh,
            task=task,
            issue=task.issue,
            area=await area_at_work(post.session, task),
            report=shortened(task.report_text, REPORT_TEXT * 3),
        )


async def readers_of_report(post: Post, task: AreaTask) -> list[Person]:
    deputy = task.issue.deputy
    return [deputy] if deputy.serves else list(await people_with(post.session, Role.OFFICE))


def _report_buttons(task: AreaTask) -> Keyboard:
    if task.state is not AreaTaskState.REPORTED:
        return []
    return [
        [
            Button(t(f"area.do.report_{do.name.lower()}"), ReportPress(task.id, do, task.round))
            for do in (ReportDo.ACCEPT, ReportDo.SEND_BACK)
        ]
    ]


async def copy_report(post: Post, task: AreaTask) -> None:
    """The pictures and files of the report, as copies."""
    shown = [piece for piece in task.report if piece.kind is not PieceKind.TEXT]
    for reader in await readers_of_report(post, task):
        for chat_id in dict.fromkeys(piece.chat_id for piece in shown):
            ids = [piece.message_id for piece in shown if piece.chat_id == chat_id]
            await post.copy(reader, chat_id, ids, without_captions=True, subject=f"issue:{task.issue_id}")


async def tell_task_void(post: Post, task: AreaTask) -> None:
    """The area hears that it need not go on: whoever took it on by a message, everybody by the card."""
    if task.holder is not None and task.holder.active:
        await post.tell(task.holder, "outcomes/area_void", task=task, issue=task.issue)
    await show_task(post, task)
    if task.reported_at is not None:
        await show_report(post, task)
    await show_home_card(post, task.issue)
