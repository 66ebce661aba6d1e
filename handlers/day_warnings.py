"""What speaks against a day, shown before it is confirmed: clashes with other activities, holidays, made-up working days."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from handlers.post import Post
from handlers.whom_words import names_that_fit
from models.activities import Activity
from models.audience import Audience
from models.clashes import clashes_of
from models.working_days import notable_days

CLASHES_SHOWN = 4


async def day_warnings(
    post: Post, audience: Audience, starts_at: datetime, ends_at: datetime, *, but: Activity | None = None
) -> dict[str, Any]:
    """What the template ``audience/warnings`` needs; ``but`` is the activity that is being moved."""
    clashes = await clashes_of(post.session, audience, starts_at, ends_at, but=but)
    return {
        "days": notable_days(starts_at, ends_at, post.policy.timezone),
        "clashes": [(clash, names_that_fit(clash.names)) for clash in clashes[:CLASHES_SHOWN]],
        "more_clashes": len(clashes[CLASHES_SHOWN:]),
    }
