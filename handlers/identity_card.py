"""A request to change account or number, as the office sees it: one card each, the same for all of them."""

from __future__ import annotations

from handlers.identity_presses import DecidePress
from handlers.keyboards import Button, Keyboard
from handlers.post import Post
from handlers.texts import t
from models.identity import IdentityRequest, RequestState, candidates
from models.people import Person, Role, people_with


async def show_request(post: Post, request: IdentityRequest) -> None:
    """Show it to the office as it stands."""
    await post.session.flush()
    found = await candidates(post.session, request)
    keyboard: Keyboard = []
    if request.state is RequestState.OPEN:
        confirm = [[Button(t("identity.do.confirm", who=_who(person)), DecidePress(request.id, person.id))] for person in found]
        keyboard = [*confirm, [Button(t("identity.do.refuse"), DecidePress(request.id))]]
    for colleague in await people_with(post.session, Role.OFFICE):
        await post.card(f"identity:{request.id}", colleague, "identity/request", keyboard=keyboard, request=request, found=found)


def _who(person: Person) -> str:
    return " · ".join(filter(None, (person.name, person.area.name if person.area is not None else "")))
