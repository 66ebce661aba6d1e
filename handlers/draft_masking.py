"""The masking of a draft in the deputy's hands: what was covered, one tap to uncover or cover again, and more to cover."""

from __future__ import annotations

from telegram import Update

from handlers.context import HomeContext
from handlers.draft_gathering import gather
from handlers.draft_presses import MaskDo, MaskPress
from handlers.issue_presses import DraftDo, DraftPress
from handlers.journey import Journey
from handlers.keyboards import Button, Keyboard
from handlers.long_texts import shortened
from handlers.pieces import words_of
from handlers.post import Post
from handlers.texts import t
from models.draft_masking import Covering, NotInText, TooManyCovered, cover_also, coverings, turn_covering
from models.drafts import DraftChanged
from models.forms import close_form, form_of, open_form
from models.issues import Issue, issue_by_id
from models.rules import RuleBroken

FORM = "cover_also"
PAGE = 8
TEXT_SHOWN = 1800


async def press(update: Update, context: HomeContext) -> None:
    """A button of the masking card."""
    pressed = MaskPress.unpack(context.pressed)
    issue = await issue_by_id(context.session, pressed.issue_id)
    issue.require_home(context.person)
    issue.require_draft()
    issue.worked_at = context.now
    if pressed.do is MaskDo.MORE:
        await open_form(context.session, context.person.id, FORM, "words", now=context.now, issue=issue.id)
        await context.reply("plain", text=t("desk.type_words"))
        return
    if pressed.do is MaskDo.TURN:
        if pressed.version != issue.version:
            await context.toast(t(DraftChanged.key), alert=True)
        else:
            was = turn_covering(issue, pressed.which)
            await context.toast(t("desk.uncovered_toast" if was.covered else "desk.covered_toast"))
    await show_masking(context.post, issue, page=pressed.page)


async def show_masking(post: Post, issue: Issue, *, page: int = 0, afresh: bool = False) -> None:
    """Everything covered, a button each, in the place of the draft's card."""
    listed = coverings(issue)
    last = max(len(listed) - 1, 0) // PAGE
    page = min(max(page, 0), last)
    await post.card(
        f"issue:{issue.id}",
        issue.deputy,
        "desk/masking",
        keyboard=_buttons(issue, listed, page, last),
        afresh=afresh,
        text=shortened(issue.masked().text, TEXT_SHOWN),
        listed=bool(listed),
    )


def _buttons(issue: Issue, listed: list[Covering], page: int, last: int) -> Keyboard:
    def button(key: str, do: MaskDo, which: int = 0, at: int = page, **values: str) -> Button:
        return Button(t(f"desk.do.{key}", **values), MaskPress(issue.id, do, which, at, issue.version))

    shown = list(enumerate(listed))[page * PAGE : (page + 1) * PAGE]
    turns = [[button("covered" if one.covered else "readable", MaskDo.TURN, which, words=shortened(one.words, 40))] for which, one in shown]
    pages = [button("earlier", MaskDo.SHOW, at=page - 1)] if page else []
    pages += [button("later", MaskDo.SHOW, at=page + 1)] if page < last else []
    back = Button(t("desk.do.to_draft"), DraftPress(issue.id, DraftDo.CONTINUE))
    return [*turns, pages, [button("cover_more", MaskDo.MORE), back]]


async def take_words(update: Update, context: HomeContext) -> None:
    """What else the deputy wants covered."""
    form, message = await form_of(context.session, context.person.id, FORM), update.message
    if form is None or message is None:
        return
    if message.text is None:  # a picture or a voice cannot be meant: it joins the draft
        await close_form(context.session, context.person.id)
        await gather(update, context)
        return
    said = words_of(message)
    if not said or said.startswith("/"):
        await context.reply("plain", text=t("desk.type_words"))
        return
    try:
        issue = await issue_by_id(context.session, int(form.data["issue"]))
        issue.require_home(context.person)
        cover_also(issue, said)
    except (NotInText, TooManyCovered):
        raise  # the form stays open for another try
    except RuleBroken as refusal:  # the draft is gone, or shared
        await close_form(context.session, context.person.id)
        await context.refuse(refusal)
        return
    issue.worked_at = context.now
    await close_form(context.session, context.person.id)
    await show_masking(context.post, issue, afresh=True)


async def leave_form(context: HomeContext) -> None:
    """Whoever goes on with the draft will not type what to cover."""
    if await form_of(context.session, context.person.id, FORM) is not None:
        await close_form(context.session, context.person.id)


JOURNEY = Journey(presses={MaskPress: press}, forms={FORM: take_words})
