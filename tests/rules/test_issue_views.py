"""Who may read which issues, how they are counted, and what is found among them."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.issue_search import snippet
from handlers.issues_sheet import issues_sheet
from handlers.search_words import read_wanted
from handlers.texts import Texts
from models.consultations import ask_second_opinion
from models.issue_figures import board
from models.issue_reading import Age, By, Scope, Selection, Standing, age_of, counted, may_read, scopes_of, selected
from models.issue_search import KEPT, Wanted, found, keep_search, nearest, search_by_id
from models.issue_sheet import sheet_rows
from models.issues import ClosedAs, Issue, IssueState
from models.people import Person, Role
from models.policy import Policy
from models.rules import Gone, NotAllowed
from tests.rules.issue_district import District

ZONE = Policy().timezone
DAY = timedelta(days=1)


@pytest.fixture
def district(session: AsyncSession, now: datetime) -> District:
    return District(session, now)


async def test_what_was_shared_is_read_by_those_it_concerns_and_nobody_else(district: District, session: AsyncSession) -> None:
    home = await district.person("提出者", area="云溪街道")
    neighbour, staff = await district.person("同地区", area="云溪街道"), await district.person("乡镇", Role.AREA_STAFF, area="云溪街道")
    of_circle, specialist = await district.person("圈内"), await district.person("专长", specialties=("城建环保",))
    lawyer = await district.person("另一专长", specialties=("法治监察",))
    asked, spoke, outsider = await district.person("受邀"), await district.person("发言"), await district.person("外人", area="石桥镇")
    office, leader = await district.person("联络室", Role.OFFICE), await district.person("领导", Role.LEADER)
    other_staff, left = await district.person("外镇", Role.AREA_STAFF, area="石桥镇"), await district.person("离任", area="云溪街道")
    left.active = False
    await district.circle("城建环保", of_circle)
    issue = await district.issue(home, area="云溪街道")
    await district.asks(asked, issue)
    await district.says(spoke, issue)
    await ask_second_opinion(session, issue, lawyer.specialties[0], home, now=district.now)
    everybody = [home, neighbour, staff, of_circle, specialist, lawyer, asked, spoke, outsider, office, leader, other_staff, left]

    async def readers() -> list[str]:
        return [person.name for person in everybody if await may_read(session, person, issue)]

    assert await readers() == ["提出者", "同地区", "乡镇", "圈内", "专长", "另一专长", "受邀", "发言", "联络室", "领导"]
    issue.state = IssueState.WITHDRAWN
    await session.flush()
    assert await readers() == ["提出者", "联络室", "领导"]
    issue.state, issue.number = IssueState.DRAFT, None
    await session.flush()
    assert await readers() == []


async def test_everybody_has_the_lists_of_their_roles(district: District, session: AsyncSession, now: datetime) -> None:
    deputy, staff = await district.person("王秀兰", area="云溪街道"), await district.person("乡镇", Role.AREA_STAFF, area="云溪街道")
    office, nobody = await district.person("刘敏", Role.OFFICE), await district.person("外聘", Role.AREA_STAFF)

    assert scopes_of(deputy) == [Scope.OWN, Scope.AREA, Scope.CIRCLE]
    assert (scopes_of(staff), scopes_of(office), scopes_of(nobody)) == ([Scope.AREA], [Scope.EVERYONE], [])
    with pytest.raises(NotAllowed):
        await selected(session, deputy, Selection(Scope.EVERYONE), offset=0, limit=9, now=now)
    with pytest.raises(NotAllowed):
        await counted(session, staff, Selection(Scope.OWN), By.STATE, now=now)


async def test_a_selection_is_narrowed_by_state_specialty_area_and_age(district: District, session: AsyncSession, now: datetime) -> None:
    home, office = await district.person("王秀兰"), await district.person("刘敏", Role.OFFICE)
    for days in (0, 2, 3, 7, 8, 30, 31, 90):
        await district.issue(home, f"{days}天前", ago=days * DAY, area="云溪街道" if days < 8 else "石桥镇")
    await district.issue(home, "学校", specialty="教科文卫", state=IssueState.CLOSED, ago=DAY)

    async def texts(chosen: Selection) -> list[str]:
        return [issue.shared_text for issue in await selected(session, office, chosen, offset=0, limit=20, now=now)]

    everyone = Selection(Scope.EVERYONE)
    by_age = {age: await texts(everyone.narrowed(By.AGE, age)) for age in Age if age is not Age.ANY}
    assert by_age == {
        Age.FRESH: ["2天前", "0天前"],
        Age.DAYS: ["7天前", "3天前"],
        Age.WEEKS: ["30天前", "8天前"],
        Age.LONG: ["90天前", "31天前"],
    }
    issues = await selected(session, office, everyone, offset=0, limit=20, now=now)
    assert [age_of(issue, now=now) for issue in reversed(issues)] == [age for age in by_age for _ in range(2)]
    assert await texts(everyone.narrowed(By.STATE, Standing.CLOSED)) == ["学校"]
    assert len(await texts(everyone.narrowed(By.STATE, Standing.ANY))) == 9
    school = issues[0].specialty_id
    assert school is not None
    assert len(await texts(everyone.narrowed(By.SPECIALTY, school))) == 8


async def test_the_board_counts_what_is_not_over_by_specialty_area_and_age(
    district: District, session: AsyncSession, now: datetime
) -> None:
    home, office = await district.person("王秀兰"), await district.person("刘敏", Role.OFFICE)
    assert (await board(session, office, now=now)).all == 0
    for state, specialty, area, days in (
        (IssueState.OPEN, "城建环保", "云溪街道", 0),
        (IssueState.REFERRED, "城建环保", "", 5),
        (IssueState.ADVISED, "教科文卫", "石桥镇", 40),
        (IssueState.CLOSED, "教科文卫", "石桥镇", 40),
    ):
        await district.issue(home, specialty=specialty, area=area, state=state, ago=days * DAY)

    figures = await board(session, office, now=now)

    assert (figures.live, figures.all) == (3, 4)
    assert figures.specialties == (("城建环保", 2), ("教科文卫", 1))
    assert figures.areas == (("", 1), ("云溪街道", 1), ("石桥镇", 1))
    assert list(figures.ages.values()) == [1, 1, 0, 1]
    with pytest.raises(NotAllowed):
        await board(session, home, now=now)


@pytest.mark.parametrize(
    ("typed", "words", "numbers", "since", "until"),
    [
        ("停车 收费", ("停车", "收费"), (), None, None),
        ("2026-42", (), ("2026-0042",), None, None),
        ("＃４２", (), ("42",), None, None),
        ("2026-03 停车", ("停车",), (), date(2026, 3, 1), date(2026, 3, 31)),
        ("3月", (), (), date(2026, 3, 1), date(2026, 3, 31)),
        ("12月的积水", ("积水",), (), date(2025, 12, 1), date(2025, 12, 31)),
        ("2月到3月", (), (), date(2026, 2, 1), date(2026, 3, 31)),
        ("上周，云溪街道", ("云溪街道",), (), date(2026, 3, 2), date(2026, 3, 8)),
        ("3月5日", (), (), date(2026, 3, 5), date(2026, 3, 5)),
        ("去年11月", (), (), date(2025, 11, 1), date(2025, 11, 30)),
        ("last week parking", ("parking",), (), date(2026, 3, 2), date(2026, 3, 8)),
        ("42路公交", ("42路公交",), (), None, None),
        ("，。", (), (), None, None),
    ],
)
def test_people_search_by_words_numbers_and_times(
    typed: str, words: tuple[str, ...], numbers: tuple[str, ...], since: date | None, until: date | None, now: datetime
) -> None:
    wanted = read_wanted(typed, now=now, timezone=ZONE)

    assert (wanted.words, wanted.numbers) == (words, numbers)
    assert wanted.since is None or wanted.since.astimezone(ZONE).date() == since
    assert wanted.until is None or wanted.until.astimezone(ZONE).date() - DAY == until
    assert (wanted.since is None) == (since is None)


async def test_a_search_finds_only_what_fits_in_all_and_may_be_read(district: District, session: AsyncSession, now: datetime) -> None:
    home, neighbour = await district.person("王秀兰", area="云溪街道"), await district.person("孙志强", area="云溪街道")
    adviser, office = await district.person("陈志强"), await district.person("刘敏", Role.OFFICE)
    parking = await district.issue(home, "翠竹小区停车乱收费，100%涨价", area="云溪街道", ago=40 * DAY)
    road = await district.issue(home, "石桥镇道路破损", specialty="农业农村", area="石桥镇")
    await district.says(adviser, road, "请交通部门核查停车场Entrance")

    async def seen(reader: Person, typed: str) -> list[Issue]:
        wanted = read_wanted(typed, now=now, timezone=ZONE)
        return list(await found(session, reader, wanted, offset=0, limit=9))

    assert await seen(office, "停车") == [road, parking]
    assert await seen(neighbour, "停车") == [parking], "the other area's is not the neighbour's to read"
    assert await seen(office, "停车 收费") == [parking]
    assert await seen(office, "停车 上月") == []
    assert await seen(office, "1月") == [parking]
    assert await seen(office, "100%") == [parking]
    assert await seen(office, "_") == []
    assert await seen(office, "entrance") == [road]
    assert await seen(office, "云溪") == [parking]
    assert await seen(office, "农业农村 王秀兰") == [road]
    assert await seen(office, str(parking.number)) == [parking]
    assert await seen(office, str(int(str(road.number)[-4:]))) == [road]
    assert await seen(office, "小区停车收费") == []


async def test_what_a_former_home_deputy_said_uncovered_is_neither_found_nor_listed(
    district: District, session: AsyncSession, now: datetime
) -> None:
    former, heir = await district.person("王秀兰"), await district.person("黄建平")
    office, issue = await district.person("刘敏", Role.OFFICE), await district.issue(former)
    await district.says(former, issue, "李长根家的事", by_home=True)
    issue.deputy = heir
    await session.flush()

    assert await found(session, office, Wanted(words=("李长根",)), offset=0, limit=5) == []
    [row] = await sheet_rows(session, office, Selection(Scope.EVERYONE), now=now)
    assert (row.advised, row.took) == ((), None)


async def test_words_run_together_find_what_is_nearest(district: District, session: AsyncSession, now: datetime) -> None:
    home, other = await district.person("王秀兰"), await district.person("孙志强")
    exact = await district.issue(home, "翠竹小区停车乱收费")
    far = await district.issue(home, "小区门口停车难，物业收取费用")
    nearer = await district.issue(home, "小区里的停车收费不公示，多次反映")
    wanted = read_wanted("小区停车收费", now=now, timezone=ZONE)

    assert await nearest(session, home, wanted, offset=0, limit=9) == [nearer, exact]
    assert await nearest(session, other, wanted, offset=0, limit=9) == []
    assert await nearest(session, home, read_wanted("物业 停车", now=now, timezone=ZONE), offset=0, limit=9) == [far]
    assert wanted.runs_together
    assert not read_wanted("物业 停车", now=now, timezone=ZONE).runs_together


async def test_searches_are_kept_for_their_own_person_and_not_for_long(district: District, session: AsyncSession, now: datetime) -> None:
    deputy, other = await district.person("王秀兰"), await district.person("孙志强")
    kept = [await keep_search(session, deputy, f"停车{number}", now=now) for number in range(KEPT + 1)]

    assert (await search_by_id(session, kept[-1].id, deputy)).words == f"停车{KEPT}"
    for id, person in ((kept[0].id, deputy), (kept[-1].id, other), (999, deputy)):
        session.expire_all()
        await session.refresh(person, ["id"])
        with pytest.raises(Gone):
            await search_by_id(session, id, person)
    assert (await keep_search(session, deputy, "停\x00车", now=now)).words == "停车", "PostgreSQL keeps no NUL"


def test_a_snippet_shows_where_the_word_stands_and_escapes_the_rest() -> None:
    text = "<b>翠竹小区</b>门口的道路很窄，早晚高峰都堵，物业还乱收停车费，居民意见很大，多次反映没有人管，希望有关部门核查处理"

    assert (
        snippet(text, ["停车"]) == "…b&gt;门口的道路很窄，早晚高峰都堵，物业还乱收<b>停车</b>费，居民意见很大，多次反映没有人管，希望有关…"
    )
    assert str(snippet("<i>短", [])) == "&lt;i&gt;短"
    assert Wanted().nothing


async def test_the_spreadsheet_holds_dates_names_and_no_formula(district: District, session: AsyncSession, now: datetime) -> None:
    home, adviser = await district.person("王秀兰"), await district.person("陈志强", specialties=("城建环保",))
    await district.issue(await district.person("别人"), "不是自己的")
    issue = await district.issue(home, "=HYPERLINK(1)\x07堵", area="云溪街道", state=IssueState.CLOSED, ago=3 * DAY, ended_after=DAY)
    issue.closed_as = ClosedAs.ANSWERED
    await district.asks(adviser, issue)
    for hours in (30, 6):
        await district.says(adviser, issue, after=timedelta(hours=hours))
    texts = Texts(("zh_CN",), ZONE)

    rows = await sheet_rows(session, home, Selection(Scope.OWN, Standing.ANY), now=now)
    content = issues_sheet(rows, say=lambda text: texts.say(text, "zh_CN"), timezone=ZONE)
    heading, line = load_workbook(io.BytesIO(content))["问题"].iter_rows()

    assert [cell.value for cell in heading][:3] == ["编号", "提出时间", "状态"]
    values = [cell.value for cell in line]
    assert str(values[1]) == "2026-03-07 12:00:00"
    assert values[2:9] == ["已办结", "已答复群众", "云溪街道", "城建环保", "王秀兰", "陈志强", "陈志强"]
    assert (values[10], values[12], line[12].data_type) == (6.0, "=HYPERLINK(1)堵", "s")
