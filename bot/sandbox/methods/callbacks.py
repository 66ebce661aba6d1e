"""answerCallbackQuery."""

from __future__ import annotations

from ..errors import bad_request
from ..params import Params
from ..sandbox import Sandbox
from .registry import method


@method("answerCallbackQuery")
def answer_callback_query(sandbox: Sandbox, params: Params) -> bool:
    text = params.text("text")
    if text is not None and len(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    query_id = params.text("callback_query_id") or ""
    query = sandbox.take_callback(query_id)
    if query is None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    sandbox.events.emit(
        "callback_answer",
        query.user.id,
        callback_query_id=query_id,
        text=text,
        show_alert=params.flag("show_alert"),
        url=params.text("url"),
    )
    return True
