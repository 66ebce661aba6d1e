"""Makes the routing model anew where that is due: read in one transaction, learnt in a thread beside the work, kept in another."""

from __future__ import annotations

import asyncio

import structlog

from bot.clock import Now
from bot.database import Sessions
from models.policy import Policy
from models.route_log import cases_of, log_state
from models.route_model import RouteModel
from models.route_weights import packed, save_weights
from models.routing import fields_of, router_of

log = structlog.get_logger()


async def relearn(sessions: Sessions, policy: Policy, *, now: Now) -> bool:
    """Make the model anew if it is due; False when it is not."""
    async with sessions.begin() as session:
        router, fields = router_of(session), await fields_of(session)
        await router.take_up(session, fields)
        state = await log_state(session, since=router.learnt)
        if not router.wants_rebuild(fields, state, now=now(), timezone=policy.timezone):
            return False
        cases = await cases_of(session)
    model = await asyncio.to_thread(RouteModel.of, fields, cases)
    archive = await asyncio.to_thread(packed, model)
    made_at = now()
    async with sessions.begin() as session:
        await save_weights(session, archive, fields, state, now=made_at)
    router.take(model, state, at=made_at)
    log.info("learnt to route anew", cases=model.cases)
    return True
