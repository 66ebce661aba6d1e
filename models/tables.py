"""Every module that has tables, so that the metadata is whole wherever this is imported."""

from models import audit, circles, forms, inbox, links, outbox, people, slots

__all__ = ["audit", "circles", "forms", "inbox", "links", "outbox", "people", "slots"]
