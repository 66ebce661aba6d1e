"""The office names specialists where nobody is left; the areas' staff see to what is handed to them."""

from __future__ import annotations

from sqlalchemy import select

from handlers.advice_presses import AskPress, NameByNamePress, NamePress
from handlers.outcome_presses import TaskDo, TaskPress
from models.area_tasks import WITH_AREA, AreaTask, AreaTaskState
from models.issues import Issue, IssueState
from models.people import Area
from tests.journeys.month.bringing import gathered
from tests.journeys.month.cast import Month
from tests.journeys.phones import buttons, press, press_one, together
from tests.village import Phone


async def name_specialists(month: Month, *, surely: bool = False) -> None:
    """Some of the cards that nobody is left to ask: the office asks somebody of the list, or by name."""
    async with month.home.session() as session:
        waiting = set(await session.scalars(select(Issue.id).where(Issue.state == IssueState.OPEN)))
    for at, does in await buttons(month.office, NamePress, lambda each: each.issue_id in waiting and each.page < 0, looks_at=200):
        if surely or month.luck(0.3):
            await press(month.office, at, does)
            await month.home.settle()
            await _ask_somebody(month, does.issue_id)


async def _ask_somebody(month: Month, issue_id: int) -> None:
    office = month.office
    if await press_one(office, AskPress, lambda does: does.issue_id == issue_id, looks_at=2):
        await month.home.settle()
        return
    await press_one(office, NameByNamePress, lambda does: does.issue_id == issue_id, looks_at=2)
    await month.home.settle()
    specialty = month.matter_of(issue_id).text.specialty
    somebody = month.chance.choice([each for each in month.specialists.values() if each.specialty == specialty and not each.silent])
    await office.says(somebody.phone.name)
    await month.home.settle()
    await press_one(office, AskPress, lambda does: does.issue_id == issue_id, looks_at=2)
    await month.home.settle()


async def see_to_tasks(month: Month, *, surely: bool = False) -> None:
    """Each of the staff takes on what is new, and says what was done; now and then only after days."""
    tasks = await _tasks(month)
    await together(_see_to_all(month, month.phones[staff], several, surely=surely) for staff, several in tasks.items())
    await month.home.settle()


async def _see_to_all(month: Month, staff: Phone, tasks: list[tuple[int, bool]], *, surely: bool) -> None:
    for task_id, handed in tasks:
        if surely or month.luck(0.5):
            await _see_to(month, staff, task_id, handed=handed)


async def _tasks(month: Month) -> dict[int, list[tuple[int, bool]]]:
    async with month.home.session() as session:
        query = (
            select(AreaTask.id, AreaTask.state, Area.name).outerjoin(Area, Area.id == AreaTask.area_id).where(AreaTask.state.in_(WITH_AREA))
        )
        rows = (await session.execute(query.order_by(AreaTask.id))).all()
    found: dict[int, list[tuple[int, bool]]] = {}
    for task_id, state, area in rows:
        found.setdefault(month.staff.get(area, month.office).id, []).append((task_id, state is AreaTaskState.HANDED))
    return found


async def _see_to(month: Month, staff: Phone, task_id: int, *, handed: bool) -> None:
    do = TaskDo.ACCEPT if handed else TaskDo.REPORT
    found = await press_one(staff, TaskPress, lambda does: does.task_id == task_id and does.do is do, looks_at=200)
    assert found, f"{staff.name} finds no button {do.name} for the area's task {task_id}"
    await month.home.settle()
    await staff.says("已到现场查看，协调物业和社区当天处理完毕，住户认可。")
    if month.luck(0.4):
        await staff.sends("photo")
    await gathered(month)
    await press_one(staff, TaskPress, lambda does: does.task_id == task_id and does.do is TaskDo.SUBMIT, looks_at=20)
    await month.home.settle()
