"""The pacer alone: a notice goes out evenly and nearly as fast as Telegram allows, and leaves room for answers."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from bot.config import Limits
from bot.pacing import Pacer

SECOND = 1.0
ALLOWED = 30


def send_notice(
    pacer: Pacer, messages: int, *, late: Callable[[], float] = lambda: 0.0, meanwhile: Callable[[float], None] = lambda now: None
) -> list[float]:
    """Send one message after another as soon as the pacer lets it; the moments at which they went. ``late`` is by how much whoever sends
    comes too late, in seconds."""
    now, sent = 0.0, []
    while len(sent) < messages:
        meanwhile(now)
        room = min(pacer.room_for_notices(now), messages - len(sent))
        now += late() if room else 0.0
        for number in range(room):
            pacer.count(1000 + len(sent) + number, now, notice=True)
        sent += [now] * room
        now += pacer.next_change(now) if not room else 0.0
    return sent


def most_within(seconds: float, moments: list[float]) -> int:
    ordered = sorted(moments)
    return max(sum(start <= moment < start + seconds for moment in ordered) for start in ordered)


def most_in_a_second(moments: list[float]) -> int:
    return most_within(SECOND, moments)


def test_a_notice_goes_out_evenly_and_uses_nearly_all_that_is_allowed() -> None:
    sent = send_notice(Pacer(Limits()), 1000)

    assert 1000 / sent[-1] >= 0.97 * ALLOWED
    assert most_in_a_second(sent) <= ALLOWED
    assert most_within(SECOND / 10, sent) <= 2 * ALLOWED / 10  # a lot, and one that makes up


@pytest.mark.parametrize("by", [0.005, 0.02, 0.08])
def test_what_went_out_late_is_made_up_for_and_the_limit_kept_nevertheless(by: float) -> None:
    chance = random.Random(by)

    sent = send_notice(Pacer(Limits()), 1000, late=lambda: chance.random() * by if chance.random() < 0.1 else 0.002)

    assert 1000 / sent[-1] >= 0.97 * ALLOWED
    assert most_in_a_second(sent) <= ALLOWED


def test_whoever_is_answered_while_a_notice_goes_out_finds_room_at_once() -> None:
    pacer, answered, refused = Pacer(Limits()), [0.0], 0

    def answer_now_and_then(now: float) -> None:
        nonlocal refused
        if now - answered[-1] > 0.3:
            refused += pacer.room(now) < 1
            answered.append(now)
            pacer.count(1, now)

    sent = send_notice(pacer, 300, meanwhile=answer_now_and_then)

    assert refused <= 1  # the first of all: nobody had been answered for long
    assert most_in_a_second(sent + answered) <= ALLOWED
    assert len(sent + answered) / sent[-1] > 0.87 * ALLOWED


@pytest.mark.parametrize(("answered_at", "for_notices"), [(0.3, 3), (0.4, 0)])
def test_room_is_kept_for_ten_seconds_after_an_answer(answered_at: float, for_notices: int) -> None:
    pacer = Pacer(Limits())
    pacer.count(1, answered_at)
    for chat in range(27):
        pacer.count(100 + chat, 9.5, notice=True)

    assert pacer.room(10.35) == 3
    assert pacer.room_for_notices(10.35) == for_notices


def test_nothing_is_kept_of_so_little_that_a_notice_would_never_go_out() -> None:
    pacer = Pacer(Limits(messages=1))
    pacer.count(1, 0.0)

    assert pacer.room_for_notices(0.5) == 0
    assert pacer.room_for_notices(1.1) == 1
