"""What a deputy who has left leaves behind: the office closes it, or gives it to another deputy of the area."""

from __future__ import annotations

from telegram import Update

from handlers.area_card import copy_report, show_report
from handlers.closing import ask_for_outcome
from handlers.context import HomeContext
from handlers.issue_cards import office_buttons, office_view, show_home_card
from handlers.issue_circle_card import show_circle_card
from handlers.issue_sharing import share_attachments
from handlers.journey import Due, Journey
from handlers.keyboards import Button, rows
from handlers.mailbox_news import pass_letter
from handlers.offer_card import show_offer
from handlers.outcome_presses import HandoverDo, HandoverPress, NewHomePress
from handlers.paging import turns
from handlers.post import Post
from handlers.texts import t
from models.area_tasks import AreaTaskState, pending_task
from models.handovers import (
    forget_who_came_back,
    left_behind,
    next_left_behind,
    note_left_behind,
    possible_homes,
    require_left_behind,
    take_over,
)
from models.issues import issue_by_id
from models.mailbox_answering import letters_of_issue
from models.people import Person, Role, people_with
from models.referrals import referral_between
from models.remarks import advisers_of
from models.rules import Gone

PAGE = 10


async def tell_office(post: Post) -> None:
    """The office hears once of each issue that was left behind."""
    await forget_who_came_back(post.session)
    for found in await left_behind(post.session):
        issue = await issue_by_id(post.session, found.id)
        await note_left_behind(post.session, issue, now=post.now)
        for person in await people_with(post.session, Role.OFFICE):
            await post.tell(person, "outcomes/left_behind", keyboard=[office_buttons(issue)], **await office_view(post, issue))


async def press(update: Update, context: HomeContext) -> None:
    """The office's buttons."""
    pressed = HandoverPress.unpack(context.pressed)
    issue = await issue_by_id(context.session, pressed.issue_id)
    require_left_behind(issue, context.person)
    if pressed.do is HandoverDo.CLOSE:
        await ask_for_outcome(context, issue)
    elif pressed.do is HandoverDo.CHOOSE:
        page = max(pressed.page, 0)
        deputies = await possible_homes(context.session, issue, offset=page * PAGE, limit=PAGE + 1)
        names = rows([Button(deputy.name, NewHomePress(issue.id, deputy.id)) for deputy in deputies[:PAGE]], 2)
        pages = turns(page, lambda other: HandoverPress(issue.id, HandoverDo.CHOOSE, other), more=len(deputies) > PAGE)
        back = Button(t("issue.do.back"), HandoverPress(issue.id, HandoverDo.OPEN))
        await context.show("outcomes/choose_home", keyboard=[*names, pages, [back]], issue=issue, empty=not names)
    else:
        await context.show("outcomes/left_behind", keyboard=[office_buttons(issue)], **await office_view(context.post, issue))


async def give(update: Update, context: HomeContext) -> None:
    """Another deputy takes it over: the card, the attachments and the letters go there, and those who advise hear of it."""
    pressed, post = NewHomePress.unpack(context.pressed), context.post
    issue = await issue_by_id(context.session, pressed.issue_id)
    deputy = await context.session.get(Person, pressed.person_id)
    if deputy is None:
        raise Gone
    await take_over(context.session, issue, deputy, context.person, now=context.now)
    await post.tell(deputy, "outcomes/taken_over", issue=issue, office=context.person)
    await share_attachments(post, issue, deputy)
    await show_home_card(post, issue, afresh=True)
    await show_circle_card(post, issue)
    task = await pending_task(context.session, issue)
    if task is not None and task.state is AreaTaskState.REPORTED:
        await copy_report(post, task)
        await show_report(post, task, afresh=True)
    own = await referral_between(context.session, issue, deputy)
    if own is not None:
        await show_offer(post, own)
    for adviser in await advisers_of(context.session, issue):
        if adviser.id != deputy.id:
            await post.tell(adviser, "outcomes/home_changed", subject=f"issue:{issue.id}", issue=issue)
    for letter in await letters_of_issue(context.session, issue):
        letter.deputy = deputy
        await context.session.flush()
        if letter.open:
            await pass_letter(post, letter)
    await context.show("outcomes/given", issue=issue)


JOURNEY = Journey(presses={HandoverPress: press, NewHomePress: give}, due=(Due(tell_office, next_left_behind),))
