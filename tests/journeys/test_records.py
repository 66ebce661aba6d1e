"""The record's journey: gathered in the chat, finished by hand, confirmed by the office, and kept in duty files."""

from __future__ import annotations

import io
from datetime import datetime, timedelta

import aiohttp
from docx import Document
from sqlalchemy import select

from models.attendance import CheckIn, CheckInWay
from models.duty import DutyEntry
from models.people import Person, Role
from models.records import ActivityRecord
from tests.village import Phone, Village, labels_of, shown

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TITLE = "视察城区污水处理厂"
MESSAGE = f"活动：{TITLE}\n类型：视察\n时间：3月12日上午9点\n地点：区政府东门\n对象：第一代表小组\n说明：先听汇报，再看现场"
GROUP = "第一代表小组"


class Scene:
    """A group leader with two deputies and the office; the activity has begun, and one deputy has checked in."""

    def __init__(self, home: Village) -> None:
        self.home = home

    async def begin(self) -> Scene:
        home = self.home
        self.office = await home.person("周主任", Role.OFFICE)
        self.head = await home.person("孙组长", Role.DEPUTY, Role.GROUP_LEADER, group=GROUP)
        self.deputy = await home.person("王建国", group=GROUP)
        self.absent = await home.person("李秀英", group=GROUP)
        self.stranger = await home.person("路人甲")
        await self.head.says(MESSAGE)
        await self.head.presses("确认发布")
        await home.tick()
        await home.passes(2 * DAY)  # Thursday, 12 March, 12:00: over since 11:00
        async with home.session() as session:
            person = (await session.scalars(select(Person).where(Person.name == "王建国"))).one()
            session.add(
                CheckIn(activity_id=1, person_id=person.id, at=datetime.fromisoformat("2026-03-12T09:00+08:00"), way=CheckInWay.TAP)
            )
        return self

    async def open(self, who: Phone | None = None) -> None:
        who = who or self.head
        await who.says("/activities")
        await who.presses(TITLE)
        await who.presses("📝 纪实")
        await self.settle()

    async def written(self) -> None:
        await self.open()
        await self.head.says("代表们看了三处现场。")
        await self.settle()

    async def settle(self) -> None:
        """What was sent has joined, and the card, which waits for the last of an album, shows it."""
        await self.home.settle()
        await self.home.passes(timedelta(seconds=3))

    async def submitted(self) -> None:
        await self.written()
        await self.head.presses("提交联络室")

    async def confirmed(self) -> None:
        await self.submitted()
        assert "2026-001" in await self.office.presses("✅ 确认")
        await self.settle()

    async def card(self, who: Phone | None = None) -> str:
        await self.settle()
        return str((await (who or self.head).sees("📝 活动纪实"))["text"])


async def test_photos_files_voice_and_texts_join_while_the_record_is_open(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.open()

    await scene.head.says("代表们看了三处现场。")
    await scene.head.sends_album({"kind": "photo", "caption": "进水口"}, {"kind": "photo"}, {"kind": "photo"})
    await scene.head.sends("voice")
    await scene.head.sends("document")
    told = await scene.deputy.says("建议每月检测一次", chat=scene.head.id)
    await scene.head.forwards(told["message_id"], source=scene.deputy.id)

    card = await scene.card()
    for text in (
        "应到 3 人，实到 2 人",
        "缺席：李秀英",
        "照片 3",
        "语音 1",
        "文件 1",
        "先听汇报，再看现场",
        "代表们看了三处现场。\n建议每月检测一次",
        "🟢",
    ):
        assert text in card
    async with home.session() as session:
        kept = (await session.scalars(select(ActivityRecord))).one()
        assert [piece.attachment is not None for piece in kept.photos] == [True, True, True]
    await scene.head.sees_nothing_of("问题草稿")


async def test_after_closing_nothing_joins_any_more(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.written()

    await home.passes(11 * HOUR)
    await scene.head.says("过了很久再补一句。")
    assert "过了很久再补一句" in await scene.card(), "it is patient"
    await scene.head.presses("结束收集")
    await scene.head.says("小区路灯坏了。")
    await scene.settle()

    await scene.open()
    assert "路灯" not in await scene.card()


async def test_each_section_is_written_by_sending_text(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.written()

    await scene.head.presses("✏️ 主要内容")
    await scene.head.sees("代表们看了三处现场。")
    await scene.head.sends("photo")  # while words are awaited: it joins, and the section stays asked for
    await scene.head.says("一、听取汇报；二、查看现场。")
    await scene.head.presses("✏️ 下一步")
    await scene.head.says("下月回访。")
    await scene.head.presses("✏️ 下一步")
    await scene.head.presses("改为补充")
    await scene.head.says("书面反馈区住建局。")

    await scene.head.presses("✏️ 列席人员")
    await scene.head.says("区住建局副局长 吴涛")

    card = await scene.card()
    for text in ("一、听取汇报；二、查看现场。", "下月回访。\n书面反馈区住建局。", "照片 1"):
        assert text in card
    assert "代表们看了三处现场" not in card
    await scene.head.presses("看全文")
    whole = (await scene.head.sees("活动类型"))["text"]
    for text in (
        "活动类型：视察",
        "时间：2026年3月12日(周四) 09:00–11:00",
        "出席（2人）：孙组长、王建国",
        "缺席（1人）：李秀英",
        "列席人员：区住建局副局长 吴涛",
    ):
        assert text in whole


async def test_a_text_longer_than_a_message_stays_in_its_section(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.written()

    await scene.head.presses("✏️ 代表发言")
    await scene.head.says("言" * 4090)
    await scene.head.says("第二段")
    await scene.settle()
    await home.passes(HOUR)
    await scene.head.says("后来想起的一句")
    await scene.settle()

    async with home.session() as session:
        kept = (await session.scalars(select(ActivityRecord))).one()
        assert kept.sections["speeches"].endswith("言\n第二段")
        assert [piece.text for piece in kept.pieces] == ["代表们看了三处现场。", "后来想起的一句"]


async def test_a_reply_to_a_photo_captions_it_and_pieces_can_be_dropped(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.written()
    photo = await scene.head.sends("photo")
    await scene.head.says("代表查看出水水质", reply_to=photo["message_id"])
    await scene.head.sends("photo")
    await scene.settle()

    await scene.head.presses("📎 材料（3）")
    assert "2. 照片 代表查看出水水质" in (await scene.head.sees("纪实材料"))["text"]
    await scene.head.presses("说明 3")
    await scene.head.says("合影")
    await scene.settle()
    await scene.head.presses("📎 材料（3）")
    assert "3. 照片 合影" in (await scene.head.sees("纪实材料"))["text"]
    await scene.head.presses("去掉 2")
    await scene.settle()

    async with home.session() as session:
        kept = (await session.scalars(select(ActivityRecord))).one()
        assert [piece.text for piece in kept.photos] == ["合影"]
        assert len(kept.kept) == 2
    await scene.head.presses("恢复 2")


async def test_an_edited_message_is_edited_in_the_record(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.open()
    said = await scene.head.says("看了两处现场。")
    await scene.settle()

    await scene.head.edits(said, "看了三处现场。")

    assert "看了三处现场" in await scene.card()


async def test_the_word_file_holds_facts_sections_and_photos(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.written()
    await scene.head.sends_album({"kind": "photo", "caption": "进水口"}, {"kind": "photo"}, {"kind": "photo"})
    await scene.head.sends("voice")
    await scene.settle()
    await scene.head.presses("提交联络室")
    await scene.office.presses("✅ 确认")

    await scene.office.presses("导出 Word")

    message = await scene.office.sees("活动纪实-")
    assert message["document"]["file_name"] == f"活动纪实-{TITLE}.docx"
    document = await document_of(home, message)
    texts = [paragraph.text for paragraph in document.paragraphs]
    for text in ("代表之家  编号：〔2026〕001号", TITLE, "活动纪实", "一、出席情况", "出席（2人）：孙组长、王建国", "代表们看了三处现场。"):
        assert text in texts
    facts = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert ["时间", "2026年3月12日(周四) 09:00–11:00"] in facts
    assert len(document.inline_shapes) == 3
    assert "图1　进水口" in document.tables[1].rows[0].cells[0].text
    assert document.paragraphs[-2].text == "记录人：孙组长　　　　　审核人：周主任"


async def document_of(home: Village, message: dict[str, object]) -> object:
    file_id = message["document"]["file_id"]  # type: ignore[index]
    async with aiohttp.ClientSession() as http, http.get(f"{home.address}/sandbox/files/{file_id}") as response:
        return Document(io.BytesIO(await response.read()))


async def test_the_office_confirms_and_those_absent_are_told(home: Village) -> None:
    scene = await Scene(home).begin()

    await scene.confirmed()

    assert "编号 2026-001" in (await scene.head.sees("已由联络室确认"))["text"]
    assert "记为：缺席" in (await scene.absent.sees("履职档案"))["text"]
    await scene.deputy.sees_nothing_of("记为")
    await scene.deputy.says("/duty")
    file = (await scene.deputy.sees("我的履职档案"))["text"]
    assert "2026 年：出席 1，迟到 0，请假 0，缺席 0" in file
    assert f"1. 2026年3月12日(周四) {TITLE}\n视察检查 · 出席" in file
    assert "纪实已确认" in (await scene.office.sees("未回复"))["text"]


async def test_the_office_sends_a_record_back_with_a_reason(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.submitted()
    old = await scene.office.sees("✅ 确认")

    await scene.office.presses("退回")
    await scene.office.says("请补充代表发言")
    await scene.head.sees("退回原因：请补充代表发言")
    confirm = next(button["callback_data"] for row in old["reply_markup"]["inline_keyboard"] for button in row if "确认" in button["text"])
    assert "已有变化" in await scene.office.presses_data(old["message_id"], confirm)
    await scene.head.presses("打开纪实")
    await scene.head.presses("✏️ 代表发言")
    await scene.head.says("王建国：建议每月检测。")
    await scene.head.presses("提交联络室")
    await scene.office.presses("✅ 确认")

    async with home.session() as session:
        assert len((await session.scalars(select(DutyEntry))).all()) == 3


async def test_submitting_too_early_or_empty_says_what_is_missing(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.open()

    assert "主要内容" in await scene.head.presses("提交联络室")
    await scene.head.presses("提交联络室")  # a second tap says the same, and nothing breaks
    await scene.office.sees_nothing_of("待联络室确认")


async def test_a_double_tap_confirms_once(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.submitted()
    card = await scene.office.sees("✅ 确认")
    data = next(button["callback_data"] for row in card["reply_markup"]["inline_keyboard"] for button in row if button["text"] == "✅ 确认")

    await scene.office.presses_data(card["message_id"], data)
    assert "已有变化" in await scene.office.presses_data(card["message_id"], data)

    async with home.session() as session:
        assert len((await session.scalars(select(DutyEntry))).all()) == 3


async def test_somebody_named_keeps_the_record(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.open()

    await scene.head.presses("指定记录人")
    await scene.head.says("赵无名")
    await scene.head.sees("没有找到“赵无名”")
    await scene.head.says("王建国")
    await scene.deputy.presses("打开纪实")
    await scene.deputy.presses("开始收集")
    await scene.deputy.says("王建国记：看了三处现场。")
    await scene.settle()
    assert "指定记录人" not in labels_of(await scene.deputy.sees("📝 活动纪实"))
    await scene.deputy.presses("提交联络室")

    await scene.office.sees("待联络室确认")


async def test_words_of_the_record_become_an_issue_of_whoever_said_them(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.open()
    await scene.head.says("城南小区污水管网错接，雨天外溢。")
    told = await scene.deputy.says("城北小学门口没有斑马线。", chat=scene.head.id)
    await scene.head.forwards(told["message_id"], source=scene.deputy.id)
    await scene.settle()

    await scene.head.presses("📎 材料（2）")
    assert "孙组长" in await scene.head.presses("转为问题 1")
    assert "王建国" in await scene.head.presses("转为问题 2")

    assert "城南小区污水管网错接" in (await scene.head.sees("请选择要推送的专长"))["text"]
    await scene.deputy.sees("为您生成了一份问题草稿")
    assert "城北小学门口没有斑马线" in (await scene.deputy.sees("请选择要推送的专长"))["text"]
    assert shown(await scene.head.sees("纪实材料")).count("（已转为问题）") == 2
    await scene.head.says("后来的话还是记入纪实。")
    assert "后来的话还是记入纪实" in await scene.card()


async def test_the_office_corrects_a_final_attendance_and_the_person_hears_why(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.confirmed()

    await scene.absent.presses("有异议")
    await scene.absent.says("我当天到场，忘了签到。")
    await scene.office.sees("我当天到场，忘了签到。")
    await scene.office.presses("更正出席情况", on="有异议")
    await scene.office.presses("出席", on="应更正为")
    await scene.office.says("经核实当天到场")

    told = (await scene.absent.sees("更正为"))["text"]
    assert "您的出席情况由“缺席”更正为“出席”。" in told
    assert "经核实当天到场" in told
    await scene.absent.says("/duty")
    assert "出席 1" in (await scene.absent.sees("我的履职档案"))["text"]


async def test_the_office_corrects_by_name_too(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.confirmed()

    await scene.office.presses("更正出席情况", on="📝 活动纪实")
    await scene.office.says("路人甲")
    await scene.office.sees("没有找到“路人甲”")
    await scene.office.says("王建国")
    await scene.office.presses("迟到", on="应更正为")
    await scene.office.says("10点才到")

    assert "由“出席”更正为“迟到”" in (await scene.deputy.sees("更正为"))["text"]


async def test_a_missing_record_is_chased_once_then_the_office_is_told(home: Village) -> None:
    scene = await Scene(home).begin()

    await home.passes(3 * DAY)  # Sunday
    await scene.head.sees_nothing_of("还没有提交纪实")
    await home.passes(DAY)
    await home.passes(HOUR)
    await scene.head.sees("还没有提交纪实")
    await scene.office.sees_nothing_of("至今没有纪实")
    await home.passes(3 * DAY)
    await home.passes(HOUR)

    assert "记录人：孙组长" in (await scene.office.sees("至今没有纪实"))["text"]
    assert sum("还没有提交纪实" in shown(message) for message in await scene.head.messages()) == 1
    await scene.office.says("/records")
    assert TITLE in shown(await scene.office.sees("待完成的活动纪实"))


async def test_forged_presses_of_others_do_nothing(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.submitted()
    menu = await scene.stranger.sees("请选择")

    for do in ("open", "gather", "stop", "whole", "send", "doc", "keeper", "submit", "yes", "back", "fix"):
        assert "没有这项权限" in await scene.stranger.presses_data(menu["message_id"], f"rec:1:{do}:2"), do
    for data in ("rsec:1:next:write", "rpc:1:drop:1:0", "rpc:1:issue:1:0", "rkp:1:1", "rfix:1:2", "rto:1:2:present"):
        assert "没有这项权限" in await scene.stranger.presses_data(menu["message_id"], data), data
    for data in ("rec:99:open:0", "rec:1:nonsense:0", "dob:99", "rpc:1:drop:99999999999:0", "rsec:1:none:write"):
        assert "已失效" in await scene.stranger.presses_data(menu["message_id"], data), data
    head_menu = await scene.head.sees("请选择")
    assert "没有这项权限" in await scene.head.presses_data(head_menu["message_id"], "rec:1:yes:3")


async def test_a_photo_that_did_not_come_is_said_and_is_in_the_next_file(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.written()
    await home.request("POST", "/sandbox/faults", json={"method": "getFile", "count": 2, "kind": "500"})
    await scene.head.sends("photo")
    await scene.settle()

    await scene.head.presses("导出 Word")
    first = await scene.head.sees("活动纪实-")
    assert "有 1 张照片还没有取回" in first["caption"]
    assert "尚未确认" in first["caption"]
    await home.passes(HOUR)
    await scene.head.presses("导出 Word")

    second = await scene.head.sees("活动纪实-")
    assert "还没有取回" not in second["caption"]
    assert len((await document_of(home, second)).inline_shapes) == 1  # type: ignore[attr-defined]


async def test_a_file_that_only_calls_itself_a_picture_is_listed_as_a_file(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.written()
    await scene.head.uploads("现场.png", b"no picture at all", mime_type="image/png")
    await scene.settle()

    await scene.head.presses("导出 Word")

    document = await document_of(home, await scene.head.sees("活动纪实-"))
    assert "1. 文件：现场.png" in [paragraph.text for paragraph in document.paragraphs]  # type: ignore[attr-defined]


async def test_a_leader_reads_a_record_and_changes_nothing(home: Village) -> None:
    leader = await home.person("郑主任", Role.LEADER)
    scene = await Scene(home).begin()
    await scene.open(leader)
    await leader.sees("请选择")
    await scene.written()

    await scene.open(leader)
    card = await leader.sees("📝 活动纪实")
    assert "提交联络室" not in labels_of(card)
    await leader.presses("看全文", on="📝 活动纪实")
    await leader.sees("代表们看了三处现场。")
    card = await leader.sees("📝 活动纪实")
    for data in ("rec:1:submit:2", "rsec:1:next:write", "rpc:1:drop:1:0", "rec:1:keeper:2", "rec:1:fix:2"):
        assert "没有这项权限" in await leader.presses_data(card["message_id"], data), data


async def test_whoever_left_is_not_chased_the_office_is(home: Village) -> None:
    scene = await Scene(home).begin()
    async with home.session() as session:
        (await session.scalars(select(Person).where(Person.name == "孙组长"))).one().active = False

    await home.passes(5 * DAY)

    await scene.office.sees("还没有提交纪实")
    await scene.head.sees_nothing_of("还没有提交纪实")


async def test_what_a_record_cannot_hold_is_said(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.open()

    await scene.head.shares_phone()
    await scene.head.sees("记不进纪实")
    photo = await scene.head.sends("photo")
    await scene.head.says("说" * 201, reply_to=photo["message_id"])
    await scene.head.sees("说明最多 200 字，现在有 201 字")

    assert "照片 1" in await scene.card()


async def test_a_record_submitted_meanwhile_takes_nothing_and_lets_its_keeper_go(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.written()
    await scene.open(scene.office)
    await scene.office.presses("提交联络室")

    await scene.head.says("再补一句")
    await scene.head.sees("已经提交，不能再改")
    await scene.head.says("小区路灯坏了")  # the form is closed: this is an issue again

    await scene.settle()
    await scene.head.sees("小区路灯坏了")


async def test_an_english_reader_gets_the_same_record_and_a_chinese_file(home: Village) -> None:
    scene = await Scene(home).begin()
    zhou = await home.person("Zhou", Role.OFFICE, language="en")
    await scene.submitted()

    await zhou.presses("Whole text")
    assert "Attendance: 3 called, 2 came" in (await zhou.sees("Kept by"))["text"]
    await zhou.presses("Word file")

    document = await document_of(home, await zhou.sees("Record-"))
    assert "一、出席情况" in [paragraph.text for paragraph in document.paragraphs]  # type: ignore[attr-defined]


async def test_a_record_forgotten_open_takes_nothing_the_next_day(home: Village) -> None:
    scene = await Scene(home).begin()
    await scene.open()
    await home.passes(13 * HOUR)

    await scene.head.says("活动：学习会\n类型：学习\n时间：3月25日上午9点\n地点：区政府东门\n对象：第一代表小组")

    await scene.head.sees("请核对，确认后发布")
    async with home.session() as session:
        assert (await session.scalars(select(ActivityRecord))).one().pieces == []
