"""Specialists deal with what they are asked, each in their own manner: some in the circle, some late, some never."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from handlers.advice_presses import AwayDo, AwayPress, HandPress, HandToPress
from handlers.issue_presses import DeclinePress, OfferDo, OfferPress, VolunteerPress
from models.issues import LIVE, Issue, IssueState
from models.people import Person
from models.referrals import ReasonToDecline, Referral, ReferralState
from tests.journeys.month.cast import Manner, Month, Specialist
from tests.journeys.phones import buttons, press, press_one, together

SPEAK_IN_CIRCLE, DECLINE, HAND_ON = 0.15, 0.5, 0.3


@dataclass(frozen=True)
class Asked:
    """One thing a specialist was asked and has not advised on."""

    referral_id: int
    issue_id: int
    accepted: bool


async def advise(month: Month) -> None:
    """Everybody who is asked looks at the phone once."""
    async with month.home.session() as session:
        waiting = (
            select(Referral.id, Referral.issue_id, Referral.state, Referral.answered_at, Person.telegram_id)
            .join(Person, Person.id == Referral.person_id)
            .join(Issue, Issue.id == Referral.issue_id)
            .where(
                Referral.state.in_((ReferralState.OFFERED, ReferralState.ACCEPTED)), Referral.advised_at.is_(None), Issue.state.in_(LIVE)
            )
        )
        rows = (await session.execute(waiting.order_by(Referral.id))).all()
    asked: dict[int, list[Asked]] = defaultdict(list)
    for row in rows:
        accepted = row.state is ReferralState.ACCEPTED
        specialist = month.specialists.get(row.telegram_id)
        if specialist is None or specialist.blocks:
            continue
        if specialist.manner is Manner.FORGETFUL and accepted and not _remembers(month, row.id, row.answered_at):
            continue
        asked[row.telegram_id].append(Asked(row.id, row.issue_id, accepted))
    await together(_look(month, month.specialists[telegram_id], several) for telegram_id, several in asked.items())
    await month.home.settle()


def _remembers(month: Month, referral_id: int, since: datetime) -> bool:
    """Half of what was accepted comes to mind again once there was a reminder, the other half never."""
    return referral_id % 2 == 0 and month.home.clock.now() - since > timedelta(days=2)


async def _look(month: Month, specialist: Specialist, several: list[Asked]) -> None:
    for asked in several:
        if _answers_now(month, specialist, asked):
            await _answer(month, specialist, asked)


def _answers_now(month: Month, specialist: Specialist, asked: Asked) -> bool:
    if specialist.manner in (Manner.SILENT, Manner.BLOCKING):
        return False
    return specialist.manner is not Manner.SLOW or month.luck(0.3)


async def _answer(month: Month, specialist: Specialist, asked: Asked) -> None:
    """Decline, hand on, accept first, or advise at once."""
    phone, luck = specialist.phone, month.chance.random()
    card = next((at for at, _ in await buttons(phone, OfferPress, lambda does: does.referral_id == asked.referral_id)), None)
    assert card is not None, f"{phone.name} was asked (referral {asked.referral_id}) and has no card of it"
    if specialist.manner is Manner.CHOOSY and not asked.accepted and luck < DECLINE:
        await _decline(month, specialist, asked, card)
    elif specialist.manner is Manner.CHOOSY and luck < DECLINE + HAND_ON:
        await _hand_on(month, specialist, asked)
    elif not asked.accepted and not specialist.brings and (specialist.manner is Manner.FORGETFUL or luck < 0.3):
        await press(phone, card, OfferPress(asked.referral_id, OfferDo.ACCEPT))
    elif luck > 1 - SPEAK_IN_CIRCLE:
        await _advise_in_circle(month, specialist, asked) or await _advise(month, specialist, asked, card)
    else:
        await _advise(month, specialist, asked, card)


async def _decline(month: Month, specialist: Specialist, asked: Asked, card: int) -> None:
    reason = month.chance.choice(list(ReasonToDecline))
    await press(specialist.phone, card, OfferPress(asked.referral_id, OfferDo.DECLINE))
    await press(specialist.phone, card, DeclinePress(asked.referral_id, reason))
    if reason is ReasonToDecline.OWN_WORDS:
        await specialist.phone.says("近期出差较多，怕耽误了群众的事")


async def _hand_on(month: Month, specialist: Specialist, asked: Asked) -> None:
    """To the first colleague of the list."""
    phone = specialist.phone
    if not await press_one(phone, HandPress, lambda does: does.referral_id == asked.referral_id):
        return
    await month.home.settle()
    colleagues = await buttons(phone, HandToPress, lambda does: does.referral_id == asked.referral_id)
    if colleagues:
        month.handed_on.add((asked.issue_id, colleagues[0][1].person_id))
        await press(phone, *colleagues[0])


async def _advise(month: Month, specialist: Specialist, asked: Asked, card: int) -> None:
    """In private, as a reply to the card; some send a voice note too, some correct themselves."""
    phone, luck = specialist.phone, month.chance.random()
    words = f"建议由主管部门牵头核查，限期整改并公示结果（意见{asked.referral_id}）。"
    opinion = await phone.says(words, reply_to=card)
    if luck < 0.1:
        await phone.edits(opinion, words.replace("限期整改", "两周内答复"))
    elif luck < 0.15:
        await phone.sends("voice", reply_to=card)


async def _advise_in_circle(month: Month, specialist: Specialist, asked: Asked) -> bool:
    """As a reply to the issue's card where all read it; False where there is none to reply to."""
    group, _ = month.places[specialist.specialty]
    cards = await buttons(specialist.phone, VolunteerPress, lambda does: does.issue_id == asked.issue_id, chat=group)
    if cards:
        await specialist.phone.says(f"建议先现场核实，再商主管部门（圈内意见{asked.referral_id}）。", chat=group, reply_to=cards[0][0])
    return bool(cards)


async def come_forward(month: Month) -> None:
    """Where nobody is left to ask, now and then a colleague reads it in the circle and helps."""
    async with month.home.session() as session:
        rows = (await session.execute(select(Issue.id, Issue.specialty_id).where(Issue.state == IssueState.OPEN))).all()
    names = {id: name for name, id in month.specialty_ids.items()}
    for issue_id, specialty_id in rows:
        specialty = names[specialty_id]
        able = [each for each in month.specialists.values() if each.specialty == specialty and each.equal]
        if able and month.luck(0.2):
            phone, (group, _) = month.chance.choice(able).phone, month.places[specialty]
            await press_one(phone, VolunteerPress, lambda does, issue_id=issue_id: does.issue_id == issue_id, chat=group)
    await month.home.settle()


async def travel(month: Month) -> None:
    """Some go away for days, and hand on what is open or keep it; some are back early."""
    travellers = [each.phone for each in month.specialists.values() if each.manner is Manner.TRAVELLING and month.luck(0.15)]
    await together(phone.says("/away") for phone in travellers)
    await month.home.settle()
    for phone in travellers:
        choices = [
            (at, does)
            for at, does in await buttons(phone, AwayPress, looks_at=3)
            if does.do in (AwayDo.BACK, AwayDo.TODAY, AwayDo.THREE_DAYS, AwayDo.WEEK)
        ]
        early = next((each for each in choices if each[1].do is AwayDo.BACK), None)
        await press(phone, *(early or month.chance.choice(choices)))
    await month.home.settle()
    for phone in travellers:
        does = month.chance.choice((AwayDo.HAND_ON, AwayDo.KEEP))
        await press_one(phone, AwayPress, lambda each, does=does: each.do is does, looks_at=3)
    await month.home.settle()
