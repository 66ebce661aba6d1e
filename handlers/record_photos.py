"""Photos of a record: their bytes are fetched when they join, made as small as paper needs, and kept for the Word file."""

from __future__ import annotations

import asyncio
import io
from typing import Any

from telegram import Message

from handlers.journey import Journey
from handlers.post import Post
from models.outbox import OutboxMessage, OutboxState
from models.records import ActivityRecord, RecordPiece

LONGEST_SIDE, QUALITY = 1280, 82
"""Pixels; on paper a photo is 75 mm wide."""
DOWNLOAD_LIMIT = 20 * 1024 * 1024
"""What Telegram gives a bot."""
PIXEL_LIMIT = 60_000_000
"""A picture larger than that is no photo to print; a small file can unpack into gigabytes. A JPEG is unpacked no larger than needed."""
PICTURES = ("image/jpeg", "image/png", "image/webp")


def is_picture(message: Message) -> bool:
    """Whether a message is a photo, or a picture sent as a file."""
    document = message.document
    as_file = document is not None and document.mime_type in PICTURES and (document.file_size or 0) <= DOWNLOAD_LIMIT
    return bool(message.photo) or as_file


async def fetch_photo(post: Post, piece: RecordPiece) -> None:
    """Ask for a photo's bytes."""
    if piece.is_photo and piece.file_id is not None and piece.attachment is None:
        await post.call("getFile", {"file_id": piece.file_id}, subject=f"record_photo:{piece.id}")


async def fetch_missing(post: Post, kept: ActivityRecord) -> int:
    """Ask again for those that are not there yet, and tell how many."""
    missing = [piece for piece in kept.photos if piece.attachment is None]
    for piece in missing:
        await fetch_photo(post, piece)
    return len(missing)


async def photo_came(post: Post, message: OutboxMessage, content: Any) -> None:
    """The bytes are there, or Telegram did not give them: then they are asked for again with the next Word file."""
    piece = await post.session.get(RecordPiece, int((message.subject or "").partition(":")[2]))
    if piece is None or piece.attachment is not None or message.state is not OutboxState.SENT or not isinstance(content, bytes):
        return
    small = await asyncio.to_thread(made_small, content)
    if small is None:
        piece.is_photo = False  # a file that only calls itself a picture
        return
    piece.attachment = await post.attach(f"record-{piece.record_id}-{piece.id}.jpg", small)


def made_small(content: bytes) -> bytes | None:
    """A JPEG no larger than paper needs, upright and without what a camera notes besides; None for what is no picture."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content)) as opened:
            opened.draft("RGB", (2 * LONGEST_SIDE, 2 * LONGEST_SIDE))
            if opened.width * opened.height > PIXEL_LIMIT:
                return None
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            whole = Image.new("RGB", upright.size, "white")
            see_through = upright.convert("RGBA")
            whole.paste(see_through, mask=see_through)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    file = io.BytesIO()
    whole.save(file, "JPEG", quality=QUALITY, optimize=True)
    return file.getvalue()


JOURNEY = Journey(outcomes={"record_photo": photo_came})
