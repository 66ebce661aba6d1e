"""Many people at once who tell the Home things, and whether in the end all of it was taken in, done and answered exactly once."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.sandbox.world import User
from models.inbox import InboxState, InboxUpdate
from models.issue_pieces import IssuePiece
from models.outbox import OutboxMessage, OutboxState
from models.people import Person, Role
from tests.village import Phone, Village

_ids = itertools.count(700_001)


async def crowd(home: Village, count: int, role: Role = Role.DEPUTY) -> list[Phone]:
    """So many people of the roster who have started the bot, made in one go."""
    ids = [next(_ids) for _ in range(count)]
    async with home.session() as session:
        for number in ids:
            home.sandbox.world.users[number] = User(number, f"代表{number}", phone=f"1380{number:07}", started=True)
            person = Person(name=f"代表{number}", phone=f"1380{number:07}", role_rows=[], specialties=[])
            person.telegram_id, person.language = number, "zh_CN"
            person.give(role)
            session.add(person)
    return [Phone(home, number, f"代表{number}") for number in ids]


@dataclass
class Told:
    """What a crowd said: by person, the texts that must become pieces of a draft, and how often each asked for help."""

    texts: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    asked: Counter[int] = field(default_factory=Counter)

    @property
    def updates(self) -> int:
        return sum(map(len, self.texts.values())) + self.asked.total()


async def tell(phones: list[Phone], each: int) -> Told:
    """Everybody says so many things, by turns something for the draft and a question that is answered."""
    told = Told()
    for turn in range(each):
        for phone in phones:
            if turn % 2:
                await phone.says("/help")
                told.asked[phone.id] += 1
            else:
                text = f"第{turn}件事：翠竹小区{phone.id}号路灯不亮，晚上看不见路。"
                await phone.says(text)
                told.texts[phone.id].append(text)
    return told


async def lost_or_doubled(home: Village, told: Told) -> list[str]:
    """Once all is said and done: what is not as it must be, in words; nothing when every update was done once and every answer arrived."""
    await all_said(home)
    async with home.session() as session:
        return [
            *await _updates(session, told),
            *await _pieces(session, told),
            *await _messages(session),
            *_answers(home, told, await _marks(session)),
        ]


async def all_said(home: Village) -> None:
    """Wait for what is put off too: a card gives later changes a moment's time to replace it."""
    async with asyncio.timeout(home.patience):
        while True:
            await home.settle()
            async with home.session() as session:
                if not await session.scalar(select(exists().where(OutboxMessage.state == OutboxState.QUEUED))):
                    return
            await asyncio.sleep(0.1)


async def _updates(session: AsyncSession, told: Told) -> list[str]:
    ours = InboxUpdate.telegram_id.in_(set(told.texts) | set(told.asked))
    counted = await session.execute(select(InboxUpdate.state, func.count()).where(ours).group_by(InboxUpdate.state))
    states = {row[0]: row[1] for row in counted}
    return [] if states == {InboxState.DONE: told.updates} else [f"{told.updates} updates were sent, {states} are there"]


async def _pieces(session: AsyncSession, told: Told) -> list[str]:
    pieces: dict[int, list[str]] = defaultdict(list)
    for chat_id, text in await session.execute(select(IssuePiece.chat_id, IssuePiece.text).order_by(IssuePiece.message_id)):
        pieces[chat_id].append(text)
    return [f"{who} said {texts}, kept is {pieces[who]}" for who, texts in told.texts.items() if pieces[who] != texts]


async def _messages(session: AsyncSession) -> list[str]:
    ended = OutboxState.SENT, OutboxState.SUPERSEDED
    left = select(OutboxMessage.method, OutboxMessage.state, OutboxMessage.error).where(OutboxMessage.state.not_in(ended))
    return [f"not sent: {tuple(row)}" for row in await session.execute(left)]


async def _marks(session: AsyncSession) -> Counter[int]:
    """By chat, how often a message into it was in flight when the Home died."""
    marked = select(OutboxMessage.chat_id, func.sum(OutboxMessage.stops_in_flight)).where(OutboxMessage.chat_id.is_not(None))
    return Counter({chat: count for chat, count in await session.execute(marked.group_by(OutboxMessage.chat_id)) if chat is not None})


def _answers(home: Village, told: Told, marks: Counter[int]) -> list[str]:
    """Each question was answered, and again only where a message was marked as perhaps sent already."""
    wrong = []
    for who, asked in told.asked.items():
        user = home.sandbox.world.users[who]
        answers = sum(
            message.sender.is_bot and "收到活动通知" in message.content.get("text", "")
            for message in home.sandbox.world.chat_with_bot(user).messages.values()
        )
        if not asked <= answers <= asked + marks[who]:
            wrong.append(f"{who} asked {asked} times and has {answers} answers, {marks[who]} marked")
    return wrong
