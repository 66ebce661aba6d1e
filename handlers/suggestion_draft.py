"""A suggestion draft in the deputy's hands: reworded part by part, co-signed by those who advised, exported as a Word file."""

from __future__ import annotations

from telegram import Update

from handlers.context import HomeContext
from handlers.journey import Entry, Journey
from handlers.keyboards import Button
from handlers.long_texts import in_parts, shortened
from handlers.menu import BACK_TO_MENU
from handlers.outcome_presses import PartPress, SuggestionDo, SuggestionPress, SuggestionsPress
from handlers.paging import turns
from handlers.pieces import words_of
from handlers.post import Post
from handlers.suggestion_card import show_suggestion
from handlers.suggestion_cosigning import send_to_cosigners, show_whole_text
from handlers.suggestion_document import suggestion_document
from handlers.texts import t
from models.advice_ratings import those_who_spoke
from models.forms import close_form, form_of, open_form
from models.issues import Issue
from models.people import Role
from models.remarks import remarks_of
from models.rules import RuleBroken
from models.suggestion_drafts import (
    TITLE_LIMIT,
    Part,
    PartTooLong,
    Signing,
    SuggestionDraft,
    begin_suggestion,
    first_sentence,
    rewrite,
    suggestion_by_id,
    suggestions_led_by,
)

FORM = "suggestion"
ABOUT, PAGE = 28, 10


async def begin_draft(post: Post, issue: Issue) -> None:
    """Fill in a draft from what was shared and advised, and show it to the home deputy."""
    opinions = [remark.text for remark in await remarks_of(post.session, issue) if remark.is_opinion and remark.text]
    about = shortened(first_sentence(issue.shared_text), ABOUT).rstrip("…")
    title = post.texts.say(t("suggestion.title", about=about), post.policy.languages[0])
    draft = await begin_suggestion(post.session, issue, issue.deputy, opinions, title[:TITLE_LIMIT], now=post.now)
    await show_suggestion(post, draft, afresh=True)


async def list_drafts(update: Update, context: HomeContext) -> None:
    """``/suggestions``: the deputy's drafts."""
    await _show_page(context, 0)


async def turn_page(update: Update, context: HomeContext) -> None:
    await _show_page(context, max(SuggestionsPress.unpack(context.pressed).page, 0))


async def _show_page(context: HomeContext, page: int) -> None:
    context.person.require(Role.DEPUTY)
    drafts = await suggestions_led_by(context.session, context.person, offset=page * PAGE, limit=PAGE + 1)
    buttons = [[Button(f"{draft.issue.number} {draft.title}", SuggestionPress(draft.id, SuggestionDo.OPEN))] for draft in drafts[:PAGE]]
    pages = turns(page, SuggestionsPress, more=len(drafts) > PAGE, newest_first=True)
    await context.show("outcomes/suggestions", keyboard=[*buttons, pages, [BACK_TO_MENU]], empty=not drafts)


async def press(update: Update, context: HomeContext) -> None:
    """Show it, ask for co-signatures, export it."""
    pressed = SuggestionPress.unpack(context.pressed)
    draft = await suggestion_by_id(context.session, pressed.draft_id)
    draft.require_lead(context.person)
    if pressed.do is SuggestionDo.OPEN:
        await show_suggestion(context.post, draft, afresh=True)
    elif pressed.do is SuggestionDo.ASK:
        asked = await send_to_cosigners(context.post, draft)
        await show_suggestion(context.post, draft)
        await context.toast(t("suggestion.asked_toast", count=len(asked)))
    else:
        await _export(context, draft)


async def _export(context: HomeContext, draft: SuggestionDraft) -> None:
    post, day = context.post, context.now.astimezone(context.policy.timezone)
    specialists = [person.name for person in await those_who_spoke(context.session, draft.issue)]
    content = suggestion_document(draft, day, specialists, post.policy.home_name)
    name = post.texts.say(t("suggestion.file_name", number=draft.issue.number), context.language)
    attachment = await post.attach(name, content)
    draft.exported_at = context.now
    await post.tell(context.person, "outcomes/suggestion_file", attachment=attachment, draft=draft, missing=_missing(draft))


def _missing(draft: SuggestionDraft) -> list[Part]:
    return [part for part in Part if not draft.text_of(part).strip()]


async def choose_part(update: Update, context: HomeContext) -> None:
    """The next message stands in the place of this part; what stands there now is shown, to be copied and changed."""
    pressed = PartPress.unpack(context.pressed)
    draft = await suggestion_by_id(context.session, pressed.draft_id)
    draft.require_lead(context.person)
    await open_form(context.session, context.person.id, FORM, pressed.part.value, now=context.now, draft=draft.id)
    for said in in_parts(draft.text_of(pressed.part)):
        await context.reply("outcomes/answer", text=said)
    await context.reply("outcomes/ask_part", part=pressed.part)


async def take_part(update: Update, context: HomeContext) -> None:
    """The deputy's words for the part; who the constituent is stays covered."""
    form, message = await form_of(context.session, context.person.id, FORM), update.message
    words = words_of(message)
    if form is None:
        return
    if not words or words.startswith("/"):
        await context.reply("plain", text=t("suggestion.in_words"))
        return
    part = Part(form.step)
    try:
        draft = await suggestion_by_id(context.session, int(form.data["draft"]))
        draft.require_lead(context.person)
        covered = draft.issue.covered(words)
        rewrite(context.session, draft, part, covered, now=context.now)
    except PartTooLong as refusal:
        await context.refuse(refusal)
        return
    except RuleBroken as refusal:
        await close_form(context.session, context.person.id)
        await context.refuse(refusal)
        return
    await close_form(context.session, context.person.id)
    if covered != words:
        await context.reply("plain", text=t("suggestion.covered"))
    await show_suggestion(context.post, draft, afresh=True)
    for row in draft.cosigners:
        if row.state is not Signing.DECLINED:
            await show_whole_text(context.post, draft, row)


JOURNEY = Journey(
    entries=(Entry("suggestions", list_drafts),),
    presses={SuggestionPress: press, SuggestionsPress: turn_page, PartPress: choose_part},
    forms={FORM: take_part},
)
