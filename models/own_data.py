"""What the Home holds about a person: which rows are theirs, and what of them is told to them.

Each table says here what of it belongs to whom, or why it is left out; a test holds this against all tables and columns there are, so that
a new one cannot be forgotten. What others entrusted to the Home (who a constituent is, why somebody else asked leave) is never told.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Table, select
from sqlalchemy.ext.asyncio import AsyncSession

from models.base import Base
from models.issues import Issue
from models.masking import mask
from models.people import Person
from models.row_names import names_of, referred_to


class Why(enum.StrEnum):
    """Why something is left out."""

    ACTS = "acts"
    """What somebody did in office: the sheet of their acts tells it."""
    OTHERS = "others"
    """It belongs to other people, or would tell who they are."""
    CHATS = "chats"
    """It stands in the person's own chat."""
    PASSING = "passing"
    """It is of use for minutes and goes by itself."""
    NOBODY = "nobody"
    """It is about no person."""


@dataclass(frozen=True)
class Own:
    """Rows of a table that are a person's, and the columns that are told.

    ``via`` is the column that names the person; with ``through``, the one that names a row which is theirs by that entry; ``by_account``,
    the one that holds their Telegram account. ``covered`` columns may speak of constituents: names and numbers in them are covered.
    ``hidden`` columns are numbers of rows and the like, or are somebody else's.
    """

    table: str
    via: str
    told: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    covered: tuple[str, ...] = ()
    through: str | None = None
    by_account: bool = False
    key: str = ""

    @property
    def name(self) -> str:
        """What the sheet is called in the catalogues."""
        return self.key or self.table


_STANDS = ("chat_id", "message_id")
OWN: tuple[Own, ...] = (
    Own(
        "people",
        "id",
        ("name", "phone", "telegram_id", "language", "area_id", "group_id", "employer", "active", "unreachable_since"),
        ("initials",),
    ),
    Own("person_roles", "person_id", ("role",)),
    Own("person_specialties", "person_id", ("specialty_id",)),
    Own("circle_members", "person_id", ("circle_id", "asked_to_join_at", "joined_at", "remind_at", "reminders")),
    Own("chat_presences", "telegram_id", ("chat_id", "name", "seen_at", "is_admin"), by_account=True),
    Own(
        "mandates",
        "person_id",
        ("term_id", "area_id", "seat", "began_on", "ended_on", "reason", "reason_words", "ended_at", "ended_by_id", "again"),
        ("fills_id", "left_behind"),
    ),
    Own(
        "identity_requests",
        "person_id",
        ("change", "state", "telegram_id", "account_name", "said_name", "said_phone", "new_phone", "verified", "asked_at", "decided_at"),
        ("language", "decided_by_id"),
    ),
    Own("post_holders", "person_id", ("post", "group_id")),
    Own("personal_links", "person_id", ("expires_at", "used_at"), ("secret_hash",)),
    Own("absences", "person_id", ("began_at", "until", "ended_at")),
    Own(
        "profiles",
        "person_id",
        ("state", "biography", "photo_id", "created_at", "submitted_at", "decided_at", "decided_by_id", "word"),
        ("photo_file_id", "version"),
    ),
    Own(
        "invitations",
        "person_id",
        ("activity_id", "reply", "replied_at", "delivery", "attendance", "released_at"),
        ("owed_notice_id",),
    ),
    Own(
        "written_notices",
        "invitation_id",
        ("starts_at", "place", "sent_at", "outcome", "settled_at"),
        ("notice_id", "message_id"),
        through="invitations",
    ),
    Own(
        "phone_calls",
        "invitation_id",
        ("at", "by_id", "phone", "result", "starts_at", "undone_at"),
        ("before", "leave_id"),
        through="invitations",
    ),
    Own(
        "leave_requests",
        "invitation_id",
        ("invitation_id", "category", "reason", "asked_at", "emergency", "half_days", "decision", "decided_by_id", "decided_at"),
        ("current", "partial", "reminded_for"),
        through="invitations",
    ),
    Own("leave_remarks", "request_id", ("author_id", "question", "text", "said_at"), through="leave_requests"),
    Own("leave_flags", "person_id", ("span_began", "raised_at")),
    Own("delegations", "leader_id", ("delegate_id", "given_at", "starts_at", "until", "ended_at"), ("begun_at",), key="delegations_given"),
    Own("delegations", "delegate_id", ("leader_id", "given_at", "starts_at", "until", "ended_at"), ("begun_at",), key="delegations_taken"),
    Own("check_ins", "person_id", ("activity_id", "at", "way", "by_id", "left_at")),
    Own("check_in_helpers", "person_id", ("activity_id",)),
    Own(
        "duty_entries",
        "person_id",
        (
            "activity_id",
            "item",
            "day",
            "attendance",
            "left_early",
            "half_days_missed",
            "written_at",
            "corrected_at",
            "corrected_by_id",
            "correction_reason",
        ),
        ("half_days", "evidence"),
    ),
    Own(
        "issues",
        "deputy_id",
        ("number", "state", "area_id", "specialty_id", "shared_text", "closed_as", "created_at", "confirmed_at", "closed_at"),
        (
            "version",
            "with_attachments",
            "cover_more",
            "readable",
            "findable",
            "worked_at",
            "asked_at",
            "round_began_at",
            "identity_forgotten_at",
        ),
    ),
    Own("issue_outcomes", "decided_by_id", ("issue_id", "closed_as", "address", "answer", "decided_at", "undone_at"), covered=("answer",)),
    Own(
        "issue_remarks",
        "author_id",
        ("issue_id", "text", "said_at"),
        ("kind", *_STANDS, "media_group_id", "file_id", "in_circle", "by_home"),
        covered=("text",),
    ),
    Own(
        "referrals",
        "person_id",
        ("issue_id", "specialty_id", "state", "volunteered", "offered_at", "answered_at", "reason", "reason_text", "advised_at"),
        ("remind_at", "lapses_at"),
        covered=("reason_text",),
    ),
    Own("wished_specialists", "person_id", ("issue_id",)),
    Own("issue_handovers", "left_by_id", ("issue_id", "noticed_at", "taken_by_id", "taken_at"), key="issues_left"),
    Own("issue_handovers", "taken_by_id", ("issue_id", "left_by_id", "taken_at"), ("noticed_at",), key="issues_taken"),
    Own(
        "area_tasks",
        "holder_id",
        ("issue_id", "area_id", "state", "handed_at", "due_at", "reported_at", "over_at"),
        ("round", "remind_at", "overdue_told", "sent_back_for"),
    ),
    Own("area_report_pieces", "author_id", ("task_id", "text", "said_at"), ("round", "kind", *_STANDS), covered=("text",)),
    Own(
        "suggestion_drafts",
        "lead_id",
        ("issue_id", "title", "situation", "analysis", "proposal", "created_at", "changed_at", "exported_at"),
        ("version",),
        covered=("title", "situation", "analysis", "proposal"),
    ),
    Own("suggestion_cosigners", "person_id", ("draft_id", "state", "asked_at", "answered_at"), ("version",)),
    Own(
        "mailbox_letters",
        "deputy_id",
        (
            "code",
            "state",
            "category",
            "area_id",
            "issue_id",
            "sent_at",
            "closed_at",
            "closed_as",
            "answer",
            "handed_reason",
            "report_reason",
            "solved",
            "contentment",
            "reopened_at",
        ),
        (
            "sender_id",
            "sender_name",
            "language",
            "deputy_settled",
            "created_at",
            "touched_at",
            "waits_since",
            "chased_at",
            "reopen_reason",
            "identity_forgotten_at",
        ),
        covered=("answer", "handed_reason", "report_reason"),
        key="letters_to",
    ),
    Own(
        "mailbox_letters",
        "sender_id",
        (
            "code",
            "state",
            "category",
            "area_id",
            "deputy_id",
            "sender_name",
            "created_at",
            "sent_at",
            "closed_at",
            "closed_as",
            "answer",
            "solved",
            "contentment",
            "reopened_at",
            "reopen_reason",
        ),
        (
            "language",
            "deputy_settled",
            "issue_id",
            "touched_at",
            "waits_since",
            "chased_at",
            "handed_reason",
            "report_reason",
            "identity_forgotten_at",
        ),
        by_account=True,
        key="letters_of",
    ),
    Own(
        "mailbox_pieces",
        "letter_id",
        ("letter_id", "side", "text", "said_at"),
        ("opening", "kind", *_STANDS, "media_group_id", "file_id", "file_name"),
        through="letters_of",
    ),
    Own(
        "announcements",
        "author_id",
        ("state", "created_at", "publish_at", "published_at", "edited_at", "withdrawn_at"),
        ("audience_json", "reminded_at", "revision", "round", "card_shown", "card_shown_at"),
    ),
    Own(
        "announcement_pieces",
        "announcement_id",
        ("announcement_id", "text"),
        ("kind", *_STANDS, "file_unique_id", "pending"),
        through="announcements",
    ),
    Own(
        "announcement_recipients",
        "person_id",
        ("announcement_id", "delivery", "reached_at", "received_at"),
        ("files_failed", "received_round"),
    ),
    Own(
        "activities",
        "created_by_id",
        ("title", "kind", "state", "starts_at", "ends_at", "place", "notes", "created_at"),
        ("audience", "offsets", "sequence", "capacity", "followed_at", "frozen_at", "card_shown", "card_shown_at"),
    ),
    Own(
        "series",
        "maker_id",
        ("title", "kind", "place", "notes", "created_at", "ended_at"),
        ("rule", "shift", "length_seconds", "capacity", "audience", "offsets", "next_make_at"),
    ),
    Own("plan_items", "created_by_id", ("group_id", "year", "month", "kind", "topic", "responsible", "created_at")),
    Own(
        "activity_records",
        "keeper_id",
        ("activity_id", "number", "state", "created_at", "submitted_at", "confirmed_at"),
        (
            "sections",
            "version",
            "submitted_by_id",
            "returned_at",
            "return_reason",
            "confirmed_by_id",
            "chased_at",
            "office_told_at",
        ),
    ),
    Own(
        "record_pieces",
        "author_id",
        ("record_id", "text", "received_at"),
        ("said_by_id", "kind", "is_photo", *_STANDS, "file_id", "file_name", "attachment_id", "dropped", "issue_id"),
        covered=("text",),
    ),
    Own(
        "record_pieces",
        "said_by_id",
        ("record_id", "text", "received_at"),
        ("author_id", "kind", "is_photo", *_STANDS, "file_id", "file_name", "attachment_id", "dropped", "issue_id"),
        covered=("text",),
        key="words_in_records",
    ),
    Own("issue_searches", "person_id", ("words", "searched_at"), covered=("words",)),
)
"""In the order of the sheets."""

ACTED = "audit_entries.actor_id"
"""What a person did, and what was done to them: a sheet of its own, told in sentences."""

LEFT_OUT: Mapping[str, Why] = {
    "activity_records.confirmed_by_id": Why.ACTS,
    "activity_records.submitted_by_id": Why.ACTS,
    "advice_ratings": Why.OTHERS,
    "alarms": Why.NOBODY,
    "alike_groups": Why.ACTS,
    "alike_members": Why.NOBODY,
    "announcement_posts": Why.NOBODY,
    "areas": Why.NOBODY,
    "attachments": Why.CHATS,
    "budget_entries": Why.ACTS,
    "budget_receipts": Why.ACTS,
    "budgets": Why.NOBODY,
    "call_sheets": Why.NOBODY,
    "call_turns": Why.PASSING,
    "cards": Why.CHATS,
    "chats": Why.ACTS,
    "check_in_desks": Why.NOBODY,
    "check_in_guesses": Why.PASSING,
    "check_in_screens": Why.PASSING,
    "check_ins.by_id": Why.ACTS,
    "circle_digests": Why.NOBODY,
    "circle_specialties": Why.NOBODY,
    "circles": Why.NOBODY,
    "copied_messages": Why.CHATS,
    "deputy_groups": Why.NOBODY,
    "duty_entries.corrected_by_id": Why.ACTS,
    "final_accounts": Why.NOBODY,
    "forms": Why.PASSING,
    "identity_requests.decided_by_id": Why.ACTS,
    "inbox_updates": Why.CHATS,
    "inspection_topics": Why.ACTS,
    "issue_consultations": Why.NOBODY,
    "issue_counters": Why.NOBODY,
    "issue_links": Why.ACTS,
    "issue_pieces": Why.OTHERS,
    "issue_signatures": Why.NOBODY,
    "issue_term_counts": Why.NOBODY,
    "issue_terms": Why.NOBODY,
    "issue_topics": Why.NOBODY,
    "leave_behalves": Why.ACTS,
    "leave_proofs": Why.CHATS,
    "leave_remarks.author_id": Why.OTHERS,
    "leave_requests.decided_by_id": Why.OTHERS,
    "last_heard": Why.NOBODY,
    "lost_places": Why.NOBODY,
    "mailbox_senders": Why.PASSING,
    "mandates.ended_by_id": Why.ACTS,
    "nightly_backups": Why.NOBODY,
    "notices": Why.NOBODY,
    "outbox_messages": Why.CHATS,
    "phone_calls.by_id": Why.OTHERS,
    "plan_activities": Why.NOBODY,
    "plan_reviews": Why.NOBODY,
    "previewed_specialists": Why.PASSING,
    "profiles.decided_by_id": Why.ACTS,
    "record_counters": Why.NOBODY,
    "remark_readers": Why.CHATS,
    "route_weights": Why.NOBODY,
    "routes": Why.OTHERS,
    "series_dates": Why.NOBODY,
    "specialties": Why.NOBODY,
    "terms": Why.ACTS,
    "topics_by_issue": Why.NOBODY,
    "weekly_figures": Why.NOBODY,
}
"""Tables, or columns of tables, that are not told, with the reason that the file gives."""

TELLING_OF_PEOPLE = (Why.OTHERS, Why.CHATS, Why.PASSING, Why.ACTS)
"""What is left out although it may be about the reader: the file says so."""


@dataclass(frozen=True)
class Told:
    """One sheet: whose rows, and their values in the order of ``own.told``."""

    own: Own
    rows: Sequence[Sequence[Any]]


async def told_to(session: AsyncSession, person: Person) -> list[Told]:
    """Everything that is told to a person, table by table; tables without a row of theirs are left away."""
    ids: dict[str, list[int]] = {}
    found = []
    for own in OWN:
        rows = await _rows(session, own, person, ids)
        if rows:
            found.append(Told(own, await _readable(session, own, rows)))
    return found


async def _rows(session: AsyncSession, own: Own, person: Person, ids: dict[str, list[int]]) -> list[dict[str, Any]]:
    table = Base.metadata.tables[own.table]
    column: Any = table.c[own.via]
    if own.through is not None:
        mine = column.in_(ids.get(own.through, ()))
    elif own.by_account:
        if person.telegram_id is None:
            return []
        mine = column == person.telegram_id
    else:
        mine = column == person.id
    rows = [dict(row) for row in (await session.execute(select(table).where(mine).order_by(*table.primary_key.columns))).mappings()]
    if "id" in table.c:
        ids[own.name] = [row["id"] for row in rows]
    return rows


async def _readable(session: AsyncSession, own: Own, rows: Sequence[dict[str, Any]]) -> list[list[Any]]:
    """Numbers of rows as what people call them, and constituents covered."""
    table = Base.metadata.tables[own.table]
    names: dict[str, dict[int, str]] = {}
    for column in own.told:
        target = referred_to(table, column)
        if target is not None and target != "attachments":
            names[column] = await names_of(session, target, {row[column] for row in rows if row[column] is not None})
    covers = await _covers(session, own, rows)
    return [[_value(table, own, column, row, names, covers) for column in own.told] for row in rows]


def _value(
    table: Table, own: Own, column: str, row: dict[str, Any], names: Mapping[str, Mapping[int, str]], issues: Mapping[int, Issue]
) -> Any:
    value = row[column]
    if value is None:
        return None
    if column in names:
        return names[column][value]
    if referred_to(table, column) == "attachments":
        return True
    if column in own.covered:
        issue = issues.get(row.get("issue_id") or 0)
        return issue.covered(value) if issue is not None else mask(value).text
    if isinstance(table.c[column].type, BigInteger):
        return str(value)  # a spreadsheet would round a number as long as this
    return value


async def _covers(session: AsyncSession, own: Own, rows: Sequence[dict[str, Any]]) -> dict[int, Issue]:
    """The issues that the rows speak of: each knows the names that its constituent goes by."""
    if not own.covered or "issue_id" not in Base.metadata.tables[own.table].c:
        return {}
    ids = {row["issue_id"] for row in rows if row["issue_id"] is not None}
    return {issue.id: issue for issue in await session.scalars(select(Issue).where(Issue.id.in_(ids)))}
