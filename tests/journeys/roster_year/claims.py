"""What must be true at the end: every row of the Home's against the book, and the book against what Telegram's groups and chats hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from tests.journeys.roster_year import kept
from tests.journeys.roster_year.book import Book
from tests.journeys.roster_year.cast import RosterYear

SHOWN = 12
"""So many differences of one table are told; more would not help."""
PEOPLE = ("phone", "account", "area", "group", "employer", "language", "active", "blocked")
ABOUT_ROSTER = ("roster.", "account.", "identity.", "link.", "mandate.", "term.", "circle.", "profile.", "own_data.", "audit.")
ABOUT_ISSUES = ("issue.confirmed", "issue.taken_over", "issue.erased", "issue.identity_revealed", "issue.closed", "sender.erased")
NOT_COUNTED = ("circle.told_in_private", "circle.digest")
"""Counted by what people were told."""
A_MOMENT = timedelta(minutes=1)
"""By so much a message may arrive late, and the next after it not."""


async def differences(session: AsyncSession, year: RosterYear) -> list[str]:
    """Every row that is not what the players say."""
    book, now = year.book, year.now
    book.count_all_reminders(now)
    return [
        *_rows("people", await kept.people(session), expected_people(book)),
        *_rows("roles", await kept.roles(session), Counter((r["name"], role) for r in book.people.values() for role in r["roles"])),
        *_rows("terms", await kept.terms(session), {name: _only(row, "starts", "ends", "state") for name, row in book.terms.items()}),
        *_rows("mandates", await kept.mandates(session), expected_mandates(book)),
        *_rows("circles", await kept.circles(session), expected_circles(book)),
        *_rows("members", await kept.members(session), expected_members(book)),
        *_rows("links", await kept.links(session, now), {book.people[name]["name"]: made for name, made in book.links.items() if made}),
        *_rows(
            "profiles", await kept.profiles(session), Counter((_name(book, r["person"]), r["state"], r["words"]) for r in book.profiles)
        ),
        *_rows("requests", await kept.requests(session), expected_requests(book)),
        *_rows(
            "issues", await kept.issues(session), {key: row | {"deputy": _name(book, row["deputy"])} for key, row in book.issues.items()}
        ),
        *_rows("digests", await kept.digests(session), Counter({(_circle(book, c), day): n for (c, day), n in book.digests.items()})),
        *_rows("presences", await kept.presences(session), _inside(book)),
        *_rows("log", _counted(await kept.log(session)), _counted(book.log)),
    ]


def _rows(table: str, kept: Mapping[Any, Any], expected: Mapping[Any, Any]) -> list[str]:
    """What of a table is otherwise than expected, by its keys."""
    wrong = [key for key in {**expected, **kept} if kept.get(key) != expected.get(key)]
    told = [f"{table} {key}: {_difference(kept.get(key), expected.get(key))}" for key in wrong[:SHOWN]]
    return [*told, *([f"{table}: {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else [])]


def _difference(kept: Any, expected: Any) -> str:
    if isinstance(kept, dict) and isinstance(expected, dict):
        return ", ".join(f"{key} is {kept.get(key)!r} for {expected[key]!r}" for key in expected if kept.get(key) != expected[key])
    if isinstance(kept, set) and isinstance(expected, set):
        return f"too many {sorted(kept - expected)}, missing {sorted(expected - kept)}"
    return f"is {kept!r} for {expected!r}"


def _only(row: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: row[key] for key in keys}


def _name(book: Book, person: str | None) -> Any:
    return book.people[person]["name"] if person is not None else None


def _circle(book: Book, circle: str) -> str:
    return str(book.circles[circle]["name"])


def expected_people(book: Book) -> dict[str, Any]:
    return {row["name"]: _only(row, *PEOPLE) | {"specialties": sorted(row["specialties"])} for row in book.people.values()}


def expected_mandates(book: Book) -> Counter[tuple[Any, ...]]:
    return Counter(
        (
            _name(book, row["person"]),
            *(row[key] for key in ("term", "area", "began", "ended", "reason", "words")),
            _name(book, row["fills"]),
        )
        for row in book.mandates
    )


def expected_circles(book: Book) -> dict[str, Any]:
    expected = {}
    for row in book.circles.values():
        group = book.groups[row["group"]] if row["group"] is not None else None
        expected[row["name"]] = {
            "chat": group["id"] if group else None,
            "topic": row["topic"],
            "specialties": sorted(row["specialties"]),
            "retired": row["retired"],
            "link": group is not None,
            "waiting": False,
        }
    return expected


def expected_members(book: Book) -> dict[tuple[str, str], Any]:
    return {
        (_circle(book, circle), _name(book, person)): {
            "joined": row["joined"],
            "reminders": row["reminders"],
            "goes on": not row["joined"] and row["invited"] is not None,
        }
        for (circle, person), row in book.members.items()
    }


def expected_requests(book: Book) -> Counter[tuple[Any, ...]]:
    return Counter(
        (row["change"], row["state"], row["account"], _name(book, row["person"]), row["new_phone"], _name(book, row["by"]))
        for row in book.requests
    )


def _inside(book: Book) -> dict[int, set[int]]:
    return {group["id"]: set(group["inside"]) for group in book.groups.values()}


def _counted(log: Counter[str]) -> dict[str, int]:
    about = (action for action in log if action.startswith(ABOUT_ROSTER) or action in ABOUT_ISSUES)
    return {action: log[action] for action in about if log[action] and action not in NOT_COUNTED}


async def groups_otherwise(year: RosterYear) -> list[str]:
    """Where Telegram's groups hold other people than the book."""
    state = await year.home.request("GET", "/sandbox/state")
    held = {
        group["id"]: {m["user"]["id"] for m in group["members"] if m["status"] not in ("left", "kicked") and not m["user"].get("is_bot")}
        for group in state["groups"]
    }
    return _rows("groups", held, _inside(year.book))


async def told_otherwise(year: RosterYear) -> list[str]:
    """Reminders and weekly digests that people were sent oftener or less often than due, or too soon one after the other."""
    sent = await year.home.calls("sendMessage")
    reminders: Counter[tuple[int, str]] = Counter()
    last: dict[tuple[int, str], datetime] = {}
    digests: Counter[str] = Counter()
    found = []
    for call in sent:
        text, chat = str(call["params"].get("text", "")), call["params"].get("chat_id")
        if not call["ok"]:
            continue
        if "提醒：您还没有加入群" in text:
            key, at = (chat, text.partition("“")[2].partition("”")[0]), datetime.fromisoformat(call["at"])
            if key in last and at - last[key] < timedelta(days=7) - A_MOMENT:
                found.append(f"reminders {key}: again after {at - last[key]}")
            reminders[key], last[key] = reminders[key] + 1, at
        if "工作圈一周情况" in text and chat is not None and chat < 0:
            digests[text.partition("“")[2].partition("”")[0]] += 1
    due = Counter((account, title) for account, title, _ in year.book.reminders)
    return [*found, *_rows("reminders", reminders, due), *_rows("digests told", digests, year.book.told)]
