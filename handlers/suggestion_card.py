"""A suggestion draft as its lead sees it, and as those see it who are asked to co-sign."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.keyboards import Button, rows
from handlers.long_texts import shortened
from handlers.outcome_presses import PartPress, SignPress, SuggestionDo, SuggestionPress
from handlers.post import Post
from handlers.texts import t
from models.advice_ratings import those_who_spoke
from models.alike import joint_with
from models.people import Person, Role
from models.suggestion_drafts import CoSigner, Part, Signing, SuggestionDraft, to_ask

PART_SHOWN, READ_TEXT = 600, 900


async def possible_cosigners(session: AsyncSession, draft: SuggestionDraft) -> Sequence[Person]:
    """The deputies who advised on the issue, and those who brought one like it where the office proposes a joint suggestion."""
    brought = [issue.deputy for issue in await joint_with(session, draft.issue)]
    people = [*await those_who_spoke(session, draft.issue), *brought]
    return [person for person in {person.id: person for person in people}.values() if person.has(Role.DEPUTY)]


async def show_suggestion(post: Post, draft: SuggestionDraft, *, afresh: bool = False) -> None:
    """The deputy's card of the draft."""
    parts = [Button(t(f"suggestion.do.{part}"), PartPress(draft.id, part)) for part in Part]
    asks = [Button(t("suggestion.do.ask"), SuggestionPress(draft.id, SuggestionDo.ASK))]
    anybody = to_ask(draft, await possible_cosigners(post.session, draft))
    await post.card(
        f"suggestion:{draft.id}",
        draft.lead,
        "outcomes/suggestion",
        keyboard=[
            *rows(parts, 2),
            [*(asks if anybody else []), Button(t("suggestion.do.export"), SuggestionPress(draft.id, SuggestionDo.EXPORT))],
        ],
        afresh=afresh,
        draft=draft,
        issue=draft.issue,
        parts=[(part, shortened(draft.text_of(part), PART_SHOWN)) for part in Part if part is not Part.TITLE],
        cosigners=[(row.person.name, _stands(draft, row.state, row.version)) for row in draft.cosigners],
    )


def _stands(draft: SuggestionDraft, state: Signing, version: int) -> str:
    return "outdated" if state is not Signing.DECLINED and version != draft.version else state.value


async def show_to_cosigner(post: Post, draft: SuggestionDraft, row: CoSigner, *, afresh: bool = False) -> None:
    """The text as it stands, with what this person has said to it."""
    buttons = [
        Button(t("suggestion.do.agree"), SignPress(draft.id, 1, draft.version)),
        Button(t("suggestion.do.decline"), SignPress(draft.id, 0, draft.version)),
    ]
    await post.card(
        f"cosign:{draft.id}",
        row.person,
        "outcomes/cosign",
        keyboard=[buttons],
        afresh=afresh,
        draft=draft,
        issue=draft.issue,
        parts=[(part, shortened(draft.text_of(part), READ_TEXT)) for part in Part if part is not Part.TITLE],
        state="outdated" if row.version != draft.version else row.state.value,
    )
