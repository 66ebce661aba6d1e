"""The minutes laid out from what is known: the facts, who was there, the sections. The chat and the Word file say the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from handlers.post import Post
from handlers.texts import T, t
from models.attendance import Attendance
from models.attendance_table import Attended
from models.checkin_desk import CheckInDesk
from models.final_attendance import Turnout, turnout_of
from models.issue_pieces import PieceKind
from models.records import ActivityRecord, Section

LISTS = (Attendance.PRESENT, Attendance.LATE, Attendance.EXCUSED, Attendance.ABSENT)


@dataclass(frozen=True)
class Minutes:
    """Everything as lines of text in one language."""

    title: str
    number: str
    facts: Sequence[tuple[str, str]]
    """Heading and value of the table of facts."""
    attendance: Sequence[tuple[str, str]]
    """Heading, with the count, and names."""
    sections: Sequence[tuple[str, str]]
    files: Sequence[str]
    keeper: str
    confirmed_by: str
    colon: str = "："

    def as_text(self) -> str:
        facts = [f"{heading}{self.colon}{value}" for heading, value in self.facts]
        lists = [f"{heading}{self.colon}{names}" for heading, names in self.attendance]
        sections = [f"\n{heading}\n{text}" for heading, text in self.sections]
        return "\n".join([self.title, *facts, *lists, *sections, *([""] if self.files else []), *self.files])


async def minutes_of(post: Post, kept: ActivityRecord, language: str) -> Minutes:
    """The minutes as they stand, in this language."""

    def say(text: T | str) -> str:
        return post.texts.say(text, language)

    activity, texts = kept.activity, post.texts
    turnout = await turnout_of(post.session, activity, post.policy, now=post.now)
    keeper = kept.submitted_by or kept.keeper or activity.created_by
    guests = " ".join(kept.written(Section.GUESTS).split())
    until = texts.end_of(activity.ends_at, activity.starts_at, language)
    start = f"{texts.date(activity.starts_at, language)} {texts.clock(activity.starts_at, language)}"
    facts = {
        "kind": say(t(f"activity.kind.{activity.kind}")),
        "time": f"{start}–{until}",
        "place": activity.place,
        "organiser": activity.created_by.name,
        "keeper": keeper.name,
        "called": say(t("record.called", called=len(turnout.everybody), came=turnout.count(Attendance.PRESENT, Attendance.LATE))),
    }
    desk = await post.session.get(CheckInDesk, activity.id)
    if desk is not None and desk.guests:
        facts["guests"] = say(t("record.guests", count=desk.guests))
    return Minutes(
        title=activity.title,
        number=kept.number or "",
        facts=[(say(t(f"record.fact.{key}")), value) for key, value in facts.items()],
        attendance=[*_lists(turnout, say), *([(say(t("record.section.guests")), guests)] if guests else [])],
        sections=[(say(t(f"record.section.{section}")), kept.written(section)) for section in Section if section is not Section.GUESTS],
        files=_files(kept, say),
        keeper=keeper.name,
        colon=say(t("record.colon")),
        confirmed_by=kept.confirmed_by.name if kept.confirmed_by else "",
    )


def _lists(turnout: Turnout, say: Callable[[T], str]) -> list[tuple[str, str]]:
    """Names by what came of the invitation. Why somebody was on leave is for the leader and the office alone."""
    comma = say(t("activity.comma"))

    def named(key: str, those: Sequence[Attended]) -> tuple[str, str]:
        return say(t(f"record.list.{key}", count=len(those))), comma.join(attended.person.name for attended in those)

    left = [attended for attended in turnout.everybody if attended.check_in is not None and attended.check_in.left_at is not None]
    lists = [named(attendance.value, turnout.of(attendance)) for attendance in LISTS]
    further = [named("left_early", left), named("unknown", turnout.of(None))]
    return [(heading, names) for heading, names in [*lists, *further] if names]


def _files(kept: ActivityRecord, say: Callable[[T], str]) -> list[str]:
    """What cannot be printed, by name: it stays with the Home."""
    lines = []
    for number, piece in enumerate(kept.files, start=1):
        what = piece.text or piece.file_name or ""
        kind = say(t(f"record.kind.{PieceKind(piece.kind)}"))
        lines.append(f"{say(t('record.file', number=number, kind=kind))}{what}".rstrip("：: "))
    return lines
