"""What a message brings: its kind, its words, its file, and under whose name it was forwarded."""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Message, MessageOriginHiddenUser, MessageOriginUser

from models.issue_pieces import PieceKind


@dataclass(frozen=True)
class Said:
    """A message as far as an issue is concerned."""

    kind: PieceKind
    text: str = ""
    file_id: str | None = None
    file_name: str | None = None


def read_message(message: Message) -> Said | None:
    """Everything an issue can hold; None for what says nothing about a matter: stickers, polls, games."""
    caption = _clean(message.caption)
    if message.text is not None:
        return Said(PieceKind.TEXT, _clean(message.text))
    if message.photo:
        return Said(PieceKind.PHOTO, caption, message.photo[-1].file_id)
    if message.contact is not None:
        name = " ".join(filter(None, [message.contact.first_name, message.contact.last_name]))
        return Said(PieceKind.CONTACT, _clean(f"{name} {message.contact.phone_number}"))
    if message.venue is not None:
        return Said(PieceKind.LOCATION, _clean(f"{message.venue.title} {message.venue.address}"))
    if message.location is not None:
        return Said(PieceKind.LOCATION)
    return _with_file(message, caption)


def _with_file(message: Message, caption: str) -> Said | None:
    for kind, file in (
        (PieceKind.VOICE, message.voice),
        (PieceKind.VIDEO_NOTE, message.video_note),
        (PieceKind.VIDEO, message.video),
        (PieceKind.VIDEO, message.animation),  # comes with a document of its own
        (PieceKind.AUDIO, message.audio),
        (PieceKind.DOCUMENT, message.document),
    ):
        if file is not None:
            return Said(kind, caption, file.file_id, _clean(getattr(file, "file_name", None))[:255] or None)
    return None


def words_of(message: Message | None) -> str:
    """What was written; empty for anything that is no text."""
    return _clean(message.text) if message is not None else ""


def source_name(message: Message) -> str:
    """The name that must not be passed on: who wrote what was forwarded, or whose contact it is."""
    contact, origin = message.contact, message.forward_origin
    if contact is not None:
        return _clean(" ".join(filter(None, [contact.last_name, contact.first_name])))[:255]
    if isinstance(origin, MessageOriginHiddenUser):
        return _clean(origin.sender_user_name)[:255]
    if isinstance(origin, MessageOriginUser) and (message.from_user is None or origin.sender_user.id != message.from_user.id):
        return _clean(origin.sender_user.full_name)[:255]
    return _clean(getattr(origin, "author_signature", None))[:255]  # whoever signed in a channel, or as a group's hidden admin


def _clean(text: str | None) -> str:
    """Without NUL, which PostgreSQL does not keep."""
    return (text or "").replace("\x00", "").strip()
