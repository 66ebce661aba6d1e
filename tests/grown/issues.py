"""Issues with all that belongs to them, and the mailbox's letters."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import numpy as np

from models.advice_ratings import Usefulness
from models.area_tasks import AreaTaskState
from models.issue_pieces import PieceKind
from models.issues import ClosedAs, IssueState
from models.likeness import ALL, INDEXED
from models.mailbox import Category, LetterState, Side
from models.referrals import ReferralState
from models.route_log import RouteSource
from models.text_features import whole_features
from tests.grown.people import FIRST_ACCOUNT
from tests.grown.rows import Past, Rows, once

KEPT_CONTACTS = timedelta(days=730)
SOON = timedelta(days=1)
PLACES = ("翠竹", "云溪", "东湖", "新华", "建设", "人民", "和平", "青年", "滨江", "学府", "钟楼", "南门", "北站", "西关", "幸福", "长征")
MATTERS = (
    "路灯坏了没人修",
    "下水道堵塞污水外溢",
    "物业乱收停车费",
    "工地夜间施工噪音扰民",
    "公交站点太远老人出行不便",
    "学校门口交通拥堵",
    "医保报销手续繁琐",
    "电梯经常停运",
    "垃圾清运不及时",
    "农田灌溉渠年久失修",
    "拖欠农民工工资",
    "违章搭建占用消防通道",
)
DETAILS = ("一到下雨天", "上个月以来", "多次反映", "居民意见很大", "希望尽快解决", "社区说要等", "已经三年了", "晚上更严重")


def issues(past: Past) -> Iterator[Rows]:
    """Closed ones, one in twenty withdrawn; then those under way."""
    count, block = past.size.issues, past.block(past.size.issues)
    at, before = past.at(block), past.now - KEPT_CONTACTS
    said = _said(block)
    base: dict[str, Any] = {
        "deputy_id": past.person,
        "area_id": lambda n: 1 + n % 20,
        "specialty_id": past.specialty,
        "version": 1,
        "shared_text": lambda n: said[n % block],
        "cover_more": [],
        "readable": [],
        "findable": True,
    }
    over = {
        "state": lambda n: IssueState.WITHDRAWN if n // 20 % 20 == 0 else IssueState.CLOSED,
        "closed_as": ClosedAs.ANSWERED,
        "closed_at": lambda n: at(n) + timedelta(hours=12),
        "identity_forgotten_at": lambda n: past.now if at(n) < before else None,
    }
    times = dict.fromkeys(("created_at", "worked_at", "confirmed_at", "round_began_at"), at)
    yield Rows("issues", count, block, {**base, **over, **times}, {"id": block}, {"number": "2016-"})
    yield once("issue_counters", 1, {"year": 2016, "last": count})
    yield from _told(past, said)
    yield from _features(past, said)
    yield from _under_way(past, base)


def _said(block: int) -> list[str]:
    dice = random.Random(7)
    kinds = ("小区", "路", "村", "街")
    return [
        f"{dice.choice(PLACES)}{dice.choice(kinds)}{dice.choice(MATTERS)}，{dice.choice(DETAILS)}，{dice.choice(DETAILS)}。"
        for _ in range(block)
    ]


def _told(past: Past, said: list[str]) -> Iterator[Rows]:
    count, block = past.size.issues, len(said)
    at = past.at(block)

    def each(table: str, columns: Mapping[str, Any], share: int = 1, **more: int) -> Rows:
        further = {"id": block // share, "issue_id": block, **more}
        return Rows(table, count // share, block // share, {"issue_id": lambda n: n * share, **columns}, further)

    place = {"chat_id": lambda n: FIRST_ACCOUNT + past.person(n), "message_id": lambda n: n, "kind": PieceKind.TEXT}
    yield each("issue_pieces", {**place, "text": lambda n: said[n % block], "received_at": at}, message_id=block)
    remark = {**place, "author_id": lambda n: past.person(n + 1), "text": "建议由住建部门牵头", "said_at": at, "in_circle": True}
    yield each("issue_remarks", remark, message_id=block)
    asked = {"person_id": lambda n: past.person(n + 1), "specialty_id": past.specialty, "offered_at": at, "answered_at": at}
    yield each("referrals", {**asked, "state": ReferralState.ACCEPTED, "advised_at": at, "lapses_at": at})
    yield each("issue_outcomes", {"closed_as": ClosedAs.ANSWERED, "decided_by_id": past.person, "decided_at": at})
    yield each("issue_consultations", {"specialty_id": past.specialty, "asked_at": at, "round_began_at": at})
    yield each("advice_ratings", {"adviser_id": lambda n: past.person(n + 1), "usefulness": Usefulness.USEFUL, "rated_at": at})
    task = {"area_id": lambda n: 1 + n % 20, "state": AreaTaskState.DONE, "holder_id": past.person, "reported_at": at, "over_at": at}
    yield each("area_tasks", task, 2)
    yield each("issue_handovers", {"left_by_id": past.person, "noticed_at": at, "taken_by_id": 1, "taken_at": at}, 2)
    ranking = {"proposed": lambda n: [[past.specialty(n), 0.9], [past.specialty(n + 1), 0.1]], "specialty_id": past.specialty}
    yield each("routes", {"source": RouteSource.CONFIRMED, "at": at, "text": lambda n: said[n % block], **ranking})


def _features(past: Past, said: list[str]) -> Iterator[Rows]:
    """What like issues are found by."""
    count, block = past.size.issues, len(said)
    features = [whole_features(said[number % block]) for number in range(1, block + 1)]
    have = Counter(int(id) for each in features for id in each.ids)
    terms = [
        (id, number)
        for number, each in enumerate(features, 1)
        for id in sorted((int(id) for id in each.ids), key=lambda id: (have[id], id))[:INDEXED]
    ]
    signature = {
        "issue_id": lambda n: n,
        "ids": lambda n: features[n - 1].ids.tobytes(),
        "weights": lambda n: features[n - 1].weights.astype(np.float16).tobytes(),
    }
    yield Rows("issue_signatures", count, block, signature, {"issue_id": block})
    term = {"feature": lambda n: terms[n - 1][0], "issue_id": lambda n: terms[n - 1][1]}
    yield Rows("issue_terms", len(terms) * (count // block), len(terms), term, {"issue_id": block})
    counts = [(ALL, count), *((id, issues * (count // block)) for id, issues in have.items())]
    yield once("issue_term_counts", len(counts), {"feature": lambda n: counts[n - 1][0], "issues": lambda n: counts[n - 1][1]})


def _under_way(past: Past, base: Mapping[str, Any]) -> Iterator[Rows]:
    """Issues that were offered to somebody or are with an area; and drafts that lie there."""
    count, first, now = past.size.open, past.size.issues, past.now
    states = (IssueState.OPEN, IssueState.REFERRED, IssueState.ADVISED)
    began = dict.fromkeys(("created_at", "worked_at", "confirmed_at", "round_began_at"), now - SOON)
    live = {"id": lambda n: first + n, "number": lambda n: f"2017-{n}", "state": lambda n: states[n % 3]}
    yield once("issues", count, {**base, **began, **live})
    draft = {"id": lambda n: first + count + n, "state": IssueState.DRAFT, "created_at": now - SOON, "worked_at": now - SOON}
    yield once("issues", count, {**base, **draft, "findable": False, "shared_text": ""})
    piece = {"id": lambda n: first + n, "issue_id": lambda n: first + count + n, "kind": PieceKind.TEXT, "text": "路灯坏了"}
    yield once("issue_pieces", count, {**piece, "chat_id": 1, "message_id": lambda n: n, "received_at": now - SOON})
    offer = {
        "id": lambda n: first + n,
        "issue_id": lambda n: first + n,
        "person_id": lambda n: past.person(n + 1),
        "specialty_id": past.specialty,
        "state": lambda n: ReferralState.OFFERED if n % 2 else ReferralState.ACCEPTED,
        "offered_at": now - SOON,
        "remind_at": lambda n: now + SOON * (n - 2),
        "lapses_at": lambda n: now + SOON * (n - 1),
    }
    yield once("referrals", count, offer)
    task = {"id": lambda n: first + n, "issue_id": lambda n: first + n, "area_id": lambda n: 1 + n % 20, "state": AreaTaskState.HANDED}
    yield once("area_tasks", count, {**task, "handed_at": now - SOON, "due_at": now, "remind_at": lambda n: now + SOON * (n - 2)})


def letters(past: Past) -> Iterator[Rows]:
    """Those of the last two years have their senders."""
    count, block = past.size.letters, past.block(past.size.letters)
    at, before, sender = past.at(block), past.now - KEPT_CONTACTS, 5 * FIRST_ACCOUNT
    base = {
        "language": "zh_CN",
        "deputy_id": past.person,
        "area_id": lambda n: 1 + n % 20,
        "category": Category.COMPLAINT,
        "touched_at": at,
        "sent_at": at,
    }
    over = {
        "state": LetterState.CLOSED,
        "sender_id": lambda n: sender + n if at(n) >= before else 0,
        "closed_at": at,
        "closed_as": ClosedAs.ANSWERED,
        "identity_forgotten_at": lambda n: past.now if at(n) < before else None,
    }
    yield Rows("mailbox_letters", count, block, {**base, **over}, {"id": block, "sender_id": block}, {"code": "M"})
    known = block // 5
    account = {"telegram_id": lambda n: sender + block - known + n, "begun_at": lambda n: at(block - known + n)}
    yield Rows("mailbox_senders", known * (count // block), known, account, {"telegram_id": block})
    piece = {"side": Side.SENDER, "kind": PieceKind.TEXT, "text": "路灯坏了", "said_at": at, "chat_id": sender}
    numbers = {"letter_id": lambda n: n, "message_id": lambda n: n}
    yield Rows("mailbox_pieces", count, block, {**piece, **numbers}, {"id": block, "letter_id": block, "message_id": block})
    now = past.now
    waiting = {
        "id": lambda n: count + n,
        "state": lambda n: LetterState.IN_HAND if n % 2 else LetterState.WAITING,
        "sender_id": lambda n: sender - n,
        "waits_since": now - SOON,
    }
    yield once("mailbox_letters", past.size.open, {**base, **waiting, "touched_at": now - SOON, "sent_at": now - SOON})
