"""A deputy's profile as others see it: in the Home, and at the deputy's mailbox. Nobody's phone stands on it."""

from __future__ import annotations

from typing import Any

from handlers.keyboards import Keyboard
from handlers.long_texts import shortened
from handlers.post import Place, Post
from handlers.texts import T
from models.people import Person
from models.profiles import Profile, shown_of

SPECIALTIES_SHOWN = 150
"""A caption holds 1,024 signs, and the biography needs most of them."""


async def bring_profile(
    post: Post, to: Person | Place, deputy: Person, profile: Profile | None, *, keyboard: Keyboard = (), note: T | None = None
) -> None:
    """The photo with all else as its caption; without a photo, a message."""
    photo = profile.photo if profile is not None else None
    await post.tell(to, "profiles/profile", keyboard=keyboard, attachment=photo, **seen(post, deputy, profile), note=note)


async def introduce(post: Post, to: Place, deputy: Person) -> None:
    """Who it is that a constituent is about to write to, where there is an approved profile."""
    profile = await shown_of(post.session, deputy)
    if profile is not None:
        await post.tell(to, "profiles/profile", attachment=profile.photo, **seen(post, deputy, profile, outside=True), note=None)


def seen(post: Post, deputy: Person, profile: Profile | None, *, outside: bool = False) -> dict[str, Any]:
    """What the card says; for somebody ``outside`` the mailbox is where they are already."""
    names = "、".join(specialty.name for specialty in deputy.specialties)
    return {
        "name": deputy.name,
        "area": deputy.area.name if deputy.area is not None else "",
        "specialties": shortened(names, SPECIALTIES_SHOWN),
        "biography": profile.biography if profile is not None else "",
        "link": post.deep_link(f"d_{deputy.id}") if deputy.area is not None else "",
        "outside": outside,
    }
