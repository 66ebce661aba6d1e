"""HTTP to Telegram on aiohttp: the library's own client collapses with many concurrent calls."""

from __future__ import annotations

from urllib.parse import urlencode

import aiohttp
from telegram._utils.defaultvalue import DefaultValue  # the signature to be overridden names it
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData


class AiohttpRequest(BaseRequest):
    """python-telegram-bot's request, carried out by aiohttp. ``timeout`` is in seconds and bounds one call as a whole."""

    def __init__(self, connections: int = 64, timeout: float = 20.0) -> None:
        self._connections = connections
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return self._timeout

    async def initialize(self) -> None:
        if self._session is None:
            # Telegram closes idle connections silently; a shorter keep-alive than its own avoids writing into a closed one.
            connector = aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=30)
            self._session = aiohttp.ClientSession(connector=connector)

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: float | DefaultValue[float] | DefaultValue[None] | None = BaseRequest.DEFAULT_NONE,
        write_timeout: float | DefaultValue[float] | DefaultValue[None] | None = BaseRequest.DEFAULT_NONE,
        connect_timeout: float | DefaultValue[float] | DefaultValue[None] | None = BaseRequest.DEFAULT_NONE,
        pool_timeout: float | DefaultValue[float] | DefaultValue[None] | None = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Make a call and return status and body. Raises TimedOut (it may have arrived) or NetworkError."""
        if self._session is None:
            raise RuntimeError("the request is not initialized")
        total = read_timeout if isinstance(read_timeout, (int, float)) else self._timeout
        try:
            async with self._session.request(method, url, data=_body(request_data), timeout=aiohttp.ClientTimeout(total=total)) as response:
                return response.status, await response.read()
        except TimeoutError as error:
            raise TimedOut from error
        except aiohttp.ClientError as error:
            # The error's own text may hold the address, and so the token.
            raise NetworkError(type(error).__name__) from None


def _body(data: RequestData | None) -> aiohttp.FormData | aiohttp.BytesPayload | None:
    if data is None or not (data.json_parameters or data.multipart_data):
        return None
    if not data.multipart_data:
        words = urlencode(data.json_parameters).encode()
        return aiohttp.BytesPayload(words, content_type="application/x-www-form-urlencoded")
    form = aiohttp.FormData(quote_fields=False)  # quoted, a file's Chinese name would arrive as percent signs
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (file_name, content, mime_type) in data.multipart_data.items():
        form.add_field(name, content, filename=file_name, content_type=mime_type)
    return form
