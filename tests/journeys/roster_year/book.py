"""The book: what must be true by the players' own count, in plain dicts, from what was done and the house's rules alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

Row = dict[str, Any]
WEEK, REMINDERS = timedelta(days=7), 3


@dataclass
class Book:
    """People are called by the name under which they first came, circles too; groups by a word of the players'."""

    people: dict[str, Row] = field(default_factory=dict)
    terms: dict[str, Row] = field(default_factory=dict)
    mandates: list[Row] = field(default_factory=list)
    circles: dict[str, Row] = field(default_factory=dict)
    members: dict[tuple[str, str], Row] = field(default_factory=dict)
    """By circle and person."""
    groups: dict[str, Row] = field(default_factory=dict)
    links: dict[str, list[str]] = field(default_factory=dict)
    """By person, the personal links ever made: ``used``, ``void`` or ``open``."""
    profiles: list[Row] = field(default_factory=list)
    requests: list[Row] = field(default_factory=list)
    issues: dict[str, Row] = field(default_factory=dict)
    """By number."""
    log: Counter[str] = field(default_factory=Counter)
    """How often each action must stand in the audit log."""
    reminders: set[tuple[int, str, datetime]] = field(default_factory=set)
    """Which account is reminded of the group of which title, and about when."""
    happened: list[tuple[datetime, str]] = field(default_factory=list)
    """When something happened to an issue of which specialty."""
    digests: Counter[tuple[str, date]] = field(default_factory=Counter)
    """By circle and Monday, the weeks with something to tell."""
    told: Counter[str] = field(default_factory=Counter)
    """The digests by the name that the circle had then."""

    # people

    def add(self, name: str, **fields: Any) -> None:
        self.people[name] = {"name": name, "account": None, "language": "zh_CN", "active": True, "blocked": False} | fields
        self.links[name] = []
        self.log["roster.added"] += 1

    def change(self, person: str, **fields: Any) -> None:
        self.people[person].update(fields)
        self.log["roster.changed"] += 1

    def enter(self, person: str, account: int, now: datetime) -> None:
        """Somebody is in, and gets the ways into their circles."""
        self.people[person]["account"] = account
        self.log["account.linked"] += 1
        self.invite(person, now)

    def circles_of(self, person: str) -> list[str]:
        return [circle for circle, member in self.members if member == person]

    # circles and their groups

    def lives(self, circle: str) -> bool:
        row = self.circles[circle]
        return row["group"] is not None and not self.groups[row["group"]]["lost"]

    def put_on(self, circle: str, person: str, now: datetime) -> None:
        self.members[circle, person] = {"joined": False, "invited": None, "reminders": 0}
        group = self.circles[circle]["group"]
        if group is not None:
            self.invite(person, now, only=group)

    def take_off(self, circle: str, person: str, now: datetime) -> None:
        """Off the circle's roster; out of its group too, unless another circle keeps them there."""
        self.count_reminders(circle, person, now)
        del self.members[circle, person]
        group = self.circles[circle]["group"]
        if group is not None and not self._in_group(person, group):
            self.groups[group]["inside"].discard(self.people[person]["account"])

    def take_off_all(self, person: str, now: datetime) -> list[str]:
        left = self.circles_of(person)
        for circle in left:
            self.take_off(circle, person, now)
        return left

    def invite(self, person: str, now: datetime, *, only: str | None = None) -> None:
        """The link goes to whoever is in the Home and not in the group; who is inside already belongs there at once."""
        account = self.people[person]["account"]
        if account is None:
            return
        for group in self.groups if only is None else [only]:
            rows = [self.members[circle, person] for circle in self._in_group(person, group) if self.lives(circle)]
            if any(row["joined"] for row in rows) or account in self.groups[group]["inside"]:
                for row in rows:
                    row.update(joined=True, invited=None)
                continue
            for circle in self._in_group(person, group):
                if self.lives(circle):
                    self.count_reminders(circle, person, now)
                    row = self.members[circle, person]
                    row["invited"] = now if row["reminders"] < REMINDERS else None

    def joined(self, person: str, group: str, now: datetime, *, asked: bool = True) -> None:
        """They came into the group, by a request or brought in by somebody."""
        self.groups[group]["inside"].add(self.people[person]["account"])
        for circle in self._in_group(person, group):
            self.count_reminders(circle, person, now)
            self.members[circle, person].update(joined=True, invited=None)
        self.log["circle.joined"] += 1
        self.log["circle.let_in"] += asked

    def left(self, person: str, group: str) -> None:
        """They went by themselves: nobody calls them back."""
        self.groups[group]["inside"].discard(self.people[person]["account"])
        for circle in self._in_group(person, group):
            self.members[circle, person].update(joined=False, invited=None)
        self.log["circle.left"] += 1

    def out_everywhere(self, person: str, now: datetime) -> None:
        """The account is nobody's any more: it leaves every group, the circles' rosters stay."""
        account = self.people[person]["account"]
        for circle in self.circles_of(person):
            self.count_reminders(circle, person, now)
            self.members[circle, person].update(joined=False, invited=None)
        for group in self.groups.values():
            group["inside"].discard(account)

    def renew(self, group: str, now: datetime) -> None:
        """Another link: whoever has not come in gets it."""
        for person in sorted({person for circle, person in self.members if self.circles[circle]["group"] == group}):
            if self.people[person]["active"]:
                self.invite(person, now, only=group)

    def _in_group(self, person: str, group: str) -> list[str]:
        return [circle for circle in self.circles_of(person) if self.circles[circle]["group"] == group]

    # reminders

    def count_reminders(self, circle: str, person: str, now: datetime) -> None:
        """Let the weeks since the link was given pass: each brings a reminder, three at most, none while it could not be followed."""
        row, who = self.members[circle, person], self.people[person]
        group = self.circles[circle]["group"]
        while row["invited"] is not None and row["invited"] + WEEK <= now and who["active"]:
            row["invited"] += WEEK
            if who["blocked"] or group is None or self.groups[group]["lost"]:
                continue
            row["reminders"] += 1
            title = self.groups[group]["title"]
            self.reminders.add((who["account"], title, row["invited"].replace(minute=0, second=0, microsecond=0)))
            if row["reminders"] >= REMINDERS:
                row["invited"] = None

    def count_all_reminders(self, now: datetime, group: str | None = None) -> None:
        for circle, person in self.members:
            if group is None or self.circles[circle]["group"] == group:
                self.count_reminders(circle, person, now)

    # mandates

    def begin_mandate(self, person: str, term: str, on: date, *, fills: str | None = None, area: str | None = None) -> None:
        area = area if area is not None else self.people[person]["area"]
        row = {"person": person, "term": term, "area": area, "began": on, "ended": None, "reason": None, "words": "", "fills": fills}
        self.mandates.append(row)
        self.log["mandate.begun"] += 1

    def area_of_seat(self, person: str) -> str:
        """Where the person was elected, wherever they live by now."""
        return str(next(row["area"] for row in self.mandates if row["person"] == person))

    def mandate_of(self, person: str) -> Row:
        return next(row for row in self.mandates if row["person"] == person and row["ended"] is None)

    def end_mandate(self, person: str, on: date, reason: str, now: datetime, *, words: str = "") -> None:
        """No deputy any more: out of all circles and, without another role, out of the Home."""
        row, who = self.mandate_of(person), self.people[person]
        row.update(ended=on, reason=reason, words=words, circles=self.take_off_all(person, now))
        self.links[person] = ["void" if link == "open" else link for link in self.links[person]]
        who["roles"] = who["roles"] - {"deputy", "group_leader"}
        who["active"] = bool(who["active"] and who["roles"])
        self.log["mandate.ended"] += 1

    def restore_mandate(self, person: str, now: datetime) -> None:
        """A deputy again, as before."""
        row = next(row for row in self.mandates if row["person"] == person)
        for circle in row["circles"]:
            self.put_on(circle, person, now)
        row.update(ended=None, reason=None, circles=[])
        self.log["mandate.restored"] += 1

    # issues

    def note(self, specialty: str, now: datetime) -> None:
        self.happened.append((now, specialty))

    def serving(self) -> Iterable[str]:
        return [name for name, row in self.people.items() if row["active"] and "deputy" in row["roles"]]
