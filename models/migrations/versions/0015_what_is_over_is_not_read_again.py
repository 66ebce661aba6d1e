"""what is over is not read again

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TAKEN_BACK = "(source = 'corrected' OR erased_at IS NOT NULL)"
ADDED = (
    ("ix_absences_not_over", "absences", ["until"], "ended_at IS NULL"),
    ("ix_activities_over", "activities", ["state", "ends_at"], None),
    ("ix_announcements_published", "announcements", ["state", "published_at"], None),
    ("ix_circle_digests_open", "circle_digests", ["due_at"], "settled_at IS NULL"),
    ("ix_forms_updated_at", "forms", ["updated_at"], None),
    ("ix_issue_handovers_open", "issue_handovers", ["left_by_id"], "taken_at IS NULL"),
    ("ix_issue_searches_searched_at", "issue_searches", ["searched_at"], None),
    ("ix_people_unreachable", "people", ["unreachable_since"], "unreachable_since IS NOT NULL"),
    ("ix_person_roles_role", "person_roles", ["role"], None),
    ("ix_referrals_of_person", "referrals", ["person_id", "offered_at", "volunteered", "state", "answered_at", "lapses_at"], None),
    ("ix_referrals_waited_for", "referrals", ["state", "remind_at"], "advised_at IS NULL"),
    ("ix_routes_taken_back", "routes", ["id"], TAKEN_BACK),
)
TO_FORGET = ("issues", "mailbox_letters")


def upgrade() -> None:
    op.drop_index("ix_absences_until", "absences")
    op.drop_index("ix_circle_digests_due_at", "circle_digests")
    op.drop_index("ix_referrals_person_id", "referrals")
    for name, table, columns, where in ADDED:
        _index(name, table, columns, where)
    for table in TO_FORGET:
        op.drop_index(f"ix_{table}_to_forget", table)
        _index(f"ix_{table}_to_forget", table, ["state", "closed_at"], "identity_forgotten_at IS NULL")
    op.create_index("ix_cards_with_media", "cards", ["id"], sqlite_where=sa.text("has_media = 1"), postgresql_where=sa.text("has_media"))
    op.create_index("ix_mandates_again", "mandates", ["term_id"], sqlite_where=sa.text("again = 1"), postgresql_where=sa.text("again"))
    op.add_column("issues", sa.Column("findable", sa.Boolean(), nullable=False, server_default=sa.false()))
    # data: whatever has left its signature is found already; all else is caught up with by the due work
    op.execute(
        "UPDATE issues SET findable = true WHERE EXISTS (SELECT 1 FROM issue_signatures WHERE issue_signatures.issue_id = issues.id)"
    )
    sqlite, postgresql = sa.text("findable = 0"), sa.text("NOT findable")
    op.create_index("ix_issues_not_findable", "issues", ["id"], sqlite_where=sqlite, postgresql_where=postgresql)


def downgrade() -> None:
    op.drop_index("ix_issues_not_findable", "issues")
    op.drop_column("issues", "findable")
    op.drop_index("ix_mandates_again", "mandates")
    op.drop_index("ix_cards_with_media", "cards")
    for table in TO_FORGET:
        op.drop_index(f"ix_{table}_to_forget", table)
        _index(f"ix_{table}_to_forget", table, ["closed_at"], "identity_forgotten_at IS NULL")
    for name, table, _, _ in ADDED:
        op.drop_index(name, table)
    op.create_index("ix_circle_digests_due_at", "circle_digests", ["due_at"])
    op.create_index("ix_absences_until", "absences", ["until"])
    op.create_index("ix_referrals_person_id", "referrals", ["person_id"])


def _index(name: str, table: str, columns: list[str], where: str | None) -> None:
    only = sa.text(where) if where is not None else None
    op.create_index(name, table, columns, sqlite_where=only, postgresql_where=only)
