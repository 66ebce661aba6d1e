"""``/audit``: the office reads the audit log by person, by object and by date, page by page, and takes it out as a spreadsheet."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from telegram import Update

from handlers.audit_presses import AuditDo, AuditPress
from handlers.audit_words import about, about_row, details, did, names_in
from handlers.context import HomeContext
from handlers.figures_words import period_name
from handlers.journey import Entry, Journey
from handlers.keyboards import Button, rows
from handlers.menu import BACK_TO_MENU
from handlers.paging import turns
from handlers.periods import read_period
from handlers.pieces import words_of
from handlers.texts import T, t
from handlers.workbook import Sheet, workbook
from models.audit import record
from models.audit_reading import SHEET_LIMIT, Chosen, Line, count_entries, entries, entry_by_id, entry_of, person_named, subject_named
from models.forms import close_form, form_of, open_form
from models.people import Person, Role
from models.periods import ALL_TIME, Period, month_of
from models.roster_search import find_people
from models.rules import Gone

PAGE, PEOPLE_SHOWN = 12, 20
FORM = "audit"
_STEPS = {AuditDo.ASK_PERSON: "person", AuditDo.ASK_OBJECT: "object", AuditDo.ASK_DATE: "date"}
BACK = Button(t("audit.do.back"), AuditPress(AuditDo.OVERVIEW))


async def overview(update: Update, context: HomeContext) -> None:
    context.person.require(Role.OFFICE)
    await _close(context)
    everything = AuditPress(AuditDo.LIST)
    ways = [Button(t(f"audit.do.{step}"), AuditPress(do)) for do, step in _STEPS.items()]
    await context.show(
        "audit/overview",
        keyboard=[
            [Button(t("audit.do.today"), everything.during(_today(context))), Button(t("audit.do.all"), everything)],
            ways,
            [Button(t("audit.do.identity"), AuditPress(AuditDo.LIST, looks=1))],
            [BACK_TO_MENU],
        ],
    )


async def press(update: Update, context: HomeContext) -> None:
    """Every button of the log. Raises NotAllowed for anybody but the office."""
    context.person.require(Role.OFFICE)
    pressed = AuditPress.unpack(context.pressed)
    await _close(context)
    if pressed.do is AuditDo.OVERVIEW:
        await overview(update, context)
    elif pressed.do is AuditDo.LIST:
        await _list(context, pressed)
    elif pressed.do is AuditDo.SHEET:
        await _send_sheet(context, pressed)
    else:
        await _ask(context, pressed)


async def _ask(context: HomeContext, pressed: AuditPress) -> None:
    step = _STEPS[pressed.do]
    data = {"person": pressed.person, "entry": pressed.entry, "looks": pressed.looks}
    await open_form(context.session, context.person.id, FORM, step, now=context.now, **data)
    await context.show("plain", keyboard=[[BACK]], text=t(f"audit.ask_{step}"))


async def take_words(update: Update, context: HomeContext) -> None:
    """Whose, which or when, typed. What was not understood leaves the question open."""
    context.person.require(Role.OFFICE)
    form, words = await form_of(context.session, context.person.id, FORM), words_of(update.message)
    if form is None:
        return
    if form.step == "person":
        await _found_people(context, words)
    elif form.step == "object":
        subject = await subject_named(context.session, words)
        entry = await entry_of(context.session, subject) if subject is not None else None
        if entry is None:
            await context.reply("plain", keyboard=[[BACK]], text=t("audit.no_object", words=words))
            return
        await _close(context)
        await _list(context, AuditPress(AuditDo.LIST, entry=entry.id))
    else:
        period = read_period(words, now=context.now, timezone=context.policy.timezone)
        kept = AuditPress(AuditDo.LIST, person=form.data["person"], entry=form.data["entry"], looks=form.data["looks"])
        await _close(context)
        await _list(context, kept.during(period))


async def _found_people(context: HomeContext, words: str) -> None:
    there = await find_people(context.session, words, limit=PEOPLE_SHOWN) if words else []
    people = list(dict.fromkeys([*there, *await person_named(context.session, words, limit=PEOPLE_SHOWN)]))
    if not people:
        await context.reply("plain", keyboard=[[BACK]], text=t("audit.no_person", words=words))
        return
    await _close(context)
    if len(people) == 1:
        await _list(context, AuditPress(AuditDo.LIST, person=people[0].id))
        return
    names = [Button(_called(person), AuditPress(AuditDo.LIST, person=person.id)) for person in people]
    await context.reply("plain", keyboard=[*rows(names, 2), [BACK]], text=t("audit.which_person"))


def _called(person: Person) -> str:
    return " · ".join(filter(None, (person.name, person.area.name if person.area is not None else "")))


async def _list(context: HomeContext, pressed: AuditPress) -> None:
    page = max(pressed.page, 0)
    chosen, heads = await _chosen(context, pressed)
    found = await entries(context.session, chosen, offset=page * PAGE, limit=PAGE + 1)
    shown, people = found[:PAGE], await names_in(context.session, found[:PAGE])
    paging = turns(page, lambda to: pressed.to(AuditDo.LIST, to), more=len(found) > PAGE, newest_first=True)
    day = context.now.astimezone(context.policy.timezone).date()
    week = Period(day - timedelta(days=6), day + timedelta(days=1))
    whens = [(t("audit.do.today"), _today(context)), (t("audit.do.week"), week), (t("audit.do.month"), month_of(day))]
    within = [Button(name, pressed.during(period)) for name, period in whens]
    everything = [Button(t("audit.do.all"), pressed.during(ALL_TIME))] if pressed.since or pressed.until else []
    typed = Button(t("audit.do.date"), pressed.to(AuditDo.ASK_DATE))
    await context.show(
        "audit/list",
        keyboard=[
            paging,
            [*within, *everything],
            [typed, Button(t("audit.do.sheet"), pressed.to(AuditDo.SHEET))] if shown else [typed],
            [BACK],
        ],
        heads=heads,
        lines=[(line.entry.at, _said(line), details(line, people, lambda text: _say(context, text))) for line in shown],
        page=page + 1,
        several=page > 0 or len(found) > PAGE,
    )


def _said(line: Line) -> T:
    who: T | str = line.actor if line.actor is not None else t("audit.home")
    what = about(line)
    return t("audit.line", who=who, did=did(line)) if what is None else t("audit.line_about", who=who, did=did(line), about=what)


async def _chosen(context: HomeContext, pressed: AuditPress) -> tuple[Chosen, list[T]]:
    """Which entries are wanted, and that in words. Raises Gone where the person or the object is none."""
    heads, subject = [], None
    if pressed.person:
        person = await context.session.get(Person, pressed.person)
        if person is None:
            raise Gone
        heads.append(t("audit.of_person", name=person.name))
    if pressed.entry:
        entry = await entry_by_id(context.session, pressed.entry)
        if entry is None:
            raise Gone
        [line] = await entries(context.session, Chosen(subject=entry.subject), offset=0, limit=1)
        subject = entry.subject
        heads.append(t("audit.of_object", name=about_row(line)))
    if pressed.looks:
        heads.append(t("audit.of_identity"))
    if pressed.since or pressed.until:
        heads.append(t("audit.of_period", period=period_name(pressed.period, context.post.texts, context.language)))
    return pressed.chosen(subject, context.policy.timezone), heads


async def _send_sheet(context: HomeContext, pressed: AuditPress) -> None:
    chosen, heads = await _chosen(context, pressed)
    total = await count_entries(context.session, chosen)
    found = await entries(context.session, chosen, offset=0, limit=SHEET_LIMIT)
    people = await names_in(context.session, found)

    def say(text: T | str) -> str:
        return _say(context, text)

    table = []
    for line in found:
        what = about(line)
        who = line.actor if line.actor is not None else say(t("audit.home"))
        table.append([line.entry.at, who, say(did(line)), say(what) if what is not None else "", details(line, people, say)])
    columns = {say(t(f"audit.column.{name}")): width for name, width in _COLUMNS.items()}
    lead = " · ".join([say(t("audit.title")), *map(say, heads), say(t("audit.count", count=len(found)))])
    sheet = Sheet(say(t("audit.sheet")), lead, columns, table)
    content = await asyncio.to_thread(workbook, [sheet], timezone=context.policy.timezone, date_format=say(t("views.sheet.date_format")))
    record(context.session, context.person, "audit.exported", "audit", now=context.now, count=len(found))
    name = say(t("audit.file", day=f"{context.now.astimezone(context.policy.timezone):%Y-%m-%d}"))
    caption = t("audit.caption_cut" if total > len(found) else "audit.caption", count=len(found))
    await context.post.tell(context.here, "plain", attachment=await context.post.attach(name, content), subject="file", text=caption)


_COLUMNS = {"at": 20, "who": 14, "did": 34, "about": 34, "details": 50}


def _say(context: HomeContext, text: T | str) -> str:
    return context.post.texts.say(text, context.language)


def _today(context: HomeContext) -> Period:
    day = context.now.astimezone(context.policy.timezone).date()
    return Period(day, day + timedelta(days=1))


async def _close(context: HomeContext) -> None:
    if await form_of(context.session, context.person.id, FORM) is not None:
        await close_form(context.session, context.person.id)


JOURNEY = Journey(
    entries=(Entry("audit", overview),),
    presses={AuditPress: press},
    forms={FORM: take_words},
)
