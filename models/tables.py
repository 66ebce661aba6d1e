"""Every module that has tables, so that the metadata is whole wherever this is imported."""

from models import (
    activities,
    audit,
    circles,
    forms,
    inbox,
    invitations,
    issue_numbers,
    issues,
    leave,
    links,
    notices,
    outbox,
    people,
    referrals,
    remarks,
)

__all__ = [
    "activities",
    "audit",
    "circles",
    "forms",
    "inbox",
    "invitations",
    "issue_numbers",
    "issues",
    "leave",
    "links",
    "notices",
    "outbox",
    "people",
    "referrals",
    "remarks",
]
