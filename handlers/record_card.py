"""A record's card: what is known, what was sent, which sections are written, and what its reader may do."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from handlers.keyboards import Button, Keyboard, rows
from handlers.long_texts import shortened
from handlers.post import Post
from handlers.record_presses import PieceDo, PiecePress, RecordDo, RecordPress, SectionDo, SectionPress
from handlers.texts import t
from models.activities import Activity
from models.attendance import Attendance
from models.final_attendance import turnout_of, undecided_leaves
from models.forms import form_of
from models.people import Person, Role, people_with
from models.records import ActivityRecord, RecordState, Section, may_keep

FORM = "record"
SHOWN, NAMES_SHOWN = 160, 12


async def is_gathering(post: Post, activity_id: int, person: Person) -> bool:
    """Whether what the person sends now joins this record."""
    form = await form_of(post.session, person.id, FORM)
    return form is not None and form.data["activity"] == activity_id


async def show_record(post: Post, kept: ActivityRecord, person: Person, *, afresh: bool = False, wait: timedelta = timedelta(0)) -> None:
    """Show one person the record as it stands."""
    activity = kept.activity
    turnout = await turnout_of(post.session, activity, post.policy, now=post.now)
    gathering = await is_gathering(post, activity.id, person)
    absent = [attended.person.name for attended in turnout.of(Attendance.ABSENT)]
    reviews = person.has(Role.OFFICE) and kept.state is RecordState.SUBMITTED
    await post.card(
        f"record:{activity.id}",
        person,
        "record/card",
        keyboard=record_buttons(kept, person, gathering=gathering),
        afresh=afresh,
        wait=wait,
        kept=kept,
        activity=activity,
        turnout=turnout,
        came=turnout.count(Attendance.PRESENT, Attendance.LATE),
        late=turnout.count(Attendance.LATE),
        excused=turnout.count(Attendance.EXCUSED),
        absent=absent[:NAMES_SHOWN],
        more_absent=len(absent[NAMES_SHOWN:]),
        undecided=await undecided_leaves(post.session, activity) if reviews else 0,
        counts=Counter("photo" if piece.is_photo else piece.kind.value for piece in kept.kept),
        sections=[(section, shortened(kept.written(section), SHOWN)) for section in Section],
        gathering=gathering,
        keeps=may_keep(person, activity, kept),
    )


def record_buttons(kept: ActivityRecord, person: Person, *, gathering: bool) -> Keyboard:
    """Write, gather and submit while it is a draft; then the office decides; once confirmed, the office may correct the attendance."""
    activity = kept.activity

    def button(do: RecordDo) -> Button:
        return Button(t(f"record.do.{do.name.lower()}"), RecordPress(activity.id, do, kept.version))

    looks = [button(RecordDo.WHOLE), button(RecordDo.EXPORT)]
    send = [button(RecordDo.SEND)] if kept.photos or kept.files else []
    if not may_keep(person, activity, kept):
        return [looks, send]
    if kept.state is RecordState.CONFIRMED:
        return [looks, send, [button(RecordDo.CORRECT)] if person.has(Role.OFFICE) else []]
    if kept.state is RecordState.SUBMITTED:
        decide = [button(RecordDo.CONFIRM), button(RecordDo.SEND_BACK)] if person.has(Role.OFFICE) else []
        return [decide, looks, send]
    sections = [Button(t(f"record.do.section_{section}"), SectionPress(activity.id, section, SectionDo.WRITE)) for section in Section]
    contents = [Button(t("record.do.pieces", count=len(kept.kept)), PiecePress(activity.id, PieceDo.LIST))] if kept.pieces else []
    names = [button(RecordDo.KEEPER)] if may_keep(person, activity, None) else []
    return [
        *rows(sections, 2),
        [*contents, *names],
        looks,
        [button(RecordDo.STOP if gathering else RecordDo.GATHER)],
        [button(RecordDo.SUBMIT)],
    ]


def opening(activity: Activity) -> Keyboard:
    """The button that opens a record under a message about it."""
    return [[Button(t("record.do.open"), RecordPress(activity.id, RecordDo.OPEN))]]


async def keepers_of(post: Post, activity: Activity, kept: ActivityRecord | None) -> list[Person]:
    """Who is to write it: the one named, else the maker; the office, where neither is there any more."""
    named = kept.keeper if kept is not None else None
    for person in (named, activity.created_by):
        if person is not None and may_keep(person, activity, kept):
            return [person]
    return list(await people_with(post.session, Role.OFFICE))


async def show_to_office(post: Post, kept: ActivityRecord, *, afresh: bool = False) -> None:
    """The record as the whole office sees it."""
    for person in await people_with(post.session, Role.OFFICE):
        await show_record(post, kept, person, afresh=afresh)
