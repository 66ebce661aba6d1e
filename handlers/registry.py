"""All journeys put together: the one place that knows every door of the Home."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, get_type_hints

from telegram import Update
from telegram.constants import ChatType
from telegram.ext import ApplicationHandlerStop, CallbackQueryHandler, CommandHandler, MessageHandler, TypeHandler, filters

from handlers import (
    activities,
    activity_form,
    activity_notice_times,
    advice_rating,
    alike,
    announcement_change,
    announcement_form,
    announcement_round,
    announcements,
    area_reports,
    area_tasks,
    audit_log,
    away,
    budget,
    by_elections,
    call_sheet,
    checkin,
    checkin_desk,
    checkin_names,
    checkin_roll,
    circle_about,
    circle_ask,
    circle_digests,
    circle_making,
    circle_members,
    circle_reminders,
    circle_retiring,
    circle_who,
    circles,
    closing,
    constituent_answer,
    delegations,
    draft_contents,
    draft_gathering,
    draft_masking,
    draft_waiting,
    drafts,
    duty,
    erasing,
    figures,
    following,
    handing_on,
    handovers,
    health,
    identity_asking,
    identity_deciding,
    issue_board,
    issue_circle_list,
    issue_lists,
    issue_original,
    issue_search,
    issue_thread,
    issue_weeks,
    issues,
    keeping,
    leave,
    leave_batch,
    leave_decisions,
    leave_thread,
    like_issues,
    link_sheet,
    lost_places,
    mailbox,
    mailbox_lists,
    mandates,
    naming,
    next_term,
    notice_record,
    notices,
    own_activities,
    own_data,
    partings,
    people,
    picking,
    plans,
    profiles,
    record_chasing,
    record_contents,
    record_corrections,
    record_gathering,
    record_keeper,
    record_photos,
    record_review,
    records,
    referrals,
    roster,
    roster_adding,
    roster_fields,
    roster_files,
    roster_finding,
    roster_people,
    second_opinion,
    series,
    session_posts,
    specialties,
    suggestion_cosigning,
    suggestion_draft,
    term_closing,
    terms,
)
from handlers.circle_groups import follow_group
from handlers.context import HomeApplication, HomeContext
from handlers.gate import Gate
from handlers.journey import Due, Journey, Taker, taken
from handlers.keyboards import Press
from handlers.menu import Menu, MenuPress
from handlers.permissions import Permissions, act_of, door_of, door_of_handler, the_table
from handlers.post import Post
from handlers.reach import note_unreachable
from models.circles import Loss
from models.forms import Form, close_form, form_of
from models.moved_groups import move_messages
from models.outbox import OutboxMessage, OutboxState
from models.people import person_by_telegram_id
from models.rules import Gone, NotAllowed

JOURNEYS: tuple[Journey, ...] = (
    people.COMING_IN,  # first, since a stranger's contact is nobody else's to take
    identity_asking.JOURNEY,  # before the mailbox, which takes any word of a stranger
    identity_deciding.JOURNEY,
    partings.JOURNEY,
    activity_form.JOURNEY,
    activities.JOURNEY,
    announcement_form.JOURNEY,
    announcement_change.JOURNEY,
    announcement_round.JOURNEY,
    announcements.JOURNEY,
    following.JOURNEY,  # before the notices, so that they go to whoever belongs by then
    checkin.JOURNEY,
    checkin_desk.JOURNEY,
    checkin_names.JOURNEY,
    checkin_roll.JOURNEY,
    notices.JOURNEY,
    own_activities.JOURNEY,
    activity_notice_times.JOURNEY,
    call_sheet.JOURNEY,
    notice_record.JOURNEY,
    plans.JOURNEY,
    series.JOURNEY,
    leave.JOURNEY,
    records.JOURNEY,
    record_gathering.JOURNEY,
    record_photos.JOURNEY,
    record_contents.JOURNEY,
    record_keeper.JOURNEY,
    record_review.JOURNEY,
    record_corrections.JOURNEY,
    record_chasing.JOURNEY,
    duty.JOURNEY,
    leave_batch.JOURNEY,
    leave_decisions.JOURNEY,
    leave_thread.JOURNEY,
    delegations.JOURNEY,
    session_posts.JOURNEY,
    budget.JOURNEY,
    figures.JOURNEY,
    roster.JOURNEY,
    roster_people.JOURNEY,
    profiles.JOURNEY,
    own_data.JOURNEY,
    audit_log.JOURNEY,
    erasing.JOURNEY,
    keeping.JOURNEY,
    health.JOURNEY,
    link_sheet.JOURNEY,
    mandates.JOURNEY,
    terms.JOURNEY,
    by_elections.JOURNEY,
    term_closing.JOURNEY,
    next_term.JOURNEY,
    roster_finding.JOURNEY,
    roster_fields.JOURNEY,
    roster_adding.JOURNEY,
    roster_files.JOURNEY,
    specialties.JOURNEY,
    circles.JOURNEY,
    circle_making.JOURNEY,
    circle_members.JOURNEY,
    circle_retiring.JOURNEY,
    circle_reminders.JOURNEY,
    circle_about.JOURNEY,
    circle_who.JOURNEY,
    circle_ask.JOURNEY,
    circle_digests.JOURNEY,
    issue_lists.JOURNEY,
    issue_board.JOURNEY,
    issue_weeks.JOURNEY,
    issue_search.JOURNEY,
    issue_circle_list.JOURNEY,
    issues.JOURNEY,
    closing.JOURNEY,
    constituent_answer.JOURNEY,
    advice_rating.JOURNEY,
    area_tasks.JOURNEY,
    area_reports.JOURNEY,
    suggestion_draft.JOURNEY,
    suggestion_cosigning.JOURNEY,
    handovers.JOURNEY,
    like_issues.JOURNEY,
    alike.JOURNEY,
    referrals.JOURNEY,
    handing_on.JOURNEY,
    naming.JOURNEY,
    picking.JOURNEY,
    second_opinion.JOURNEY,
    lost_places.JOURNEY,
    away.JOURNEY,
    issue_thread.JOURNEY,
    mailbox.JOURNEY,
    mailbox_lists.JOURNEY,
    draft_masking.JOURNEY,
    draft_contents.JOURNEY,
    draft_waiting.JOURNEY,
    issue_original.JOURNEY,
    drafts.JOURNEY,
    draft_gathering.JOURNEY,  # takes whatever a deputy says that nobody above has taken
    people.AT_HOME,  # last, since the menu keeps this order
)


TAKERS = {
    "urgent_takers": "message",
    "takers": "message",
    "stranger_takers": "message",
    "group_takers": "group",
    "stranger_group_takers": "group",
    "edit_takers": "edit",
}
"""What a journey's takers take, as the table of permissions calls it."""
ANSWER_AWAITED = timedelta(hours=2)
"""How long the next message is taken for the answer to what a form asked."""


class Registry:
    """Every handler, taker, piece of due work and outcome of the journeys, in order; before any handler runs, the table is asked."""

    def __init__(self, journeys: Sequence[Journey] = JOURNEYS, permissions: Permissions | None = None) -> None:
        self.journeys = journeys
        self.permissions = permissions or the_table()
        self.menu = Menu([entry for journey in journeys for entry in journey.entries], self.permissions)
        self._entries = {entry.name: entry for entry in self.menu.entries}
        self.presses = {MenuPress: self.menu.press} | {press: handler for journey in journeys for press, handler in journey.presses.items()}
        self.forms = {kind: handler for journey in journeys for kind, handler in journey.forms.items()}
        self.patient_forms = {kind: patience for journey in journeys for kind, patience in journey.patient_forms.items()}
        self.file_forms = frozenset(kind for journey in journeys for kind in journey.file_forms)
        self.starts = {letter: handler for journey in journeys for letter, handler in journey.starts.items()}
        self.gate = Gate(
            takers=self.takers("stranger_takers"),
            group_takers=self.takers("stranger_group_takers"),
            is_open=self._is_open_to_strangers,
        )
        self._side_by_side = frozenset(press for journey in journeys for press in journey.side_by_side)
        self.outcomes = {word: outcome for journey in journeys for word, outcome in journey.outcomes.items()}

    @property
    def due(self) -> list[Due]:
        return [due for journey in self.journeys for due in journey.due]

    @property
    def doors(self) -> frozenset[str]:
        """Every way in, as the table of permissions calls it."""
        doors = {"/start", *(f"/{entry.name}" for entry in self.menu.entries), *(f"?{letter}" for letter in self.starts)}
        doors |= {f"form {kind}" for kind in self.forms}
        for press in self.presses:
            act = act_of(press)
            acts = [f" {each.name.lower()}" for each in get_type_hints(press)[act]] if act is not None else [""]
            doors |= {f"{press.__name__}{each}" for each in acts}
        for field, kind in TAKERS.items():
            doors |= {door_of_handler(kind, taker) for taker in self.takers(field)}
        return frozenset(doors | {door_of_handler("update", handler.callback) for journey in self.journeys for handler in journey.updates})

    def install(self, application: HomeApplication) -> None:
        """Put all handlers into the application."""
        application.add_handler(TypeHandler(Update, self._observe), group=-2)
        application.add_handler(TypeHandler(Update, self.gate.identify), group=-1)
        application.add_error_handler(_note_error)
        private = filters.ChatType.PRIVATE
        application.add_handler(CommandHandler("start", self._start, private))
        application.add_handler(CommandHandler([entry.name for entry in self.menu.entries], self._open_entry, private))
        for journey in self.journeys:
            application.add_handlers(list(journey.updates))
        application.add_handler(CallbackQueryHandler(self._press))
        application.add_handler(MessageHandler(filters.StatusUpdate.MIGRATE, group_moved))
        application.add_handler(MessageHandler(private & filters.UpdateType.MESSAGE, self._private_message))
        application.add_handler(MessageHandler(filters.ChatType.GROUPS & filters.UpdateType.MESSAGE, self._group_message))
        application.add_handler(MessageHandler(filters.UpdateType.EDITED_MESSAGE, self._edited_message))

    async def settled(self, post: Post, message: OutboxMessage, result: Any, *, lost: Loss | None = None) -> None:
        """Tell whoever queued a message what became of it; note the people who cannot be reached, and circles that cannot be spoken to."""
        if lost is not None:
            await lost_places.place_lost(post, message, lost)
            return
        if message.state is OutboxState.UNREACHABLE and message.chat_id is not None and message.chat_id > 0:
            person = await person_by_telegram_id(post.session, message.chat_id)
            if person is not None:
                await note_unreachable(post, person)
        if message.subject is not None and (outcome := self.outcomes.get(message.subject.split(":")[0])):
            await outcome(post, message, result)
        if message.state is OutboxState.SENT:
            await lost_places.tried(post, message)

    async def next_due(self, post: Post) -> datetime | None:
        """When the passing of time next asks for something."""
        times = [at for due in self.due if (at := await due.next_at(post.session)) is not None]
        return min(times, default=None)

    def side_by_side(self, update: Update) -> bool:
        """Whether other processes may work on other updates meanwhile."""
        query = update.callback_query
        return query is not None and Press.known.get((query.data or "").split(":")[0]) in self._side_by_side

    async def _open_entry(self, update: Update, context: HomeContext) -> None:
        """One handler for all commands: the library asks every handler in turn whether an update is for it."""
        message = update.effective_message
        assert message is not None
        assert message.text is not None
        command = message.text[1 : message.entities[0].length].partition("@")[0].lower()
        await self.menu.open(self._entries[command], update, context)

    async def _observe(self, update: Update, context: HomeContext) -> None:
        for journey in self.journeys:
            for observe in journey.observers:
                await observe(update, context)

    async def _start(self, update: Update, context: HomeContext) -> None:
        letter, _, rest = (context.args[0] if context.args else "").partition("_")
        if rest and letter in self.starts:
            self._require(f"?{letter}", context)
            await self.starts[letter](update, context, rest)
        else:
            self._require("/start", context)
            await people.greet(update, context)

    async def _private_message(self, update: Update, context: HomeContext) -> None:
        if await taken(self._open("urgent_takers", context), update, context):
            return
        form = await form_of(context.session, context.person.id)
        if form is not None and form.kind in self.forms:
            may = self.permissions.allow(f"form {form.kind}", context.roles)
            if may and not self._meant_for_something_else(update, context, form):
                await self.forms[form.kind](update, context)
                return
            await close_form(context.session, context.person.id)
        if not await taken(self._open("takers", context), update, context):
            self._require("/menu", context)
            await self.menu.show(update, context)

    def _meant_for_something_else(self, update: Update, context: HomeContext, form: Form) -> bool:
        """What was forwarded is a constituent's, and after hours nobody remembers what was asked: it must not become anybody's answer."""
        if form.kind in self.patient_forms:
            return context.now - form.updated_at > self.patient_forms[form.kind]
        message = update.message
        forwarded = message is not None and message.forward_origin is not None
        if forwarded and message is not None and (message.photo or message.document):
            forwarded = form.kind not in self.file_forms
        return forwarded or context.now - form.updated_at > ANSWER_AWAITED

    async def _group_message(self, update: Update, context: HomeContext) -> None:
        if not context.stranger:
            await taken(self._open("group_takers", context), update, context)

    async def _edited_message(self, update: Update, context: HomeContext) -> None:
        if not context.stranger:
            await taken(self._open("edit_takers", context), update, context)

    def takers(self, kind: str) -> list[Taker]:
        return [taker for journey in self.journeys for taker in getattr(journey, kind)]

    def _open(self, field: str, context: HomeContext) -> list[Taker]:
        """The takers that the person's words may reach; what the others would have taken is for those behind them, or for nobody."""
        kind = TAKERS[field]
        return [taker for taker in self.takers(field) if self.permissions.allow(door_of_handler(kind, taker), context.roles)]

    def _require(self, door: str, context: HomeContext) -> None:
        if not self.permissions.allow(door, context.roles):
            raise NotAllowed

    async def _press(self, update: Update, context: HomeContext) -> None:
        """One handler for all presses. In a group only what belongs there is heard: callback data can be forged on any message."""
        press, chat = Press.known.get((context.pressed or "").split(":")[0]), update.effective_chat
        if press is None or press not in self.presses:
            raise Gone
        if not press.in_groups and (chat is None or chat.type != ChatType.PRIVATE):
            raise Gone
        self._require(door_of(press.unpack(context.pressed)), context)
        await self.presses[press](update, context)

    def _is_open_to_strangers(self, data: str | None) -> bool:
        press = Press.known.get((data or "").split(":")[0])
        try:
            return press in self.presses and self.permissions.allow(door_of(press.unpack(data)), None)
        except Gone:
            return False


async def group_moved(update: Update, context: HomeContext) -> None:
    """A group became a supergroup: its id changes everywhere."""
    message = update.message
    if message is not None and message.migrate_to_chat_id is not None:
        await move_group(context.post, message.chat.id, message.migrate_to_chat_id)


async def move_group(post: Post, old: int, new: int) -> None:
    """Change a group's id wherever it stands; doing so twice changes nothing."""
    if old == new:  # the group's own word came first, and has changed the message's chat already
        return
    await move_messages(post.session, old, new)
    await follow_group(post, old, new)


async def _note_error(update: object, context: HomeContext) -> None:
    """The library swallows what a handler raises; it is kept for the worker, which rolls back. Nothing else may run after it."""
    context.work.error = context.error
    raise ApplicationHandlerStop
