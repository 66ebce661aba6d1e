"""getUpdates and the webhook."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from ..errors import ApiError, bad_request
from ..params import Params
from ..sandbox import Sandbox
from ..updates import WEBHOOK_CONFLICT
from .registry import method

Json = dict[str, Any]


@method("getUpdates")
async def get_updates(sandbox: Sandbox, params: Params) -> list[Json]:
    if sandbox.webhook.url:
        raise ApiError(409, WEBHOOK_CONFLICT)
    sandbox.updates.allow(params.sequence("allowed_updates"))
    limit = min(max(params.integer("limit", 100), 1), 100)
    timeout = 0 if sandbox.stopping.is_set() else min(max(params.integer("timeout"), 0), 50)
    return await sandbox.updates.poll(params.integer("offset"), limit, timeout)


@method("setWebhook")
async def set_webhook(sandbox: Sandbox, params: Params) -> bool:
    url, secret = params.text("url") or "", params.text("secret_token") or ""
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise bad_request("secret token contains unallowed characters")
    # Telegram wants https; on loopback there is nobody to hide from.
    if url and not url.startswith(("http://", "https://")):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if params.flag("drop_pending_updates"):
        sandbox.updates.pending.clear()
    sandbox.updates.allow(params.sequence("allowed_updates"))
    sandbox.updates.terminate()
    if url:
        sandbox.webhook.set(url, secret, params.integer("max_connections", 40))
    else:
        sandbox.webhook.delete()
    await asyncio.sleep(0)
    return True


@method("deleteWebhook")
async def delete_webhook(sandbox: Sandbox, params: Params) -> bool:
    if params.flag("drop_pending_updates"):
        sandbox.updates.pending.clear()
    sandbox.webhook.delete()
    await asyncio.sleep(0)
    return True


@method("getWebhookInfo")
def get_webhook_info(sandbox: Sandbox, params: Params) -> Json:
    return sandbox.webhook.describe()
