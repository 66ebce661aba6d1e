"""Life in a circle: a welcome, who knows what, questions, open issues, and a week's digest; all of it with Telegram's privacy mode on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from models.circle_digests import CircleDigest
from models.circles import Circle
from models.issues import Issue, IssueState
from models.outbox import OutboxMessage
from models.people import Role
from tests.journeys.issue_people import circle_topic, gathered, share
from tests.journeys.test_circles import bound, put_in_circle
from tests.village import NotSeen, Phone, Village, shown

BUILDING = ("城建环保",)
MONDAY = datetime(2026, 3, 16, 0, 31, tzinfo=UTC)
"""Monday 16 March 2026, 08:31 in Shanghai."""


async def quiet_circle(home: Village) -> tuple[Phone, Phone, Phone, int]:
    """A circle in whose group the bot is an ordinary member, so that it hears only what is meant for it."""
    deputy = await home.person("王秀兰", area="史河街道")
    expert = await home.person("陈志强", area="洪集镇", specialties=BUILDING, phone="13955667788")
    office, group = await bound(home, deputy, expert)
    for phone in (deputy, expert):
        await home.request("POST", f"/sandbox/groups/{group}/members", json={"by": office.id, "user": phone.id})
    await home.request("POST", f"/sandbox/groups/{group}/promote", json={"by": office.id, "bot": True, "admin": False})
    await home.settle()
    return deputy, expert, office, group


async def sent_to(home: Village, group: int) -> int:
    await home.settle()
    return sum(call["params"].get("chat_id") == group for call in await home.calls() if call["method"].startswith("send"))


async def draft_of(home: Village) -> Issue:
    async with home.session() as session:
        issue = await session.scalar(select(Issue).order_by(Issue.id.desc()).limit(1))
        assert issue is not None
        return issue


async def test_a_bound_circle_is_welcomed_by_a_pinned_card_that_says_what_it_is_for(home: Village) -> None:
    deputy = await home.person("王秀兰", specialties=BUILDING)
    office, group = await bound(home, deputy)
    await home.request("POST", f"/sandbox/groups/{group}/promote", json={"by": office.id, "bot": True, "admin": True})
    await office.says("/about", chat=group)

    card = await office.sees("这里是“城建环保”工作圈", group)

    for part in ("圈内代表 1 人：王秀兰", "/ask", "/who", "/circle"):
        assert part in shown(card)
    assert sum("这里是“城建环保”" in shown(message) for message in await office.messages(group)) == 2


async def test_the_welcome_card_is_pinned_where_the_bot_may_and_nobody_is_bothered_where_it_may_not(home: Village) -> None:
    deputy, office = await home.person("王秀兰"), await home.person("刘敏", Role.OFFICE)
    group = (await home.request("POST", "/sandbox/groups", json={"title": "群", "owner": office.id, "type": "supergroup"}))["id"]
    await home.request("POST", f"/sandbox/groups/{group}/members", json={"by": office.id, "bot": True, "admin": True})
    await home.settle()
    await office.presses("城建环保", on="绑定到哪个工作圈")
    await office.presses("确认", on="绑定为")

    card = await office.sees("这里是“城建环保”工作圈", group)

    state = await home.request("GET", "/sandbox/state")
    [found] = [entry for entry in state["groups"] if entry["id"] == group]
    assert found["pinned"] == [card["message_id"]]
    other, elsewhere = await bound_again(home, office)
    await office.sees("这里是“妇女”工作圈", elsewhere)
    await office.sees_nothing_of("置顶失败")
    assert deputy.id != other


async def bound_again(home: Village, office: Phone) -> tuple[int, int]:
    group = (await home.request("POST", "/sandbox/groups", json={"title": "妇女群", "owner": office.id, "type": "supergroup"}))["id"]
    await home.request("POST", f"/sandbox/groups/{group}/members", json={"by": office.id, "bot": True, "admin": False})
    await home.settle()
    await office.presses("妇女", on="群“妇女群”")
    await office.presses("确认", on="绑定为")
    return 0, group


async def test_who_names_those_who_know_and_never_a_number(home: Village) -> None:
    deputy, expert, _, group = await quiet_circle(home)

    for question, found, missing in (
        ("/who 城建", "陈志强", "王秀兰"),
        ("/who@village_bot 史河", "王秀兰", "陈志强"),
        ("@village_bot 谁懂城建环保", "陈志强", "王秀兰"),
        ("/who 王秀兰", "史河街道", "洪集镇"),
    ):
        await deputy.says(question, chat=group)
        words = question.split(maxsplit=1)[1]
        answer = shown(await deputy.sees(f"找代表：{words}", group))
        assert found in answer
        assert missing not in answer.replace(words, "")
        assert "13955667788" not in answer
        assert "1390000" not in answer
    await deputy.says("/who", chat=group)
    await deputy.sees("请在 /who 后面写上领域、姓名或归属地", group)
    await expert.says("/who 天文", chat=group)
    await expert.sees("没有找到相应的代表", group)


async def test_who_can_be_asked_in_private_at_once_or_step_by_step(home: Village) -> None:
    deputy, expert = await home.person("王秀兰"), await home.person("陈志强", specialties=BUILDING, phone="13955667788")

    await deputy.says("/who 城建环保")
    assert "陈志强" in shown(await deputy.sees("找代表：城建环保"))
    await deputy.presses("再找一位")
    await deputy.sees("您想找熟悉哪方面情况的代表")
    await deputy.sends("photo")
    await deputy.says(expert.name)

    answer = await deputy.sees("找代表：陈志强")
    assert "13955667788" not in shown(answer)
    async with home.session() as session:
        assert await session.scalar(select(func.count()).select_from(Issue)) == 0


async def test_ask_makes_a_draft_in_private_with_the_circles_specialty_and_nothing_leaves_unmasked(home: Village) -> None:
    deputy, expert, _, group = await quiet_circle(home)

    asked = await deputy.says("/ask 翠竹小区张桂芳反映下水道堵了，电话13812345678", chat=group)
    await gathered(home)

    preview = await deputy.sees("推送预览")
    assert "城建环保" in shown(preview)
    assert "13812345678" not in shown(preview)
    said = [shown(message) for message in await expert.messages(group) if not message.get("out") and "草稿已建好" in shown(message)]
    assert len(said) == 1
    assert "下水道" not in said[0]
    await expert.sees_nothing_of("下水道")
    await deputy.edits(asked, "/ask 翠竹小区下水道堵了三天", chat=group)
    assert "堵了三天" in shown(await deputy.sees("推送预览"))
    assert "/ask" not in shown(await deputy.sees("推送预览"))
    await deputy.presses("打开私聊核对", chat=group)
    await deputy.presses("确认推送", on="推送预览")
    await expert.sees("2026-0001", group)
    await deputy.edits(asked, "/ask 又改", chat=group)
    await home.settle()
    assert "又改" not in (await draft_of(home)).shared_text


async def test_a_reply_with_ask_takes_the_message_along_with_its_picture(home: Village) -> None:
    deputy, expert, _, group = await quiet_circle(home)
    picture = await expert.sends("photo", chat=group, caption="这个路灯三个月没亮，路过的老人摔了")

    await deputy.says("/ask 请帮忙看看", chat=group, reply_to=picture["message_id"])
    await gathered(home)
    await deputy.presses("确认推送", on="推送预览")

    card = await expert.sees("2026-0001", group)
    assert "这个路灯三个月没亮" in shown(card)
    assert "请帮忙看看" in shown(card)
    assert sum("photo" in message for message in await expert.messages(group)) == 2
    await expert.says("/ask", chat=group, reply_to=picture["message_id"])
    await expert.says("/ask", chat=group)
    await expert.sees("请在 /ask 后面写明问题", group)


async def test_what_was_asked_about_before_serves_again_by_its_words(home: Village) -> None:
    deputy, expert, _, group = await quiet_circle(home)
    said = await expert.says("东门菜场门口的井盖松了", chat=group)

    for phone in (deputy, expert):
        await phone.says("/ask", chat=group, reply_to=said["message_id"])
        await gathered(home)
        assert "井盖松了" in shown(await phone.sees("推送预览"))


async def test_asking_leaves_a_draft_that_is_being_gathered_alone(home: Village) -> None:
    deputy, _, _, group = await quiet_circle(home)
    await deputy.says("老李说学校门口没有斑马线")
    await gathered(home)

    await deputy.says("/ask 下水道堵了", chat=group)
    await gathered(home)

    assert "斑马线" not in shown(await deputy.sees("推送预览"))
    async with home.session() as session:
        assert await session.scalar(select(func.count()).where(Issue.state == IssueState.DRAFT)) == 2


async def test_who_never_opened_the_bot_is_shown_the_way_once(home: Village) -> None:
    deputy, _, office, group = await quiet_circle(home)
    unknown = await home.stranger("新代表")
    await home.request("POST", f"/sandbox/groups/{group}/members", json={"by": office.id, "user": unknown.id})

    for text in ("/ask 下水道堵了", "/ask 下水道堵了", "闲聊", "/who 城建"):
        await unknown.says(text, chat=group)
    card = await unknown.sees("请先打开机器人", group)

    assert card["reply_markup"]["inline_keyboard"][0][0]["url"] == "https://t.me/village_bot?start=circle"
    assert sum("请先打开机器人" in shown(message) for message in await deputy.messages(group)) == 1
    async with home.session() as session:
        assert await session.scalar(select(func.count()).select_from(Issue)) == 0


async def test_another_persons_draft_does_not_open_by_its_link(home: Village) -> None:
    deputy, expert, office, group = await quiet_circle(home)
    await deputy.says("/ask 下水道堵了", chat=group)
    await gathered(home)

    for phone in (expert, office):
        for payload in (f"q_{(await draft_of(home)).id}", "q_999", "q_x", "q_99999999999999"):
            await phone.starts(payload)
        await phone.sees_nothing_of("下水道")
    await office.says("/ask 下水道堵了", chat=group)
    await office.sees("只有人大代表可以提出问题", group)


async def test_the_circles_open_issues_are_listed_with_links_to_their_cards(home: Village) -> None:
    deputy, expert, _, group = await quiet_circle(home)
    await share(home, deputy)
    card = await expert.sees("2026-0001", group)

    await expert.says("/circle@village_bot", chat=group)

    listed = await expert.sees("2026-0001 ", group)
    links = [entity["url"] for entity in listed["entities"] if entity["type"] == "text_link"]
    assert links == [f"https://t.me/c/{-1_000_000_000_000 - group}/{card['message_id']}"]


async def test_the_bot_speaks_in_groups_only_when_spoken_to(home: Village) -> None:
    deputy, expert, office, group = await quiet_circle(home)
    loose = (await home.request("POST", "/sandbox/groups", json={"title": "闲聊群", "owner": office.id, "members": [deputy.id]}))["id"]
    await home.request("POST", f"/sandbox/groups/{loose}/members", json={"by": office.id, "bot": True, "admin": True})
    before = await sent_to(home, group), await sent_to(home, loose)

    for text in ("大家好", "谁懂农业？", "/who@other_bot 农业", "who 农业", "/unknown", "ask 一下"):
        await deputy.says(text, chat=group)
        await deputy.says(text, chat=loose)
    for text in ("/who 农业", "/ask 下水道堵了", "/circle", "/about", "@village_bot 你好"):
        await deputy.says(text, chat=loose)
    await expert.sends("photo", chat=group)
    await home.passes(timedelta(days=1))

    assert (await sent_to(home, group), await sent_to(home, loose)) == before


async def test_groups_list_their_commands_in_both_languages(home: Village) -> None:
    deputy, _, _, group = await quiet_circle(home)
    foreigner = await home.person("Smith", language="en")
    other = await home.person("Dupont", language="fr")

    lists = {}
    for phone in (deputy, foreigner, other):
        await home.request("POST", f"/sandbox/groups/{group}/members", json={"by": await owner_of(home, group), "user": phone.id})
        chats = await home.request("GET", f"/sandbox/users/{phone.id}/chats")
        [lists[phone.name]] = [chat["commands"] for chat in chats if chat["key"] == group]

    for commands in lists.values():
        assert [command["command"] for command in commands] == ["circle", "who", "ask", "about"]
    assert lists["王秀兰"][0]["description"] == "本圈在办问题" == lists["Dupont"][0]["description"]
    assert lists["Smith"][0]["description"] == "The circle's open issues"


async def owner_of(home: Village, group: int) -> int:
    state = await home.request("GET", "/sandbox/state")
    [found] = [entry for entry in state["groups"] if entry["id"] == group]
    return next(int(member["user"]["id"]) for member in found["members"] if member["status"] == "creator")


async def test_in_a_topic_group_each_circle_answers_in_its_own_topic(home: Village) -> None:
    deputy, office = await home.person("王秀兰"), await home.person("刘敏", Role.OFFICE)
    expert = await home.person("陈志强", specialties=BUILDING)
    await put_in_circle(home, "城建环保", expert)
    group, topic = await circle_topic(home, office, expert, deputy, name="城建环保")
    await home.request("POST", f"/sandbox/groups/{group}/promote", json={"by": office.id, "bot": True, "admin": False})

    await deputy.says("/who 城建", chat=group, thread=topic)
    await deputy.says("/ask 下水道堵了", chat=group, thread=topic)
    await gathered(home)
    await deputy.says("/about", chat=group)

    await deputy.sees("陈志强", group, thread=topic)
    assert "城建环保" in shown(await deputy.sees("推送预览"))
    assert shown(await deputy.sees("推送预览")).count("下水道堵了") == 1
    await deputy.sees("请在工作圈自己的话题里使用", group)


async def test_on_monday_the_circle_reads_its_week_once_with_thanks_by_name(home: Village) -> None:
    deputy, expert, _, group = await quiet_circle(home)
    await home.tick()
    await share(home, deputy)
    await share(home, deputy, "路灯坏了三个月没人修，晚上很黑")
    card = await expert.sees("2026-0001", group)
    await expert.says("建议先清淤", chat=group, reply_to=card["message_id"])
    await deputy.sees("建议先清淤")
    await home.until(MONDAY - timedelta(minutes=5))
    await expert.sees_nothing_of("一周情况", group)

    await home.until(MONDAY)
    for _ in range(3):
        await home.tick()

    digest = shown(await expert.sees("“城建环保”工作圈一周情况", group))
    assert "新收问题 2 件，得到专业意见 1 件，办结 0 件" in digest
    assert "感谢提出专业意见的代表：陈志强（1 件）" in digest
    assert "等待最久的：" in digest.replace("还在等待意见 1 件，", "")
    assert sum("一周情况" in shown(message) for message in await expert.messages(group)) == 1
    await home.until(MONDAY + timedelta(weeks=1))
    assert sum("一周情况" in shown(message) for message in await expert.messages(group)) == 1
    async with home.session() as session:
        told = (await session.execute(select(CircleDigest.monday, CircleDigest.told).where(CircleDigest.settled_at.is_not(None)))).all()
        assert [tuple(row) for row in told] == [(MONDAY.date() - timedelta(weeks=1), True), (MONDAY.date(), False)]


async def test_a_digest_for_a_lost_circle_waits_and_comes_once(home: Village) -> None:
    deputy, expert, office, group = await quiet_circle(home)
    await home.tick()
    await share(home, deputy)
    await home.until(MONDAY - timedelta(hours=2))
    await home.request("POST", f"/sandbox/groups/{group}/remove", json={"by": office.id, "bot": True})

    await home.until(MONDAY)
    await expert.sees_nothing_of("一周情况", group)
    await home.request("POST", f"/sandbox/groups/{group}/members", json={"by": office.id, "bot": True})
    await home.tick()

    await expert.sees("一周情况", group)
    async with home.session() as session:
        sent = select(func.count()).where(OutboxMessage.subject.startswith("digest:"))
        assert await session.scalar(sent) == 1
        assert await session.scalar(select(Circle.chat_id).where(Circle.name == "城建环保")) == group


async def test_an_answer_to_a_command_that_cannot_be_given_is_not_sent_later(home: Village) -> None:
    deputy, _, office, group = await quiet_circle(home)
    permissions = f"/sandbox/groups/{group}/permissions"
    await home.request("POST", permissions, json={"by": office.id, "can_send_messages": False})

    await deputy.says("/who 城建", chat=group)
    await home.settle()
    await home.request("POST", permissions, json={"by": office.id})
    await home.passes(timedelta(hours=26))

    try:
        await deputy.sees("找代表", group)
    except NotSeen:
        return
    raise AssertionError("an answer came a day late")
