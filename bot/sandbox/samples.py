"""Small valid files made in code, for photos and voices nobody took the trouble to record."""

from __future__ import annotations

import functools
import math
import struct
import zlib


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@functools.lru_cache(maxsize=16)
def png(width: int = 320, height: int = 240, hue: int = 0) -> bytes:
    """A picture: a soft gradient."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        shade = 255 - 110 * y // height
        rows += bytes((shade - 40 * ((hue + i) % 3 == 0)) & 255 for i in range(3)) * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + _chunk(b"IEND", b"")


@functools.lru_cache(maxsize=16)
def wav(seconds: int = 3, rate: int = 8000) -> bytes:
    """A sound: a quiet tone that rises and falls."""
    count = max(1, seconds) * rate
    samples = bytes(int(128 + 30 * math.sin(i * 0.17) * math.sin(math.pi * i / count)) for i in range(count))
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + count, b"WAVE", b"fmt ", 16, 1, 1, rate, rate, 1, 8, b"data", count)
    return header + samples


# The smallest file players accept as MP4: a type box and an empty movie.
MP4 = bytes.fromhex("0000001866747970") + b"isom\x00\x00\x02\x00isomiso2" + struct.pack(">I4s", 8, b"mdat")

_PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
PDF = _PDF + b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def sample(kind: str, *, duration: int = 3) -> tuple[bytes, str, str]:
    """Bytes, MIME type and file name of a sample of this kind."""
    if kind in ("voice", "audio"):
        return wav(min(duration, 60)), "audio/wav", f"{kind}.wav"
    if kind in ("video", "video_note"):
        return MP4, "video/mp4", f"{kind}.mp4"
    if kind == "document":
        return PDF, "application/pdf", "document.pdf"
    return png(), "image/png", f"{kind}.png"


def image_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, JPEG, GIF or WebP (lossy) picture; None for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) > 24:
        return struct.unpack(">II", data[16:24])
    if data.startswith((b"GIF87a", b"GIF89a")) and len(data) > 10:
        return struct.unpack("<HH", data[6:10])
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) > 30:
        width, height = struct.unpack("<HH", data[26:30])
        return (width & 0x3FFF or 512, height & 0x3FFF or 512) if data[12:16] == b"VP8 " else (512, 512)
    if data.startswith(b"\xff\xd8"):
        return _jpeg_size(data)
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    position = 2
    while position + 9 < len(data):
        marker, length = data[position + 1], int.from_bytes(data[position + 2 : position + 4], "big")
        if data[position] != 0xFF:
            return None
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[position + 5 : position + 9])
            return width, height
        position += 2 + length
    return None
