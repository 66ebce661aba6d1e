"""What is typed into the form, step by step or all at once in labelled lines, read and checked."""

from __future__ import annotations

from handlers.activity_draft import STEPS, Draft
from handlers.clock_words import read_lengths
from handlers.context import HomeContext
from handlers.dates import read_moment, read_span
from handlers.labelled_lines import words_of
from handlers.texts import T, t
from models.activities import NOTES_LIMIT, PLACE_LIMIT, TITLE_LIMIT, ActivityKind, Offsets, TextTooLong
from models.audience import Audience, Found, Part, find_called
from models.rules import RuleBroken

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
        return await _take_names(context, draft, text)
    elif step in ("title", "place", "notes"):
        setattr(draft, step, within(step, text))
    else:
        return [t("activity.use_buttons")]
    draft.answered(step)
    return []


async def _take_names(context: HomeContext, draft: Draft, text: str) -> list[T]:
    """Names add to those chosen by button; the step stays open, since the count is shown there."""
    found = await find_called(context.session, words_of(text))
    draft.audience = joined(draft.audience, found.audience)
    draft.form.data["namesakes"] = [person.id for people in found.unclear.values() for person in people]
    if found.audience.of(Part.PERSON) or found.unclear:
        draft.form.data["tab"] = Part.PERSON.value
    return complaints(found)


def joined(one: Audience, other: Audience) -> Audience:
    """Both audiences together."""
    both = Audience(one.everyone or other.everyone, one.parts)
    for part in Part:
        both = both.plus(part, other.of(part))
    return both


def complaints(found: Found) -> list[T]:
    unknown = [t("activity.names_unknown", names="、".join(found.unknown))] if found.unknown else []
    unclear = [t("activity.names_unclear", names="、".join(found.unclear))] if found.unclear else []
    return unknown + unclear


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
        found = await find_called(context.session, words_of(fields["whom"]))
        draft.audience = found.audience
        draft.form.data["namesakes"] = [person.id for people in found.unclear.values() for person in people]
        troubles += complaints(found)
        if not complaints(found):
            draft.answered("whom")
    if "offsets" in fields:
        lengths = read_lengths(fields["offsets"])
        if lengths:
            draft.set_offsets(Offsets.listed(lengths))
        else:
            troubles.append(t(LengthsUnclear.key))
    if "notes" not in draft.done and set(STEPS) - set(draft.done) == {"notes"}:
        draft.answered("notes")  # a message that says all the rest has none
    draft.go_on()
    return troubles


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
