"""Co-signing (附议): those who advised are asked with one tap, yes or no, about the text as it stands."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Journey
from handlers.long_texts import in_parts, length_of
from handlers.outcome_presses import SignPress
from handlers.post import Post
from handlers.suggestion_card import READ_TEXT, possible_cosigners, show_suggestion, show_to_cosigner
from handlers.texts import t
from models.suggestion_drafts import CoSigner, Part, SuggestionDraft, ask_to_cosign, sign, suggestion_by_id


async def send_to_cosigners(post: Post, draft: SuggestionDraft) -> Sequence[CoSigner]:
    """Ask all who may be asked. Raises NobodyToAsk."""
    asked = ask_to_cosign(post.session, draft, await possible_cosigners(post.session, draft), now=post.now)
    await post.session.flush()
    for row in asked:
        await show_whole_text(post, draft, row)
    return asked


async def show_whole_text(post: Post, draft: SuggestionDraft, row: CoSigner) -> None:
    """Nobody signs what they have not read: parts that the card has no room for go ahead of it."""
    for part in Part:
        if length_of(draft.text_of(part)) > READ_TEXT:
            for said in in_parts(draft.text_of(part)):
                await post.tell(row.person, "outcomes/suggestion_part", part=part, text=said)
    await show_to_cosigner(post, draft, row, afresh=True)


async def answer(update: Update, context: HomeContext) -> None:
    """One tap. A tap on a text that has changed since shows the new one."""
    pressed = SignPress.unpack(context.pressed)
    draft = await suggestion_by_id(context.session, pressed.draft_id)
    row = draft.signature_of(context.person)
    if row is not None and pressed.version != draft.version:
        await context.toast(t("suggestion.changed_meanwhile"), alert=True)
        await show_whole_text(context.post, draft, row)
        return
    before = (row.state, row.version) if row is not None else None
    row = sign(context.session, draft, context.person, agree=bool(pressed.agree), seen=pressed.version, now=context.now)
    await show_to_cosigner(context.post, draft, row)
    await show_suggestion(context.post, draft)
    await context.toast(t(f"suggestion.toast_{row.state}"))
    if (row.state, row.version) != before and draft.lead.serves:
        await context.post.tell(draft.lead, "outcomes/cosigned", draft=draft, row=row)


JOURNEY = Journey(presses={SignPress: answer})
