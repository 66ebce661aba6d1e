"""profiles and privacy

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEPT = sa.text("identity_forgotten_at IS NULL")
SAID = sa.text("forgotten_at IS NULL")
SHOWN = sa.text("state = 'shown'")
WORKING = sa.text("state IN ('draft', 'waiting', 'returned')")
REASONED = (
    "letter.handed_to_office",
    "letter.reported",
    "letter.refused",
    "letter.acquitted",
    "sender.blocked",
    "sender.unblocked",
)
"""Their entries held words about a letter as they were typed, which may name whoever wrote it."""


def upgrade() -> None:
    op.create_table(
        "profiles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("biography", sa.Text(), nullable=False),
        sa.Column("photo_id", sa.Integer(), nullable=True),
        sa.Column("photo_file_id", sa.String(length=255), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("word", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["decided_by_id"], ["people.id"], name=op.f("fk_profiles_decided_by_id_people")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_profiles_person_id_people")),
        sa.ForeignKeyConstraint(["photo_id"], ["attachments.id"], name=op.f("fk_profiles_photo_id_attachments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profiles")),
    )
    op.create_index(op.f("ix_profiles_person_id"), "profiles", ["person_id"])
    op.create_index(op.f("ix_profiles_photo_id"), "profiles", ["photo_id"])
    op.create_index("ix_profiles_waiting", "profiles", ["state", "submitted_at"])
    op.create_index("uq_profiles_shown", "profiles", ["person_id"], unique=True, sqlite_where=SHOWN, postgresql_where=SHOWN)
    op.create_index("uq_profiles_working", "profiles", ["person_id"], unique=True, sqlite_where=WORKING, postgresql_where=WORKING)

    # Not in a batch: that makes the table anew, and others refer to it.
    op.create_index("ix_inbox_updates_done", "inbox_updates", ["state", "done_at"])
    for table in ("issues", "mailbox_letters"):
        op.add_column(table, sa.Column("identity_forgotten_at", sa.DateTime(timezone=True), nullable=True))
        op.create_index(f"ix_{table}_to_forget", table, ["closed_at"], sqlite_where=KEPT, postgresql_where=KEPT)
    op.create_index(op.f("ix_mailbox_senders_window_began_at"), "mailbox_senders", ["window_began_at"])
    op.add_column("outbox_messages", sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_outbox_messages_attachment_id"), "outbox_messages", ["attachment_id"])
    op.create_index("ix_outbox_messages_to_forget", "outbox_messages", ["settled_at"], sqlite_where=SAID, postgresql_where=SAID)

    # data: words about a letter leave the log, before nothing can be changed there any more
    entries = sa.table("audit_entries", sa.column("id", sa.Integer), sa.column("action", sa.String), sa.column("details", sa.JSON))
    connection = op.get_bind()
    for id, details in connection.execute(sa.select(entries.c.id, entries.c.details).where(entries.c.action.in_(REASONED))).all():
        if "reason" in details:
            rest = {name: value for name, value in details.items() if name != "reason"}
            connection.execute(sa.update(entries).where(entries.c.id == id).values(details=rest))
    # data: the audit log can only grow. On SQLite a batch that makes the table anew would lose these triggers.
    _guard_the_log()


def downgrade() -> None:
    _unguard_the_log()
    op.drop_index("ix_outbox_messages_to_forget", "outbox_messages")
    op.drop_index(op.f("ix_outbox_messages_attachment_id"), "outbox_messages")
    op.drop_column("outbox_messages", "forgotten_at")
    op.drop_index(op.f("ix_mailbox_senders_window_began_at"), "mailbox_senders")
    for table in ("mailbox_letters", "issues"):
        op.drop_index(f"ix_{table}_to_forget", table)
        op.drop_column(table, "identity_forgotten_at")
    op.drop_index("ix_inbox_updates_done", "inbox_updates")
    op.drop_table("profiles")


def _guard_the_log() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_entries_only_grow() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'audit entries are never changed or deleted'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_entries_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_only_grow()"
        )
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_entries_no_{event.lower()} BEFORE {event} ON audit_entries "
            "BEGIN SELECT RAISE(ABORT, 'audit entries are never changed or deleted'); END"
        )


def _unguard_the_log() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_entries_only_grow ON audit_entries")
        op.execute("DROP FUNCTION audit_entries_only_grow()")
        return
    for event in ("update", "delete"):
        op.execute(f"DROP TRIGGER audit_entries_no_{event}")
