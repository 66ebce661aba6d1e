"""Deputies' profiles: written in the chat, approved by the office, seen by the Home and at the deputy's mailbox."""

from __future__ import annotations

from sqlalchemy import func, select

from models.outbox import Attachment
from models.people import Person, Role
from models.profiles import Profile, ProfileState
from tests.village import Phone, Village, shown

BIOGRAPHY = "小学高级教师，关注教育公平和学校周边交通，三年来推动开通两条校车线路。"


async def handed_in(home: Village, deputy: Phone, words: str = BIOGRAPHY) -> None:
    """A profile with a photo, off to the office."""
    await deputy.says("/profiles")
    await deputy.presses("我的风采")
    await deputy.sends("photo")
    await deputy.sees("请写一段简介")
    await deputy.says(words)
    await deputy.presses("提交审核", on=words[:10])
    await deputy.sees("等待联络室审核")


async def link_of(home: Village, name: str) -> str:
    async with home.session() as session:
        return f"d_{await session.scalar(select(Person.id).where(Person.name == name))}"


async def test_a_profile_is_seen_once_the_office_has_approved_it_at_the_mailbox_too(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道", specialties=("教科文卫",), phone="13900001111")
    office = await home.person("刘敏", Role.OFFICE)
    colleague = await home.person("周文博", area="柳河镇")
    constituent = await home.stranger("小陈")
    await handed_in(home, deputy)
    await constituent.starts(await link_of(home, "王秀兰"))
    await constituent.sees_nothing_of("校车")

    await office.presses("同意展示", on="代表风采待审核")

    await deputy.sees("已通过审核")
    await constituent.starts(await link_of(home, "王秀兰"))
    seen = await constituent.sees("校车")
    assert seen.get("photo")
    assert "云溪街道" in shown(seen)
    assert "教科文卫" in shown(seen)
    await colleague.says("/profiles")
    await colleague.presses("云溪街道")
    await colleague.presses("王秀兰")
    there = await colleague.sees("代表邮箱（可转给群众）")
    assert there.get("photo")
    for phone in (constituent, colleague):
        await phone.sees_nothing_of("13900001111")


async def test_what_was_approved_before_stays_until_the_change_is_approved_and_may_come_back_with_a_word(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道")
    office, second = await home.person("刘敏", Role.OFFICE), await home.person("赵刚", Role.OFFICE)
    await handed_in(home, deputy)
    await office.presses("同意展示", on="代表风采待审核")
    await deputy.says("/profiles")
    await deputy.presses("我的风采")
    await deputy.presses("改简介")
    await deputy.says("新的简介，写得太短")
    await deputy.presses("提交审核", on="新的简介")

    await second.presses("退回修改", on="新的简介")
    await second.says("请补充近三年的履职情况")

    await deputy.sees("请补充近三年的履职情况")
    await office.sees("已由赵刚退回")
    await office.says("/profiles")
    await office.presses("云溪街道")
    await office.presses("王秀兰")
    assert "校车" in shown(await office.sees("代表邮箱（可转给群众）"))
    async with home.session() as session:
        states = (await session.scalars(select(Profile.state).order_by(Profile.id))).all()
        assert states == [ProfileState.SHOWN, ProfileState.RETURNED]


async def test_two_of_the_office_decide_once_and_what_changed_meanwhile_is_not_approved(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道")
    office, second = await home.person("刘敏", Role.OFFICE), await home.person("赵刚", Role.OFFICE)
    await handed_in(home, deputy)
    stale = await office.sees("代表风采待审核")
    data = next(b["callback_data"] for row in stale["reply_markup"]["inline_keyboard"] for b in row if "同意" in b["text"])
    await deputy.presses("收回修改")
    await office.sees("已由本人收回修改")
    await deputy.presses("提交审核")
    fresh = (await office.sees("请核对照片和文字"))["message_id"]

    refused = await office.presses_data(fresh, data)
    await second.presses("同意展示", on="代表风采待审核")
    late = await office.presses_data(fresh, data)

    assert "修改或处理过" in refused
    assert "修改或处理过" in late
    await office.sees("已由赵刚同意展示")


async def test_a_number_in_the_biography_is_refused_and_the_question_stays_open(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道", phone="13900001111")
    await deputy.says("/profiles")
    await deputy.presses("我的风采")
    await deputy.presses("不用照片")
    await deputy.sends("voice")
    await deputy.sees("请用文字写简介")

    await deputy.says("欢迎致电一三九 零零零零 一一一一")

    await deputy.sees("请去掉后再发")
    await deputy.says(BIOGRAPHY)
    await deputy.presses("提交审核", on="校车")


async def test_an_album_is_one_photo_and_a_caption_is_the_biography(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道")
    await deputy.says("/profiles")
    await deputy.presses("我的风采")

    await deputy.sends_album({"kind": "photo", "caption": BIOGRAPHY}, {"kind": "photo"})

    preview = await deputy.sees("提交审核")
    assert preview.get("photo")
    await deputy.sees_nothing_of("请用文字写简介")


async def test_a_profile_taken_down_leaves_no_photo_and_no_words_behind(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道")
    office = await home.person("刘敏", Role.OFFICE)
    await handed_in(home, deputy)
    await office.presses("同意展示", on="代表风采待审核")
    await office.says("/profiles")
    await office.presses("云溪街道")
    await office.presses("王秀兰")
    await office.presses("不再展示")
    await office.presses("确认不再展示")

    await deputy.sees("已将您的代表风采撤下")
    async with home.session() as session:
        profile = (await session.scalars(select(Profile))).one()
        assert (profile.state, profile.biography, profile.photo_id) == (ProfileState.RETIRED, "", None)
        assert await session.scalar(select(func.count()).select_from(Attachment)) == 0


async def test_nobody_decides_or_changes_what_is_not_theirs(home: Village) -> None:
    deputy = await home.person("王秀兰", area="云溪街道")
    other = await home.person("周文博", area="柳河镇")
    await home.person("刘敏", Role.OFFICE)
    await handed_in(home, deputy)
    async with home.session() as session:
        profile = (await session.scalars(select(Profile))).one()
    message = await other.sees("周文博")

    toasts = [
        await other.presses_data(message["message_id"], f"prf:{do}:{which}:{profile.version}")
        for do, which in (("y", profile.id), ("n", profile.id), ("w", 0), ("r", profile.id), ("ok", profile.id), ("h2", profile.person_id))
    ]

    assert all("权限" in toast for toast in toasts), toasts
