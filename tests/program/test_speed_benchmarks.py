"""The stand-in for Telegram keeps Telegram's limits, and what is printed is what was measured."""

from __future__ import annotations

import io

from rich.console import Console
from rich.table import Table

from tests.benchmarks import WIDTH
from tests.benchmarks.speed import answers, notice, webhook
from tests.benchmarks.speed.backlog import Backlog
from tests.benchmarks.speed.limits import PENALTY, Gate, Rule


def printed(table: Table) -> list[str]:
    console = Console(width=WIDTH, file=io.StringIO(), record=True)
    console.print(table)
    return console.export_text().splitlines()


def line(table: Table, name: str) -> str:
    return next(row for row in printed(table) if name in row)


def test_the_stand_in_takes_thirty_messages_in_any_second_and_one_a_second_into_a_chat() -> None:
    now = 0.0
    gate = Gate(Rule.WINDOW, lambda: now)

    assert [gate.wait("sendMessage", chat) for chat in range(31)] == [0] * 30 + [1]
    now = 0.99
    assert gate.wait("sendMessage", 40) == 1
    now = 1.0
    assert [gate.wait("sendMessage", 41), gate.wait("sendMessage", 41)] == [0, 1]
    assert gate.refused == 3


def test_a_refusal_may_close_the_stand_in_to_all_but_what_is_said_to_nobody() -> None:
    now = 0.0
    gate = Gate(Rule.PENALTY, lambda: now)

    assert [gate.wait("sendMessage", 1), gate.wait("sendMessage", 1)] == [0, PENALTY]
    now = 4.5
    assert gate.wait("sendMessage", 2) == 1
    assert gate.wait("answerCallbackQuery", None) == 0
    now = 5.0
    assert gate.wait("sendMessage", 2) == 0
    assert gate.refused == 2


def test_without_limits_nothing_is_refused() -> None:
    gate = Gate(Rule.NONE)

    assert [gate.wait("sendMessage", 1) for _ in range(100)] == [0] * 100


def test_a_backlog_counts_each_number_once_and_no_other() -> None:
    backlog = Backlog(3, after=10)
    assert [update["update_id"] for update in backlog.page(0, 2)] == [11, 12]

    for said in ("第 11 号", "第 11 号", "第 10 号", "第 14 号", "没有号码"):
        backlog.note(said)

    assert (backlog.figures()["answered"], backlog.figures()["twice"]) == (1, 1)
    assert not backlog.over.is_set()
    assert [update["update_id"] for update in backlog.page(12, 100)] == [12, 13]
    assert len(backlog.waits()) == 3


def test_a_backlog_of_presses_gives_out_nothing_else() -> None:
    backlog = Backlog(2, pressed="attend:1:0")

    given = [update["callback_query"] for update in backlog.page(0, 100)]

    assert [(query["id"], query["data"]) for query in given] == [("1", "attend:1:0"), ("2", "attend:1:0")]


def test_a_notice_is_said_unasked_and_counted_from_its_first_message() -> None:
    backlog = Backlog(2, after=100, unasked=True)
    assert backlog.page(0, 100) == []
    assert backlog.began is None

    backlog.note("（101）")
    backlog.note("（102）")

    assert backlog.answered[101] == backlog.began
    assert backlog.over.is_set()


def test_what_is_given_out_over_time_comes_one_by_one_and_every_other_is_a_pressed_button() -> None:
    backlog = Backlog(4, over_seconds=1000.0)

    [first] = backlog.page(0, 100)
    assert "callback_query" in first
    assert backlog.page(2, 100) == []
    assert 0 < backlog.until_next() <= 250
    assert backlog.began is not None
    backlog.began -= 250
    [second] = backlog.page(2, 100)
    assert "message" in second


def test_a_notice_is_as_aimed_only_when_it_is_fast_and_nothing_was_refused_or_lost() -> None:
    def run(seconds: float, refused: int, answered: int = 1000, broken_off: bool = False) -> notice.Run:
        return notice.Run(1000, answered, 0, seconds, refused, broken_off)

    shown = notice.table([run(42.0, 230), run(34.0, 0), run(50.0, 1000, 300, broken_off=True), run(34.0, 1)])

    assert "0.980 ✓" in line(shown, "│ the Home  ")
    assert "0.980 ✗" in line(shown, "the Home; 5 s penalty")
    assert "700 not sent in" in line(shown, "retries; 5 s penalty")
    assert not run(34.4, 0).as_aimed
    assert not run(34.0, 0, 999).as_aimed


def test_an_answer_is_compared_with_the_same_one_when_nothing_else_goes_on() -> None:
    def run(wait: float, unanswered: int = 0) -> answers.Run:
        return answers.Run([wait] * 100, unanswered, 0)

    shown = answers.table([[run(0.1), run(12.0, 3)], [run(0.1), run(0.125)]])

    assert "120.00" in line(shown, "AIORateLimiter, 20 retries, meanwhile")
    assert "1.25 ✓" in line(shown, "the Home, meanwhile")
    assert "✗" in line(answers.table([[run(0.1), run(0.1)], [run(0.1), run(0.14)]]), "the Home, meanwhile")


def test_a_webhook_is_compared_with_the_librarys_and_what_was_not_taken_is_told() -> None:
    control, fast, slow = webhook.Run(100, 100, 1.0, 0.05), webhook.Run(100, 100, 0.4, 0.1), webhook.Run(100, 90, 1.0, 0.1)

    shown = webhook.table([control, fast, slow, fast, fast])

    assert "2.50 × python-telegram-bot's own ✓" in line(shown, "the Home on SQLite  ")
    assert "0.90 × python-telegram-bot's own ✗" in line(shown, "the Home on PostgreSQL  ")
    assert " 10 " in line(shown, "the Home on PostgreSQL  ")
    assert "✓" not in line(shown, "PostgreSQL, its worker at rest")
