"""What is typed into the form, step by step or all at once in labelled lines, read and checked."""

from __future__ import annotations

import re
from dataclasses import replace

from handlers.activity_draft import CAPACITY, STEPS, Draft
from handlers.clock_words import plain, read_lengths, with_digits
from handlers.context import HomeContext
from handlers.dates import read_moment, read_span
from handlers.texts import T, t
from handlers.whom_form import WhomForm
from handlers.whom_words import Called, read_called
from models.activities import NOTES_LIMIT, PLACE_LIMIT, TITLE_LIMIT, ActivityKind, NoticesTooMany, Offsets, TextTooLong
from models.audience import Part, Side
from models.rules import RuleBroken
from models.waiting_list import require_capacity

LIMITS = {"title": TITLE_LIMIT, "place": PLACE_LIMIT, "notes": NOTES_LIMIT}


class LengthsUnclear(RuleBroken):
    """The notice times were not understood."""

    key = "activity.lengths_unclear"


def within(step: str, text: str) -> str:
    """The text, on one line unless it is notes. Raises TextTooLong."""
    text = text.strip() if step == "notes" else " ".join(text.split())
    require_short(text, LIMITS[step])
    return text


def require_short(text: str, limit: int) -> None:
    """Raise TextTooLong for more than fits; Telegram counts an emoji as two."""
    length = len(text.encode("utf-16-le")) // 2
    if length > limit:
        raise TextTooLong(limit=limit, length=length)


async def take_typed(context: HomeContext, draft: Draft, text: str) -> list[T]:
    """Take a typed answer to the step that is open; gives what could not be understood. Raises what says how to write it."""
    step = draft.form.step
    if step == "kind":
        kind = kind_named(context, text)
        if kind is None:
            return [t("activity.kind_unknown", word=text[:30])]
        draft.kind = kind
    elif step == "when":
        draft.set_time(*read_span(text, now=context.now, timezone=context.policy.timezone))
    elif step == "whom":
        return await take_names(context, draft, text)
    elif step == CAPACITY:
        draft.capacity = places_of(text)
    elif step in ("title", "place", "notes"):
        setattr(draft, step, within(step, text))
    else:
        return _take_offsets(draft, text)
    draft.answered(step)
    return []


def _take_offsets(draft: Draft, text: str) -> list[T]:
    """Under the preview, when the notices go out may be typed."""
    offsets = read_offsets(text)
    if offsets is None:
        return [t("activity.use_buttons")]
    draft.set_offsets(offsets)
    return []


def read_offsets(text: str) -> Offsets | None:
    """Notice times such as 提前10天、4天、1天、3小时; None for anything else. Raises NoticesTooMany."""
    lengths = read_lengths(text)
    if not lengths:
        return None
    offsets = Offsets.listed(lengths)
    offsets.require_few()
    return offsets


async def take_names(context: HomeContext, draft: WhomForm, text: str) -> list[T]:
    """Names add to those chosen by button; the step stays open, since the count is shown there."""
    called = await read_called(context.session, text)
    draft.audience = draft.audience.joined(called.audience)
    _offer_namesakes(draft, called)
    if called.audience.of(Part.PERSON):
        draft.tab = Part.PERSON
    return list(called.troubles)


def _offer_namesakes(draft: WhomForm, called: Called) -> None:
    """Those of the same name stand as buttons, on the side they were named for."""
    draft.form.data["namesakes"] = [person.id for those in called.namesakes.values() for person in those]
    if any(called.namesakes.values()):
        draft.tab = Part.PERSON
    draft.side = Side.WITHOUT if called.namesakes[Side.WITHOUT] and not called.namesakes[Side.WITH] else Side.WITH


def places_of(text: str) -> int | None:
    """A number of places, None for as many as want to come. Raises NoSuchCapacity."""
    written = with_digits(plain(text))
    if re.search(r"不限|没有|无|all|any|no limit", written):
        return None
    found = re.search(r"\d{1,6}", written)
    places = int(found[0]) if found else 0
    require_capacity(places)
    return places


def kind_named(context: HomeContext, word: str) -> ActivityKind | None:
    """A kind by its name in any of the Home's languages."""
    word = word.strip().lower()
    for kind in ActivityKind:
        names = [context.post.texts.say(t(f"activity.kind.{kind}"), language).lower() for language in context.policy.languages]
        if word in names or any(name.startswith(word) or word.startswith(name) for name in names if len(word) > 1):
            return kind
    return None


async def take_lines(context: HomeContext, draft: Draft, fields: dict[str, str]) -> list[T]:
    """Fill the draft from labelled lines. What is missing or not understood is left for the form to ask, and named."""
    troubles: list[T] = []
    for step in ("title", "place", "notes"):
        if fields.get(step):
            troubles += _attempt(draft, step, fields[step])
    if "kind" in fields:
        kind = kind_named(context, fields["kind"])
        if kind is None:
            troubles.append(t("activity.kind_unknown", word=fields["kind"][:30]))
        else:
            draft.kind = kind
            draft.answered("kind")
    if "time" in fields:
        troubles += _take_time(context, draft, fields)
    if "whom" in fields and "whom" not in draft.fixed:
        called = await read_called(context.session, fields["whom"])
        draft.audience = replace(called.audience, everyone=called.audience.everyone or called.only_leaves_out)
        _offer_namesakes(draft, called)
        troubles += called.troubles
        if not called.troubles:
            draft.answered("whom")
    if fields.get("capacity"):
        try:
            draft.capacity = places_of(fields["capacity"])
        except RuleBroken as problem:
            troubles.append(t(problem.key, **problem.values))
    if "offsets" in fields:
        troubles += _offsets_of_line(draft, fields["offsets"])
    if "notes" not in draft.done and set(STEPS) - set(draft.done) == {"notes"}:
        draft.answered("notes")  # a message that says all the rest has none
    draft.go_on()
    return troubles


def _offsets_of_line(draft: Draft, text: str) -> list[T]:
    try:
        offsets = read_offsets(text)
    except NoticesTooMany as problem:
        return [t(problem.key, **problem.values)]
    if offsets is None:
        return [t(LengthsUnclear.key)]
    draft.set_offsets(offsets)
    return []


def _attempt(draft: Draft, step: str, text: str) -> list[T]:
    try:
        setattr(draft, step, within(step, text))
    except TextTooLong as problem:
        return [t(problem.key, **problem.values)]
    draft.answered(step)
    return []


def _take_time(context: HomeContext, draft: Draft, fields: dict[str, str]) -> list[T]:
    now, timezone = context.now, context.policy.timezone
    try:
        starts_at, ends_at = read_span(fields["time"], now=now, timezone=timezone)
        if fields.get("end"):
            starts_at, ends_at = read_span(f"{fields['time']}到{fields['end']}", now=now, timezone=timezone)
            if ends_at is None:
                ends_at = read_moment(fields["end"], now=now, timezone=timezone)
    except RuleBroken as problem:
        return [t(problem.key, **problem.values)]
    draft.set_time(starts_at, ends_at)
    draft.answered("when")
    return []
