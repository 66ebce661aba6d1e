"""People, their mandates of three terms, and what each has of their own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

from models.identity import IdentityChange, RequestState
from models.mandates import EndReason
from models.people import Role
from models.profiles import ProfileState
from models.terms import TermState
from tests.grown.rows import YEARS, Past, Rows, once

FIRST_ACCOUNT = 70_000_000
OFFICE = 3
LATELY = timedelta(days=14)


def people(past: Past) -> Iterator[Rows]:
    """The roster. The first few are of the office too."""
    count, at, now = past.size.people, past.at(past.size.people), past.now
    dice = random.Random(5)
    names = [dice.choice("王李张刘陈杨黄赵周吴徐孙") + "".join(dice.choices("秀兰志强建国伟芳敏静丽军磊洋勇", k=2)) for _ in range(count)]
    yield once("areas", 20, {"name": lambda n: f"第{n}街道"})
    yield once("deputy_groups", 20, {"name": lambda n: f"第{n}小组"})
    person = {
        "name": lambda n: names[n - 1],
        "phone": lambda n: f"138{n:08}",
        "telegram_id": lambda n: FIRST_ACCOUNT + n,
        "language": "zh_CN",
        "area_id": lambda n: 1 + n % 20,
        "group_id": lambda n: 1 + n % 20,
        "active": True,
    }
    yield once("people", count, person)
    whose = {"person_id": lambda n: n}
    yield once("person_roles", count, {**whose, "role": Role.DEPUTY})
    yield once("person_roles", OFFICE, {**whose, "role": Role.OFFICE})
    yield once("person_specialties", count, {**whose, "specialty_id": past.specialty})
    term = {
        "name": lambda n: f"第{n + 5}届",
        "starts_on": lambda n: (now - timedelta(days=(4 - n) * 5 * 365 - 1000)).date(),
        "ends_on": lambda n: (now - timedelta(days=(3 - n) * 5 * 365 - 999)).date() if n < 3 else None,
        "state": lambda n: TermState.CLOSED if n < 3 else TermState.RUNNING,
        "rostered_at": now - YEARS,
        "closed_at": lambda n: now - YEARS if n < 3 else None,
    }
    yield once("terms", 3, term)
    mandate = {
        "person_id": lambda n: 1 + (n - 1) % count,
        "term_id": lambda n: 1 + (n - 1) // count,
        "ended_on": lambda n: (now - YEARS / 3).date() if n <= 2 * count else None,
        "reason": lambda n: EndReason.TERM_ENDED if n <= 2 * count else None,
    }
    yield once("mandates", 3 * count, mandate)
    yield from _of_their_own(past)
    yield once("profiles", count, {**whose, "state": ProfileState.SHOWN, "submitted_at": at, "decided_at": at})


def _of_their_own(past: Past) -> Iterator[Rows]:
    count, at, now = past.size.people, past.at(past.size.people), past.now
    whose = {"person_id": lambda n: n}
    circle = {"circle_id": lambda n: past.circles[n % len(past.circles)]}
    yield once("circle_members", count, {**whose, **circle, "joined_at": at})
    digest = {
        **circle,
        "monday": lambda n: (now - timedelta(weeks=1 + n // len(past.circles), days=now.weekday())).date(),
        "due_at": lambda n: now - timedelta(weeks=n // len(past.circles)),
        "settled_at": lambda n: now - timedelta(weeks=n // len(past.circles)),
        "told": True,
    }
    yield once("circle_digests", 520 * len(past.circles), digest)
    until = past.at(2 * count)
    yield once("absences", 2 * count, {"person_id": lambda n: 1 + n % count, "until": until, "ended_at": until})
    lately = past.at(count // 2, LATELY)
    yield once("forms", count // 2, {**whose, "kind": "none", "updated_at": lately})
    yield once("issue_searches", count // 2, {**whose, "words": "路灯", "searched_at": lately})
    request = {
        "change": IdentityChange.ACCOUNT,
        "state": RequestState.CONFIRMED,
        "telegram_id": lambda n: FIRST_ACCOUNT + n,
        "asked_at": at,
        "decided_at": at,
    }
    yield once("identity_requests", count, {**whose, **request})
    yield once("personal_links", count, {**whose, "secret_hash": lambda n: f"{n:064}", "expires_at": at, "used_at": at})
    delegation = {"leader_id": lambda n: n, "delegate_id": 1, "begun_at": at, "ended_at": at, "until": at}
    yield once("delegations", count, delegation)
