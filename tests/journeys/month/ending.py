"""Deputies bring their issues to an end: they answer advisers, ask a second specialty, try another, withdraw, close, reopen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from handlers.advice_presses import SecondPress, SecondSurePress
from handlers.issue_presses import AnswerPress, ClosePress, IssueDo, IssuePress, RedirectPress
from handlers.outcome_presses import AddressPress, RatingPress, ReportDo, ReportPress, SignPress, SuggestionDo, SuggestionPress
from models.area_tasks import PENDING, AreaTask, AreaTaskState
from models.issues import ClosedAs, Issue, IssueState
from models.people import Person
from models.suggestion_drafts import CoSigner, Signing
from tests.journeys.month.cast import Month
from tests.journeys.phones import buttons, one_after_another, press, press_one, together
from tests.village import Phone

OUTCOMES = {ClosedAs.ANSWERED: 60, ClosedAs.HANDED_TO_AREA: 16, ClosedAs.OUT_OF_SCOPE: 10, ClosedAs.SUGGESTION: 14}
Doing = Callable[[Month, Phone, int], Coroutine[Any, Any, None]]


async def go_on(month: Month, *, surely: bool = False) -> None:
    """The home deputies look at what has been advised, and at what nobody could help with."""
    await _all(month, {issue_id: _ask_another for issue_id in await _mine(month, IssueState.OPEN) if month.luck(0.3)})
    await _all(month, {issue_id: _withdraw for issue_id in await _mine(month, IssueState.REFERRED) if month.luck(0.01)})
    advised = await _mine(month, IssueState.ADVISED)
    ways: dict[int, Doing] = {}
    for issue_id in advised:
        ways[issue_id] = (
            _close if surely or month.luck(0.7) else _reply if month.luck(0.5) else _second_opinion if month.luck(0.4) else _nothing
        )
    await _all(month, ways)
    await _all(month, {issue_id: _choose_outcome for issue_id, way in ways.items() if way is _close})
    await _all(month, {issue_id: _afterwards for issue_id, way in ways.items() if way is _close})


async def read_reports(month: Month) -> None:
    """What areas did is accepted, or sent back once."""
    async with month.home.session() as session:
        reported = select(AreaTask.issue_id).where(AreaTask.state == AreaTaskState.REPORTED).order_by(AreaTask.id)
        issues = list(await session.scalars(reported))
    await _all(month, dict.fromkeys(issues, _read_report))


async def think_again(month: Month) -> None:
    """A few issues closed of late are taken up again."""
    lately = month.home.clock.now() - timedelta(days=2)
    async with month.home.session() as session:
        query = select(Issue.id).where(Issue.state == IssueState.CLOSED, Issue.closed_at > lately).order_by(Issue.id)
        closed = [id for id in await session.scalars(query) if id not in month.second_thoughts and month.luck(0.03)]
    month.second_thoughts |= set(closed)
    await _all(month, dict.fromkeys(closed, _reopen))


async def sign(month: Month) -> None:
    """Whoever is asked to co-sign a suggestion does, or does not."""
    asked = (
        select(CoSigner.draft_id, Person.telegram_id).join(Person, Person.id == CoSigner.person_id).where(CoSigner.state == Signing.ASKED)
    )
    async with month.home.session() as session:
        rows = (await session.execute(asked.order_by(CoSigner.draft_id, Person.id))).all()
    for draft_id, telegram_id in rows:
        agree = month.chance.randrange(4) > 0
        phone = month.phones[telegram_id]
        await press_one(phone, SignPress, lambda does, id=draft_id, agree=agree: does.draft_id == id and does.agree == agree)
    await month.home.settle()


async def _mine(month: Month, state: IssueState) -> list[int]:
    """Issues in a state, but those that an area sees to."""
    with_area = select(AreaTask.issue_id).where(AreaTask.state.in_(PENDING))
    async with month.home.session() as session:
        return list(await session.scalars(select(Issue.id).where(Issue.state == state, Issue.id.not_in(with_area)).order_by(Issue.id)))


async def _all(month: Month, doings: dict[int, Doing]) -> None:
    """Every deputy does one thing after another; different ones at once."""
    if not doings:
        return
    async with month.home.session() as session:
        homes = select(Issue.id, Person.telegram_id).join(Person, Person.id == Issue.deputy_id).where(Issue.id.in_(doings))
        rows = (await session.execute(homes.order_by(Issue.id))).all()
    by_deputy: dict[int, list[Coroutine[Any, Any, None]]] = defaultdict(list)
    for issue_id, telegram_id in rows:
        by_deputy[telegram_id].append(doings[issue_id](month, month.phones[telegram_id], issue_id))
    await together(one_after_another(each) for each in by_deputy.values())
    await month.home.settle()


async def _press_do(deputy: Phone, issue_id: int, do: IssueDo) -> None:
    pressed = await press_one(deputy, IssuePress, lambda does: does.issue_id == issue_id and does.do is do, looks_at=200)
    assert pressed, f"{deputy.name} finds no button {do.name} for issue {issue_id}"


async def _nothing(month: Month, deputy: Phone, issue_id: int) -> None:
    """Too busy today."""


async def _close(month: Month, deputy: Phone, issue_id: int) -> None:
    await _press_do(deputy, issue_id, IssueDo.CLOSE)


async def _choose_outcome(month: Month, deputy: Phone, issue_id: int) -> None:
    [wanted] = month.chance.choices(list(OUTCOMES), list(OUTCOMES.values()))
    pressed = await press_one(deputy, ClosePress, lambda does: does.issue_id == issue_id and does.closed_as is wanted, looks_at=200)
    assert pressed, f"{deputy.name} cannot choose an outcome for issue {issue_id}"


async def _afterwards(month: Month, deputy: Phone, issue_id: int) -> None:
    """Say the right address, rate the advice, ask for co-signatures, export the draft; whatever there is to press."""
    addresses = await buttons(deputy, AddressPress, lambda does: does.issue_id == issue_id)
    if addresses:
        await press(deputy, *month.chance.choice(addresses))
    if month.luck(0.4) and (ratings := await buttons(deputy, RatingPress, lambda does: does.issue_id == issue_id)):
        await press(deputy, *month.chance.choice(ratings))
    for do in (SuggestionDo.ASK, SuggestionDo.EXPORT):
        if month.luck(0.5):
            await press_one(deputy, SuggestionPress, lambda does, do=do: does.do is do, looks_at=4)


async def _reply(month: Month, deputy: Phone, issue_id: int) -> None:
    """Ask an adviser further, and carelessly say who the constituent is."""
    secret = month.matter_of(issue_id).secret
    words = {message_id for message_id, _ in await buttons(deputy, AnswerPress)}
    closing = await buttons(deputy, IssuePress, IssuePress(issue_id, IssueDo.CLOSE).__eq__)
    if opinions := [message_id for message_id, _ in closing if message_id in words]:  # not words on an issue the deputy advises on
        await deputy.says(secret.told("多谢指点，住户想再问一下大概要多久。"), reply_to=opinions[0])


async def _second_opinion(month: Month, deputy: Phone, issue_id: int) -> None:
    if await press_one(deputy, SecondPress, lambda does: does.issue_id == issue_id and not does.specialty_id, looks_at=200):
        await month.home.settle()
        await press_one(deputy, SecondPress, lambda does: does.issue_id == issue_id and does.specialty_id > 0, looks_at=200)
        await month.home.settle()
        await press_one(deputy, SecondSurePress, lambda does: does.issue_id == issue_id, looks_at=200)


async def _ask_another(month: Month, deputy: Phone, issue_id: int) -> None:
    """Nobody was left: another specialty, or the right one at last."""
    right = month.specialty_ids[month.matter_of(issue_id).text.specialty]
    await _press_do(deputy, issue_id, IssueDo.REDIRECT)
    await month.home.settle()
    ways = await buttons(deputy, RedirectPress, lambda does: does.issue_id == issue_id, looks_at=200)
    if ways:
        await press(deputy, *next((way for way in ways if way[1].specialty_id == right), ways[0]))


async def _withdraw(month: Month, deputy: Phone, issue_id: int) -> None:
    await _press_do(deputy, issue_id, IssueDo.WITHDRAW)
    await month.home.settle()
    await _press_do(deputy, issue_id, IssueDo.WITHDRAW_SURE)


async def _reopen(month: Month, deputy: Phone, issue_id: int) -> None:
    await _press_do(deputy, issue_id, IssueDo.REOPEN)


async def _read_report(month: Month, deputy: Phone, issue_id: int) -> None:
    enough = issue_id in month.second_thoughts or month.luck(0.8)
    wanted = ReportDo.ACCEPT if enough else ReportDo.SEND_BACK
    reports = await buttons(deputy, ReportPress, lambda does: does.do is wanted, looks_at=200)
    async with month.home.session() as session:
        tasks = set(await session.scalars(select(AreaTask.id).where(AreaTask.issue_id == issue_id)))
    found = next((each for each in reports if each[1].task_id in tasks), None)
    assert found is not None, f"{deputy.name} finds no report of the area on issue {issue_id}"
    await press(deputy, *found)
    if not enough:
        month.second_thoughts.add(issue_id)
        await month.home.settle()
        await deputy.says(month.matter_of(issue_id).secret.told("还没有解决，请再去一次。"))
