"""Which specialty an issue concerns."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from models.defaults import DESCRIBED, SPECIALTIES, seed_defaults
from models.issues import Issue
from models.people import Person, Specialty
from models.policy import Policy
from models.route_confidence import ENOUGH, NEVER, bar, how_many
from models.route_log import Outcome, Route, RouteSource, cases_of, erase_routes, log_state
from models.route_model import Case, RouteModel
from models.route_weights import RouteWeights, kept_weights, packed, save_weights
from models.route_words import Field
from models.routing import Router, fields_of, how_many_to_offer, propose_specialties, router_of, settle_route

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIELDS = tuple(Field(number, tuple(words.split()), *DESCRIBED[name]) for number, (name, words) in enumerate(SPECIALTIES.items()))
NAMES = list(SPECIALTIES)


def first(model: RouteModel, text: str, title: str = "") -> str:
    return NAMES[model.rank(text, title)[0].key]


@pytest.fixture(scope="module")
def untaught() -> RouteModel:
    return RouteModel.of(FIELDS)


@pytest.mark.parametrize(
    ("text", "specialty"),
    [
        ("小区门口的下水道堵了，一下雨就积水", "城建环保"),
        ("实验小学放学时老师管不过来，学生过马路危险", "教科文卫"),
        ("公司拖欠农民工工资，社保也没交", "社会建设"),
        ("村里的灌溉水渠塌了，水稻浇不上水", "农业农村"),
        ("商场虚假宣传，退款难，消费者权益没人管", "财政经济"),
        ("派出所接警后一直没有立案，诈骗的钱追不回来", "法治监察"),
        ("清真食品标识不规范", "民族宗教侨务"),
    ],
)
def test_words_alone_route_a_new_home(untaught: RouteModel, text: str, specialty: str) -> None:
    assert first(untaught, text) == specialty


@pytest.mark.parametrize("text", ["", " \n", "您好", "😀", "\u0000", "ab", "12345", "\ud800", "长" * 30_000])
def test_any_text_is_ranked_whole(untaught: RouteModel, text: str) -> None:
    ranking = untaught.rank(text)

    assert sorted(each.key for each in ranking) == list(range(len(FIELDS)))
    assert sum(each.probability for each in ranking) == pytest.approx(1, abs=1e-4)


def test_a_home_without_specialties_ranks_nothing() -> None:
    assert RouteModel.of([]).rank("路灯坏了") == []


def test_a_title_may_stand_apart_or_begin_the_text(untaught: RouteModel) -> None:
    title, story = "学校食堂的饭菜", "孩子回家说不好吃，我们家长去看了，也找了负责人，至今没有答复。"

    assert untaught.rank(story, title) == untaught.rank(f"{title}\n{story}")


def test_what_is_confirmed_is_learnt_at_once() -> None:
    model, text = RouteModel.of(FIELDS), "共享单车乱停，把盲道都占了"
    wanted = NAMES.index("法治监察")

    before = {each.key: each.probability for each in model.rank(text)}[wanted]
    model.learn(Case(text, wanted))

    assert model.rank(text)[0].probability > before
    assert first(model, text) == "法治监察"


def test_a_case_of_an_unknown_specialty_teaches_nothing() -> None:
    model = RouteModel.of(FIELDS)

    model.learn(Case("路灯坏了", 99))

    assert model.cases == 0


def test_after_a_rebuild_the_order_of_arrival_does_not_matter() -> None:
    cases = [Case(f"第{number}号反映：{word}的问题", field.key) for field in FIELDS for number, word in enumerate(field.keywords[:6])]
    shuffled = random.Random(1).sample(cases, len(cases))

    assert packed(RouteModel.of(FIELDS, cases)) == packed(RouteModel.of(FIELDS, shuffled))


def test_a_bar_stands_where_enough_of_the_last_proposals_were_right() -> None:
    sure = [(0.9 + number / 1000, True) for number in range(50)]
    unsure = [(0.5, number % 2 == 0) for number in range(50)]

    assert bar(sure + unsure, 0.97) == pytest.approx(0.9)
    assert bar(unsure, 0.97) == NEVER
    assert bar(sure[: ENOUGH - 1], 0.97) == NEVER
    assert bar([], 0.97) == NEVER


def test_one_is_proposed_where_the_home_may_be_sure_two_between_two_and_else_three() -> None:
    outcomes = [Outcome(0.9, 0.05, 1)] * 60 + [Outcome(0.5, 0.4, 2)] * 30 + [Outcome(0.4, 0.2, 3)] * 30

    assert how_many([0.95, 0.03, 0.01], outcomes, 0.97) == 1
    assert how_many([0.5, 0.42, 0.05], outcomes, 0.97) == 2
    assert how_many([0.4, 0.2, 0.2], outcomes, 0.97) == 3
    assert how_many([0.99], [], 0.97) == 3


async def routed(session: AsyncSession, text: str, name: str, *, now: datetime) -> Issue:
    """An issue whose specialty somebody confirmed."""
    deputy = await session.scalar(select(Person)) or Person(name="王秀兰", role_rows=[], specialties=[])
    issue = Issue(deputy=deputy, shared_text=text, created_at=now, pieces=[])
    session.add(issue)
    await session.flush()
    await settle_route(session, issue, await specialty(session, name), now=now)
    await session.flush()
    return issue


async def specialty(session: AsyncSession, name: str) -> Specialty:
    found = await session.scalar(select(Specialty).where(Specialty.name == name))
    assert found is not None
    return found


async def test_a_confirmed_route_is_kept_with_what_was_proposed_and_learnt(session: AsyncSession, now: datetime) -> None:
    await seed_defaults(session)
    text = "共享单车乱停，把盲道都占了"

    issue = await routed(session, text, "法治监察", now=now)
    await session.commit()

    [route] = await session.scalars(select(Route))
    assert (route.issue_id, route.source, route.text, len(route.proposed)) == (issue.id, RouteSource.CONFIRMED, text, 3)
    assert (await propose_specialties(session, text))[0].specialty.name == "法治监察"


async def test_what_may_be_rolled_back_yet_is_not_learnt(session: AsyncSession, now: datetime) -> None:
    await seed_defaults(session)
    await session.commit()
    text = "共享单车乱停，把盲道都占了"

    async def proposed() -> list[tuple[int, float]]:
        return [(each.specialty.id, each.probability) for each in await propose_specialties(session, text)]

    before = await proposed()
    await routed(session, text, "法治监察", now=now)
    assert await proposed() == before
    await session.rollback()

    assert await proposed() == before
    await routed(session, text, "法治监察", now=now)
    await session.commit()
    assert (await propose_specialties(session, text))[0].specialty.name == "法治监察"


async def test_a_correction_takes_the_place_of_the_first_word_and_wants_a_rebuild(session: AsyncSession, now: datetime) -> None:
    await seed_defaults(session)
    issue = await routed(session, "路灯坏了", "法治监察", now=now)
    before = await log_state(session)

    await settle_route(session, issue, await specialty(session, "城建环保"), now=now)
    await settle_route(session, issue, await specialty(session, "城建环保"), now=now)
    await session.flush()

    assert await cases_of(session) == [Case("路灯坏了", (await specialty(session, "城建环保")).id)]
    assert (await log_state(session)).taken_back == before.taken_back + 1
    fields = await fields_of(session)
    assert router_of(session).wants_rebuild(fields, await log_state(session), now=now, timezone=SHANGHAI)


async def test_erasure_takes_the_words_out_of_the_log(session: AsyncSession, now: datetime) -> None:
    await seed_defaults(session)
    issue = await routed(session, "路灯坏了", "城建环保", now=now)

    await erase_routes(session, issue, now=now)
    await session.flush()

    assert await cases_of(session) == []
    assert (await session.scalars(select(Route.text))).all() == [""]


async def test_three_are_offered_until_the_home_has_seen_enough(session: AsyncSession, now: datetime) -> None:
    await seed_defaults(session)
    for number in range(40):
        await routed(session, f"小区{number}号楼物业乱收停车费，下水道堵了", "城建环保", now=now)
        await session.commit()
    proposals = await propose_specialties(session, "小区物业停车收费，下水道堵了")

    assert await how_many_to_offer(session, proposals, Policy()) == 3
    assert await how_many_to_offer(session, proposals, Policy(routing_learns_for=40)) == 1


async def test_a_model_is_made_anew_for_other_words_much_new_or_a_new_night(session: AsyncSession, now: datetime) -> None:
    await seed_defaults(session)
    await routed(session, "路灯坏了", "城建环保", now=now)
    fields, state, router = await fields_of(session), await log_state(session), Router()
    router.take(RouteModel.of(fields), state, at=now)

    def wants(fields: tuple[Field, ...] = fields, *, more: int = 0, later: timedelta = timedelta(0)) -> bool:
        grown = type(state)(state.newest + more, state.entries + more, state.taken_back)
        return router.wants_rebuild(fields, grown, now=now + later, timezone=SHANGHAI)

    assert not wants()
    assert not wants(more=3)
    assert wants(more=20)
    assert wants(more=1, later=timedelta(hours=16))  # four in the morning
    assert not wants(later=timedelta(hours=16))
    assert wants(fields[:-1])


async def test_kept_weights_go_on_where_they_left_off(session: AsyncSession, now: datetime) -> None:
    await seed_defaults(session)
    await routed(session, "共享单车乱停，把盲道都占了", "法治监察", now=now)
    fields, state = await fields_of(session), await log_state(session)
    model = RouteModel.of(fields, await cases_of(session))

    await save_weights(session, packed(model), fields, state, now=now)

    kept = await kept_weights(session, fields)
    assert kept is not None
    assert kept[1].state == state
    assert kept[0].rank("单车占了盲道") == model.rank("单车占了盲道")


async def test_a_home_that_starts_again_goes_on_with_what_was_kept(session: AsyncSession, now: datetime) -> None:
    await seed_defaults(session)
    await routed(session, "共享单车乱停，把盲道都占了", "法治监察", now=now)
    fields, state = await fields_of(session), await log_state(session)
    await save_weights(session, packed(RouteModel.of(fields, await cases_of(session))), fields, state, now=now)

    started = Router()
    await started.take_up(session, fields)

    assert not started.wants_rebuild(fields, state, now=now, timezone=SHANGHAI)


@pytest.mark.parametrize("damage", ["cut", "changed", "no archive", "other words"])
async def test_damaged_or_foreign_weights_are_not_used_but_made_anew(session: AsyncSession, now: datetime, damage: str) -> None:
    await seed_defaults(session)
    await routed(session, "共享单车乱停，把盲道都占了", "法治监察", now=now)
    await session.commit()
    fields, state = await fields_of(session), await log_state(session)
    archive = packed(RouteModel.of(fields))
    if damage == "no archive":
        archive = b"cos\nsystem\n(S'false'\ntR."
    await save_weights(session, archive, fields[:-1] if damage == "other words" else fields, state, now=now)
    row = await session.get_one(RouteWeights, 1)
    if damage == "cut":
        row.archive = row.archive[:-100]
    elif damage == "changed":
        row.archive = row.archive[:500] + b"?" + row.archive[501:]
    await session.flush()
    session.info.pop("router")

    assert await kept_weights(session, fields) is None
    assert (await propose_specialties(session, "共享单车乱停，把盲道都占了"))[0].specialty.name == "法治监察"


async def test_what_another_process_learnt_anew_is_taken_up(session: AsyncSession, now: datetime) -> None:
    """Two processes have a model each; only one of them makes it anew, when something was taken back."""
    await seed_defaults(session)
    said = "共享单车乱停，把盲道都占了"
    await routed(session, said, "法治监察", now=now)
    await session.commit()
    assert (await propose_specialties(session, said))[0].specialty.name == "法治监察"
    fields, state = await fields_of(session), await log_state(session)

    await save_weights(session, packed(RouteModel.of(fields)), fields, state, now=now)  # by the other one, which has forgotten it
    await session.flush()

    assert (await propose_specialties(session, said))[0].specialty.name != "法治监察"
