"""Away until a day (外出): set by button or date, shown in the menu, ended by one tap; what is open is handed on, if wished."""

from __future__ import annotations

from datetime import date, timedelta

from telegram import Update

from handlers.advice_presses import AwayDo, AwayPress
from handlers.context import HomeContext
from handlers.dates import read_moment
from handlers.issue_sharing import pass_on
from handlers.journey import Due, Entry, Journey
from handlers.keyboards import Button, Keyboard
from handlers.menu import BACK_TO_MENU
from handlers.offer_card import show_offer
from handlers.pieces import words_of
from handlers.post import Post
from handlers.texts import t
from models.absence import absence_of, come_back, go_away, next_return, over
from models.forms import close_form, form_of, open_form
from models.issues import issue_by_id
from models.referrals import ReferralState, leave, promised_by
from models.rules import RuleBroken

KIND = "away"
DAYS = {AwayDo.TODAY: 0, AwayDo.THREE_DAYS: 2, AwayDo.WEEK: 6}


async def open_away(update: Update, context: HomeContext) -> None:
    """``/away``: until when somebody is away, and how to change it."""
    absence = await absence_of(context.session, context.person, now=context.now)
    await context.show("advice/away", keyboard=_buttons(away=absence is not None), absence=absence)


def _buttons(*, away: bool) -> Keyboard:
    spans = [Button(t(f"away.do.{do.name.lower()}"), AwayPress(do)) for do in DAYS]
    typed = Button(t("away.do.type"), AwayPress(AwayDo.TYPE))
    back = [Button(t("away.do.back"), AwayPress(AwayDo.BACK))] if away else []
    return [back, spans, [typed], [BACK_TO_MENU]]


async def press(update: Update, context: HomeContext) -> None:
    pressed = AwayPress.unpack(context.pressed).do
    if pressed in DAYS:
        await _set(context, _today(context) + timedelta(days=DAYS[pressed]))
    elif pressed is AwayDo.TYPE:
        await open_form(context.session, context.person.id, KIND, "day", now=context.now)
        await context.show("plain", text=t("away.type_day"))
    elif pressed is AwayDo.BACK:
        await come_back(context.session, context.person, now=context.now)
        await context.toast(t("away.back_toast"))
        await open_away(context.work.update, context)
    elif pressed is AwayDo.HAND_ON:
        await _hand_on(context)
    else:
        await context.show("plain", text=t("away.kept"))


async def take_day(update: Update, context: HomeContext) -> None:
    """The last day away, as people write it."""
    form = await form_of(context.session, context.person.id, KIND)
    text = words_of(update.message)
    if form is None or not text or text.startswith("/"):
        await context.reply("plain", text=t("away.type_day"))
        return
    try:
        # The end of the day is added, since only the day counts.
        day = read_moment(f"{text} 23:59", now=context.now, timezone=context.policy.timezone).date()
        await _set(context, day)
    except RuleBroken as refusal:
        await context.refuse(refusal)
        await context.reply("plain", text=t("away.type_day"))
        return
    await close_form(context.session, context.person.id)


async def _set(context: HomeContext, last_day: date) -> None:
    absence = await go_away(context.session, context.person, last_day, timezone=context.policy.timezone, now=context.now)
    promised = await promised_by(context.session, context.person)
    await context.show("advice/away", keyboard=_buttons(away=True), absence=absence)
    if promised:
        ask = [Button(t("away.do.hand_on"), AwayPress(AwayDo.HAND_ON)), Button(t("away.do.keep"), AwayPress(AwayDo.KEEP))]
        await context.reply("advice/away_open", keyboard=[ask], referrals=promised)


async def _hand_on(context: HomeContext) -> None:
    """Everything asked of one who is away goes to the next specialist."""
    if await absence_of(context.session, context.person, now=context.now) is None:
        await context.show("plain", text=t("away.not_away"))
        return
    promised = await promised_by(context.session, context.person)
    for referral in promised:
        issue = await issue_by_id(context.session, referral.issue_id)
        leave(context.session, referral, ReferralState.HANDED_ON, now=context.now)
        await context.session.flush()
        await show_offer(context.post, referral)
        await pass_on(context.post, issue, referral)
    await context.show("plain", text=t("away.handed_on", count=len(promised)))


def _today(context: HomeContext) -> date:
    return context.now.astimezone(context.policy.timezone).date()


async def welcome_back(post: Post) -> None:
    """Whose time away is over hears that they may be asked again."""
    for absence in await over(post.session, post.policy, now=post.now):
        absence.ended_at = absence.until
        if absence.person.active and await absence_of(post.session, absence.person, now=post.now) is None:  # and not away again
            await post.tell(absence.person, "plain", text=t("away.over"))


JOURNEY = Journey(
    entries=(Entry("away", open_away),), presses={AwayPress: press}, forms={KIND: take_day}, due=(Due(welcome_back, next_return),)
)
