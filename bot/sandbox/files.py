"""Files people and the bot sent, and the objects that describe them."""

from __future__ import annotations

import mimetypes
import secrets
from dataclasses import dataclass
from typing import Any

from .errors import ApiError, bad_request
from .params import Upload
from .samples import image_size

Json = dict[str, Any]

DOWNLOAD_LIMIT = 20 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
FOLDERS = {"photo": "photos", "voice": "voice", "video": "videos", "video_note": "video_notes", "audio": "music", "sticker": "stickers"}
NAMES = {"video_note": "VideoNote"}


@dataclass(slots=True, eq=False)
class StoredFile:
    """Bytes under a file id, with the object (for a photo: the sizes) a message carries."""

    file_id: str
    kind: str
    data: bytes
    name: str
    mime: str
    path: str
    described: Any = None

    def as_file(self) -> Json:
        return {
            "file_id": self.file_id,
            "file_unique_id": unique(self.file_id),
            "file_size": len(self.data),
            "file_path": self.path,
        }


def unique(file_id: str) -> str:
    return f"AQAD{file_id[-16:]}"


class FileStore:
    """Everything uploaded, by file id and by path."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._paths: dict[str, StoredFile] = {}

    def find(self, file_id: str) -> StoredFile | None:
        return self._files.get(file_id)

    def at(self, path: str) -> StoredFile | None:
        return self._paths.get(path)

    def add(self, kind: str, upload: Upload, **facts: Any) -> StoredFile:
        """Keep an upload; `facts` are what the sender says of it (duration, title …)."""
        if not upload.data:
            raise bad_request("file must be non-empty")
        if len(upload.data) > UPLOAD_LIMIT:
            raise ApiError(413, "Request Entity Too Large")
        if kind == "photo":
            return self._add_photo(upload)
        stored = self._keep(kind, upload.data, upload.name, upload.mime)
        described: Json = {"file_id": stored.file_id, "file_unique_id": unique(stored.file_id)}
        if kind in ("voice", "audio", "video", "video_note"):
            described["duration"] = int(facts.get("duration") or 0)
        if kind == "video":
            described.update(width=int(facts.get("width") or 320), height=int(facts.get("height") or 240))
        if kind == "video_note":
            described["length"] = int(facts.get("length") or 240)
        else:
            described["mime_type"] = stored.mime
        if kind in ("document", "audio", "video"):
            described["file_name"] = stored.name
        if kind == "audio":
            described.update({key: str(facts[key]) for key in ("performer", "title") if facts.get(key)})
        if kind == "sticker":
            del described["mime_type"]
            described.update(type="regular", width=512, height=512, is_animated=False, is_video=False)
        described["file_size"] = len(stored.data)
        stored.described = described
        return stored

    def _keep(self, kind: str, data: bytes, name: str, mime: str) -> StoredFile:
        file_id = f"SBX{kind[:2].upper()}{secrets.token_urlsafe(24)}"
        number = len(self._files)
        suffix = name[name.rfind(".") :] if "." in name else mimetypes.guess_extension(mime) or ""
        path = f"{FOLDERS.get(kind, 'documents')}/file_{number}{suffix if suffix.isascii() else ''}"
        stored = StoredFile(file_id, kind, data, name, mime, path)
        self._files[file_id] = self._paths[path] = stored
        return stored

    def _add_photo(self, upload: Upload) -> StoredFile:
        size = image_size(upload.data)
        if size is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        width, height = size
        if not width or not height or width + height > 10_000 or max(size) > 20 * min(size):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        full = self._keep("photo", upload.data, upload.name, upload.mime)
        sizes = [(full, width, height)]
        if max(size) > 90:
            # A real thumbnail would need an imaging library; readers take the last size anyway.
            scale = 90 / max(size)
            small = self._keep("photo", upload.data, upload.name, upload.mime)
            sizes.insert(0, (small, max(1, round(width * scale)), max(1, round(height * scale))))
        described = [
            {"file_id": s.file_id, "file_unique_id": unique(s.file_id), "width": w, "height": h, "file_size": len(s.data)}
            for s, w, h in sizes
        ]
        for stored, _, _ in sizes:
            stored.described = described
        return full

    def reuse(self, kind: str, file_id: str) -> StoredFile:
        """A file named by id in a send."""
        if file_id.startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        stored = self._files.get(file_id)
        if stored is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if stored.kind != kind:
            raise bad_request(f"can't use file of type {_type_name(stored.kind)} as {_type_name(kind)}")
        return stored


def _type_name(kind: str) -> str:
    return NAMES.get(kind, {"voice": "VoiceNote"}.get(kind, kind.capitalize()))
