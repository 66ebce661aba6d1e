"""The audit log in words: whatever the code writes down has a sentence, an object and words for its details."""

from __future__ import annotations

import ast
import enum
from collections.abc import Iterator
from pathlib import Path

import pytest

from handlers.audit_words import DETAILS
from handlers.texts import load_catalogue
from models import alike, invitations, leave, like_links, notices, phone_calls, referrals, session_posts, suggestion_drafts
from models.attendance import CheckInWay
from models.audit_reading import LOOKS, SUBJECTS
from models.base import Base
from models.row_names import NAMED_BY, referred_to

ROOT = Path(__file__).parents[2]
FILES = sorted(path for folder in ("models", "handlers", "bot") for path in (ROOT / folder).rglob("*.py"))
SENTENCES = load_catalogue("zh_CN")

PUT_TOGETHER: dict[str, type[enum.Enum] | tuple[str, ...]] = {
    "alike.{decision}": alike.Decision,
    "call.{result}": phone_calls.CallResult,
    "checkin.{way}": CheckInWay,
    "invitation.{invitation.reply}": invitations.Reply,
    "issue.link_{verdict}": like_links.Verdict,
    "leave.{request.decision}": leave.Decision,
    "notice.{notice.kind}": notices.NoticeKind,
    "post.{post}": session_posts.SessionPost,
    "referral.{state}": referrals.ReferralState,
    "suggestion.{row.state}": suggestion_drafts.Signing,
}
"""Actions put together in the code, and what fills them."""
NEVER_FILLS = {"alike.open"}
"""Members that never reach the place where the action is put together."""
NAMED_BEFORE = {
    "models/checkin.py": {"action": ("checkin.left", "checkin.not_left")},
    "models/checkin_desk.py": {"what": ("checkin.helper_named", "checkin.helper_dropped")},
    "handlers/circle_rights.py": {"action": ("group.entered", "group.rights", "group.left")},
    "models/lost_places.py": {"action": ("circle.lost", "circle.topic_gone")},
}
"""Actions that stand in a variable, by file."""
NOT_TOLD = frozenset(
    {
        "active",
        "activities",
        "activity",
        "after",
        "before",
        "cancelled",
        "category",
        "change",
        "chat",
        "circle",
        "closed_as",
        "decided",
        "earlier",
        "emergency",
        "entries",
        "first",
        "forum",
        "group",
        "issue",
        "joined",
        "last",
        "line",
        "loss",
        "mandate",
        "members",
        "message",
        "next",
        "notice",
        "offsets",
        "on",
        "part",
        "people",
        "phone",
        "publish_at",
        "receipt",
        "record",
        "remark",
        "request",
        "result",
        "revision",
        "round",
        "rule",
        "second",
        "sheet",
        "shift",
        "since",
        "task",
        "telegram_id",
        "term",
        "thread",
        "user",
        "week",
        "year",
    }
)
"""Details that are numbers of rows, codes, or somebody's own: the log keeps them and nobody is told."""


class Recorded(ast.NodeVisitor):
    """The calls of ``record`` in a file, by whatever name it was imported."""

    def __init__(self, tree: ast.Module) -> None:
        self.names = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "models.audit"
            for alias in node.names
            if alias.name == "record"
        }
        self.calls: list[ast.Call] = []
        self.visit(tree)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Name) and node.func.id in self.names:
            self.calls.append(node)
        self.generic_visit(node)


CALLS = [(str(path.relative_to(ROOT)), call) for path in FILES for call in Recorded(ast.parse(path.read_text())).calls]


def actions(file: str, given: ast.expr) -> Iterator[str]:
    """What an expression can be as an action; fails for one that is put together in a way not known here."""
    if isinstance(given, ast.Constant):
        yield str(given.value)
    elif isinstance(given, ast.IfExp):
        yield from actions(file, given.body)
        yield from actions(file, given.orelse)
    elif isinstance(given, ast.Name):
        yield from NAMED_BEFORE[file][given.id]
    else:
        written = ast.unparse(given)[2:-1]
        filled = PUT_TOGETHER[written]
        before = written.partition("{")[0]
        for each in filled:
            yield before + (each if isinstance(each, str) else str(each.value))


def test_every_action_that_is_recorded_has_a_sentence() -> None:
    recorded = {action for file, call in CALLS for action in actions(file, call.args[2])} - NEVER_FILLS

    assert {action for action in recorded if f"audit.did.{action}" not in SENTENCES} == set()
    assert len(recorded) > 130


def test_every_kind_of_row_that_is_recorded_has_its_words() -> None:
    words = set()
    for _, call in CALLS:
        subject = call.args[3]
        if isinstance(subject, ast.JoinedStr) and isinstance(subject.values[0], ast.Constant):
            words.add(str(subject.values[0].value).partition(":")[0])
        elif isinstance(subject, ast.Constant):
            words.add(str(subject.value))

    assert {word for word in words if f"audit.object.{word}" not in SENTENCES} == set()
    assert "issue" in words


def test_every_detail_is_told_in_words_or_known_not_to_be() -> None:
    given = {keyword.arg for _, call in CALLS for keyword in call.keywords if keyword.arg not in (None, "now")}

    assert given - set(DETAILS) - NOT_TOLD == set()
    assert {key for key in DETAILS if f"audit.detail.{key}" not in SENTENCES} == set()


def test_the_looks_at_identities_are_actions_that_are_recorded() -> None:
    recorded = {action for file, call in CALLS for action in actions(file, call.args[2])}

    assert set(LOOKS) <= recorded


@pytest.mark.parametrize("table", sorted({*SUBJECTS.values(), *NAMED_BY}))
def test_a_row_is_named_by_columns_that_are_there(table: str) -> None:
    rows = Base.metadata.tables[table]

    for column in NAMED_BY[table]:
        target = referred_to(rows, column)
        assert target is None or target in NAMED_BY
