"""Reading a request's parameters: query, form, multipart or JSON."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.requests import Request

from .errors import bad_request
from .params import Params, Upload


async def read_params(request: Request) -> Params:
    values: dict[str, Any] = dict(parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True))
    if request.method != "POST":
        return Params(values)
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        return await read_multipart(request, values)
    body = await request.body()
    if not body:
        return Params(values)
    if kind.startswith("application/json"):
        try:
            given = json.loads(body)
        except ValueError:
            raise bad_request("can't parse JSON object") from None
        if not isinstance(given, dict):
            raise bad_request("expected a JSON object")
        values.update(given)
    else:
        values.update(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return Params(values)


async def read_multipart(request: Request, values: dict[str, Any]) -> Params:
    files: dict[str, Upload] = {}
    async with request.form(max_part_size=16 * 1024 * 1024) as form:
        for name, part in form.multi_items():
            if isinstance(part, UploadFile):
                mime = part.content_type or "application/octet-stream"
                files[name] = Upload(part.filename or name, await part.read(), mime)
            else:
                values[name] = part
    return Params(values, files)
