"""Where nobody is left to ask, the office names a specialist itself: a candidate, or any deputy by name."""

from __future__ import annotations

from telegram import Update

from handlers.advice_presses import AskPress, NameByNamePress, NamePress
from handlers.candidate_list import PAGE, listed
from handlers.context import HomeContext
from handlers.issue_cards import show_home_card
from handlers.issue_circle_card import show_circle_card
from handlers.issue_sharing import make_offer
from handlers.journey import Journey
from handlers.keyboards import Button
from handlers.nobody_left import nobody_key
from handlers.pieces import words_of
from handlers.texts import t
from models.choosing import candidates, with_facts
from models.consultations import consulted
from models.forms import close_form, form_of, open_form
from models.issues import Issue, issue_by_id
from models.offering import name_specialist
from models.people import Person, Role, people_with
from models.rules import Gone, RuleBroken

KIND = "name_specialist"


async def look(update: Update, context: HomeContext) -> None:
    """Who may be asked still, and the way to anybody else."""
    pressed = NamePress.unpack(context.pressed)
    issue = await _issue(context, pressed.issue_id, pressed.specialty_id)
    able = await candidates(context.session, issue, now=context.now, specialty_id=pressed.specialty_id)
    values, keyboard = listed(
        able,
        pressed.page,
        choose=lambda candidate: AskPress(issue.id, pressed.specialty_id, candidate.person.id),
        turn=lambda page: NamePress(issue.id, pressed.specialty_id, page),
    )
    other = Button(t("advice.do.by_name"), NameByNamePress(issue.id, pressed.specialty_id))
    say = context.reply if pressed.page < 0 else context.show  # the card that told of it keeps the issue's text
    await say("advice/candidates", keyboard=[*keyboard, [other]], title="advice.name_title", number=issue.number, **values)


async def ask_for_name(update: Update, context: HomeContext) -> None:
    pressed = NameByNamePress.unpack(context.pressed)
    issue = await _issue(context, pressed.issue_id, pressed.specialty_id)
    data = {"issue": issue.id, "specialty": pressed.specialty_id}
    await open_form(context.session, context.person.id, KIND, "name", now=context.now, **data)
    await context.reply("plain", text=t("advice.type_name"))


async def take_name(update: Update, context: HomeContext) -> None:
    """Deputies of this name, to be tapped."""
    form = await form_of(context.session, context.person.id, KIND)
    name = words_of(update.message)
    if form is None or not name or name.startswith("/"):
        await context.reply("plain", text=t("advice.type_name"))
        return
    specialty_id = int(form.data["specialty"])
    try:
        issue = await _issue(context, int(form.data["issue"]), specialty_id)
    except RuleBroken as refusal:
        await close_form(context.session, context.person.id)
        await context.refuse(refusal)
        return
    found = [person for person in await people_with(context.session, Role.DEPUTY) if name in person.name]
    if not found:
        await context.reply("plain", text=t("advice.nobody_named", name=name[:30]))
        return
    if len(found) <= PAGE:  # of many, a fuller name may follow
        await close_form(context.session, context.person.id)
    values, keyboard = listed(
        (await with_facts(context.session, found))[:PAGE],
        0,
        choose=lambda candidate: AskPress(issue.id, specialty_id, candidate.person.id),
        turn=lambda page: NamePress(issue.id, specialty_id, page),
    )
    more = max(len(found) - PAGE, 0)
    await context.reply("advice/candidates", keyboard=keyboard, title="advice.name_title", number=issue.number, more=more, **values)


async def ask(update: Update, context: HomeContext) -> None:
    """The office asks this deputy."""
    pressed = AskPress.unpack(context.pressed)
    issue = await _issue(context, pressed.issue_id, pressed.specialty_id)
    person = await context.session.get(Person, pressed.person_id)
    if person is None:
        raise Gone
    session, post = context.session, context.post
    if await form_of(session, context.person.id, KIND) is not None:
        await close_form(session, context.person.id)
    referral = await name_specialist(
        session, issue, person, context.person, context.policy, now=context.now, specialty_id=pressed.specialty_id
    )
    await context.show("plain", text=t("advice.named", issue=issue.number, name=person.name))
    for colleague in await people_with(session, Role.OFFICE):
        text = t("advice.named_by", issue=issue.number, name=person.name, by=context.person.name)
        await post.card(nobody_key(issue, pressed.specialty_id), colleague, "plain", text=text)
    await make_offer(post, referral)
    if issue.deputy.serves:
        await post.tell(
            issue.deputy, "plain", text=t("advice.named_to_home", issue=issue.number, name=person.name), subject=f"issue:{issue.id}"
        )
    await show_home_card(post, issue)
    await show_circle_card(post, issue)


async def _issue(context: HomeContext, issue_id: int, specialty_id: int) -> Issue:
    context.person.require(Role.OFFICE)
    issue = await issue_by_id(context.session, issue_id)
    issue.require_live()
    if specialty_id not in {specialty.id for specialty in await consulted(context.session, issue)}:
        raise Gone
    return issue


JOURNEY = Journey(presses={NamePress: look, NameByNamePress: ask_for_name, AskPress: ask}, forms={KIND: take_name})
