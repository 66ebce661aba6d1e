"""A leave request as whoever decides it sees it: one card each, which changes for all of them once one has decided."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, select, update

from handlers.keyboards import Button, Keyboard
from handlers.leave_presses import Verdict, VerdictPress
from handlers.post import Place, Post
from handlers.texts import T, t
from models.half_days import HalfDay
from models.leave import LeaveRequest, leave_by_id, undecided
from models.leave_deciders import deciders_now
from models.leave_terms import counts_of, span_at
from models.outbox import Card, OutboxMessage, OutboxState, brought_about, copied_before
from models.people import Person

REMARKS_SHOWN = 6
"""With more a card would not fit into a message."""


def subject_of_leave(request: LeaveRequest) -> str:
    """What a request's card, and the copies of its proofs, are about."""
    return f"leave:{request.id}"


def decided_by(request: LeaveRequest) -> T:
    """Who decided, and on whose behalf."""
    name = request.decided_by.name if request.decided_by is not None else ""
    return t("leave.on_behalf", name=name, leader=request.behalf.leader.name) if request.behalf is not None else t("leave.by", name=name)


def half_day_names(post: Post, half_days: Iterable[str], language: str) -> list[str]:
    """Half days as people read them: 3月12日(周四)上午."""
    names = []
    for half_day in map(HalfDay.read, half_days):
        day = post.texts.day(half_day.noon(post.policy.timezone), language)
        names.append(post.texts.say(t("half_day.pm" if half_day.afternoon else "half_day.am", day=day), language))
    return names


async def leave_values(post: Post, request: LeaveRequest) -> dict[str, Any]:
    """What the template ``activity/leave_request`` needs, but for the half days, which each reads in their language."""
    invitation, refused = request.invitation, request.refused_before
    span = await span_at(post.session, invitation.activity.starts_at, post.policy)
    return {
        "request": request,
        "invitation": invitation,
        "activity": invitation.activity,
        "now": post.now,
        "counts": await counts_of(post.session, invitation.person_id, span, post.policy, besides=invitation.id),
        "term": t("leave.span.term" if span.is_term else "leave.span.year"),
        "flag": post.policy.leave_flag,
        "remarks": request.remarks[-REMARKS_SHOWN:],
        "by": decided_by(request),
        "refused": refused,
        "refused_by": decided_by(refused) if refused is not None else None,
    }


async def refresh_leave_cards(post: Post, request: LeaveRequest, *, afresh: bool = False) -> None:
    """Show everybody who decides it the request as it stands; ``afresh`` where there is something new to read, at the chat's end."""
    await post.session.flush()
    deciders, values = await deciders_now(post.session, now=post.now), await leave_values(post, request)
    for decider in deciders.of(request):
        await _show(post, request, decider.person, values, afresh=afresh)


async def show_leave_card(post: Post, request: LeaveRequest, person: Person) -> None:
    """Show one decider the request anew at the chat's end, with all its proofs."""
    await _show(post, request, person, await leave_values(post, request), afresh=True, all_proofs=True)


async def _show(
    post: Post, request: LeaveRequest, person: Person, values: dict[str, Any], *, afresh: bool, all_proofs: bool = False
) -> None:
    """The card, and below it the proofs: all, or those that this person has not seen."""
    subject = subject_of_leave(request)
    half_days = half_day_names(post, request.half_days, person.language)
    await post.card(subject, person, "activity/leave_request", keyboard=_buttons(request), afresh=afresh, half_days=half_days, **values)
    if person.telegram_id is None or not request.waits:
        return
    seen = set() if all_proofs else await copied_before(post.session, person.telegram_id, [subject])
    unseen: dict[int, list[int]] = {}
    for proof in request.proofs:
        if (proof.chat_id, proof.message_id) not in seen:
            unseen.setdefault(proof.chat_id, []).append(proof.message_id)
    for chat_id, message_ids in unseen.items():
        await post.copy(person, chat_id, message_ids, without_captions=True, subject=subject)  # the card says what they said


def _buttons(request: LeaveRequest) -> Keyboard:
    if not request.waits:
        return []

    approve = Button(t("leave.approve"), VerdictPress(request.id, Verdict.APPROVE))
    refuse = Button(t("leave.refuse"), VerdictPress(request.id, Verdict.REFUSE))
    return [[approve, refuse], [Button(t("leave.ask"), VerdictPress(request.id, Verdict.ASK))]]


async def cards_follow(post: Post, before: Iterable[Person] = ()) -> None:
    """Who decides has changed: what is undecided comes to those who decide now, and leaves those of ``before`` who do not."""
    await post.session.flush()
    waiting = await undecided(post.session)
    for request in waiting:
        await refresh_leave_cards(post, request)
    for person in before:
        await _take_away(post, person, Card.key.in_([subject_of_leave(request) for request in waiting]))


async def take_all_cards_away(post: Post, person: Person) -> None:
    """Somebody decides for another no longer: nobody keeps the reason of a leave that is not theirs to decide."""
    await _take_away(post, person, Card.key.startswith("leave:", autoescape=True))


async def _take_away(post: Post, person: Person, which: ColumnElement[bool]) -> None:
    """Blank these cards in the person's chat, but those still theirs to decide; what somebody decided they have read."""
    if person.telegram_id is None:
        return
    deciders = await deciders_now(post.session, now=post.now)
    shown = select(Card).where(Card.chat_id == person.telegram_id, which).order_by(Card.id)
    for card in (await post.session.scalars(shown)).all():
        request = await leave_by_id(post.session, int(card.key.partition(":")[2]))
        if person.id != request.decided_by_id and all(decider.person.id != person.id for decider in deciders.of(request)):
            await _blank(post, card, request, person)


async def _blank(post: Post, card: Card, request: LeaveRequest, person: Person) -> None:
    """The card says no more than that it was there, and the copied proofs go, as far back as Telegram lets them be deleted."""
    place, subject = Place(card.chat_id, person.language), subject_of_leave(request)
    unsent = (OutboxMessage.card_id == card.id) | ((OutboxMessage.chat_id == card.chat_id) & (OutboxMessage.subject == subject))
    await post.session.execute(
        update(OutboxMessage)
        .where(unsent, OutboxMessage.state == OutboxState.QUEUED)
        .values(state=OutboxState.SUPERSEDED, settled_at=post.now)
    )
    if card.message_id is not None:
        text = post.texts.render("leave/elsewhere", person.language)
        await post.queue(place, "editMessageText", {"message_id": card.message_id, "text": text})
        card.message_id = None
    if copies := (await brought_about(post.session, [subject], ["copyMessages"])).get(card.chat_id):
        await post.queue(place, "deleteMessages", {"message_ids": copies[-100:]})
