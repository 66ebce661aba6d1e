"""Deputies bring what constituents told them: as texts, albums, forwards and files, corrected or not, and say where it goes."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from handlers.advice_presses import PickPress, WishPress
from handlers.issue_presses import DraftDo, DraftPress
from models.issue_pieces import IssuePiece
from tests.journeys.month.cast import Month
from tests.journeys.month.matters import UNITS, Matter
from tests.journeys.phones import buttons, press, press_one, together
from tests.village import Phone

CAPTION = 1000
NEWEST = 12
"""A draft's card stands among the latest messages of the chat."""


async def bring(month: Month, count: int) -> None:
    """Some deputies bring one matter each, up to the tap that shares it."""
    matters = take_up(month, count)
    await together(say(month, matter) for matter in matters)
    await gathered(month)
    await choose(month, matters)
    await confirm(month, matters)
    await note_issues(month)


async def note_issues(month: Month) -> None:
    """Keep which issue is whose matter, once all is shared: the telephone tells."""
    await month.home.settle()
    async with month.home.session() as session:
        pieces = (await session.execute(select(IssuePiece.issue_id, IssuePiece.text).where(IssuePiece.issue_id.not_in(month.issues)))).all()
    for issue_id, text in pieces:
        bare = text.replace(" ", "")
        told = next((matter for matter in month.matters if matter.secret.phone in bare), None)
        if told is not None:
            month.issues[issue_id] = told


def take_up(month: Month, count: int) -> list[Matter]:
    """Who has heard what today."""
    matters = []
    for deputy in month.chance.sample(month.deputies, min(count, len(month.texts))):
        text = month.texts.pop()
        unit = UNITS.get(text.specialty, "") if month.luck(0.15) else ""
        matters.append(Matter(text, month.secrets.pop(), deputy.id, unit))
    month.matters += matters
    return matters


async def say(month: Month, matter: Matter) -> None:
    """Tell the bot, in one of the ways Telegram has."""
    deputy, secret, manner = month.phones[matter.deputy], matter.secret, month.chance.randrange(3)
    told = secret.told(matter.words, manner)
    way = month.chance.random()
    if way < 0.12:
        await deputy.sends_album({"kind": "photo", "caption": secret.told(matter.words, 1)[:CAPTION]}, {"kind": "photo"}, {"kind": "video"})
    elif way < 0.22:
        said = await deputy.says(secret.told(matter.words[: len(matter.words) // 2]))
        await deputy.edits(said, told)
    elif way < 0.27:
        await deputy.says(told)
        await deputy.sends("voice", caption=f"{secret.name}的录音")
    elif way < 0.32:
        await deputy.sends("photo", caption=f"{secret.name} {secret.phone}")
        await deputy.says(told)
    elif way < 0.38:
        await deputy.says(told)
        await deputy.uploads(f"{secret.name}_{secret.phone}.pdf", b"%PDF-1.4 a deed", caption=f"{secret.name}的房产证")
    elif way < 0.45:
        constituent = await month.home.stranger(secret.name, secret.phone)
        said = await constituent.says(told, chat=deputy.id)
        await deputy.forwards(said["message_id"], source=constituent.id)
    else:
        await deputy.says(told)


async def gathered(month: Month) -> None:
    """All has come in, and the drafts' cards have been shown."""
    await month.home.settle()
    await month.home.passes(timedelta(seconds=2))


async def choose(month: Month, matters: list[Matter]) -> None:
    """Choose the specialty, sometimes by the correction, and sometimes somebody in particular."""
    unlisted = [matter for matter in matters if not await _pick(month, matter)]
    await month.home.settle()
    await together(_correct(month, matter) for matter in matters if matter in unlisted or month.luck(0.04))
    await month.home.settle()
    await together(_wish(month.phones[matter.deputy]) for matter in matters if month.luck(0.04))
    await month.home.settle()


async def confirm(month: Month, matters: list[Matter]) -> None:
    """The tap that shares it."""
    await together(
        press_one(month.phones[matter.deputy], DraftPress, lambda does: does.do is DraftDo.CONFIRM, looks_at=NEWEST) for matter in matters
    )


async def _pick(month: Month, matter: Matter) -> bool:
    """Press the specialty it belongs to, where it is offered; else the first offered, or none in favour of the correction (False)."""
    deputy, right = month.phones[matter.deputy], month.specialty_ids[matter.text.specialty]
    offered = await buttons(deputy, DraftPress, lambda does: does.do is DraftDo.PICK, looks_at=NEWEST)
    offered = [(message_id, does) for message_id, does in offered if message_id == offered[0][0]]
    chosen = next((each for each in offered if each[1].which == right), None)
    if chosen is None and month.luck(0.6):
        return False
    if chosen is not None or offered:
        await press(deputy, *(chosen or offered[0]))
    return True


async def _correct(month: Month, matter: Matter) -> None:
    """By one tap, where the right specialty is among those at hand; else by *other*, which shows all."""
    deputy, right = month.phones[matter.deputy], month.specialty_ids[matter.text.specialty]
    for do in (DraftDo.PICK, DraftDo.ALL, DraftDo.PICK):
        if (
            await press_one(deputy, DraftPress, lambda does, do=do: does.do is do and does.which in (0, right), looks_at=NEWEST)
            and do is DraftDo.PICK
        ):
            return
        await month.home.settle()


async def _wish(deputy: Phone) -> None:
    """Look at who may be asked, and take the second of them."""
    if await press_one(deputy, PickPress, looks_at=NEWEST):
        await deputy.village.settle()
        able = await buttons(deputy, WishPress, lambda does: does.person_id > 0, looks_at=NEWEST)
        if able:
            await press(deputy, *able[min(1, len(able) - 1)])
