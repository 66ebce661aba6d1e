"""From a file in a call to the media in a message."""

from __future__ import annotations

from typing import Any

from .errors import bad_request
from .files import StoredFile
from .params import Params
from .sandbox import Sandbox

Json = dict[str, Any]


def uploaded_or_reused(sandbox: Sandbox, kind: str, value: Any, params: Params, **facts: Any) -> StoredFile:
    """A part of the multipart body (named directly or by attach://), or a file id."""
    upload = None
    if isinstance(value, str) and value.startswith("attach://"):
        upload = params.files.get(value.removeprefix("attach://"))
    elif value is None:
        upload = params.files.get(kind)
    if upload is not None:
        return sandbox.files.add(kind, upload, **facts)
    if not value:
        raise bad_request(f"there is no {kind.replace('_', ' ')} in the request")
    return sandbox.files.reuse(kind, str(value))


def media_content(stored: StoredFile) -> Json:
    return {stored.kind: stored.described}
