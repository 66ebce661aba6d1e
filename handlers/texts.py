"""Texts: catalogues by language, and cards rendered from templates. Keys stand in the code, sentences in the catalogues."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from models.plain_text import plain

HERE = Path(__file__).parent
DEFAULT_LANGUAGE = "zh_CN"


class T(NamedTuple):
    """A text to be said later, in the language of whoever reads it."""

    key: str
    values: dict[str, Any]


def t(key: str, **values: Any) -> T:
    """A text by its key, with what fills it."""
    return T(key, values)


@cache
def load_catalogue(language: str) -> dict[str, str]:
    """All sentences of a language by key, from every catalogue in ``locale/<language>``; read once a process.

    Raises ValueError on a key given twice.
    """
    sentences: dict[str, str] = {}
    for path in sorted((HERE / "locale" / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language):
                if not message.id:
                    continue
                key = str(message.id)
                if key in sentences:
                    raise ValueError(f"{path}: {key} stands in two catalogues")
                if message.string:
                    sentences[key] = str(message.string)
    return sentences


_locale = cache(Locale.parse)
"""Babel looks a name up among its thousand files each time."""

CARDS = Environment(
    loader=FileSystemLoader(HERE / "cards"), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
)
"""The templates of all cards, each compiled once a process."""


class Texts:
    """Everything the Home can say, in every language it speaks."""

    def __init__(self, languages: Iterable[str], timezone: ZoneInfo) -> None:
        self.timezone = timezone
        self.catalogues = {language: load_catalogue(language) for language in languages}

    def language_for(self, code: str | None) -> str:
        """The language for a Telegram ``language_code`` such as ``zh-hans`` or ``en-GB``; else the Home's first."""
        spoken = (code or "").replace("_", "-").split("-")[0].lower()
        first = next(iter(self.catalogues))
        return next((language for language in self.catalogues if language.split("_")[0] == spoken), first)

    def say(self, text: T | str, language: str) -> str:
        """Plain text for a button or a toast; a str is somebody's own words and stays as they can be read."""
        return plain(text if isinstance(text, str) else self._sentence(text.key, language).format(**self._in(language, text.values)))

    def render(self, template: str, language: str, **values: Any) -> str:
        """A card as Telegram HTML. ``template`` is a path in ``cards`` without its ending; what people wrote is escaped."""
        card = CARDS.get_template(f"{template}.html")
        text = card.render(
            _=partial(self._markup, language),
            day=partial(self.day, language=language),
            date=partial(self.date, language=language),
            clock=partial(self.clock, language=language),
            moment=partial(self.moment, language=language),
            end_of=partial(self.end_of, language=language),
            span=partial(self.span, language=language),
            **values,
        )
        return "\n".join(line.rstrip() for line in plain(text).strip().splitlines())

    def day(self, at: datetime, language: str) -> str:
        """A local date as read on paper: 11月24日(周二), Tue 24 Nov."""
        return format_date(
            at.astimezone(self.timezone), "M月d日(EEE)" if language.startswith("zh") else "EEE d MMM", locale=_locale(language)
        )

    def date(self, at: datetime | date, language: str) -> str:
        """A local date with its year, for reading back what somebody typed: 2026年3月15日(周日), Sun 15 March 2026."""
        day = at.astimezone(self.timezone) if isinstance(at, datetime) else at
        return format_date(day, "y年M月d日(EEE)" if language.startswith("zh") else "EEE d MMMM y", locale=_locale(language))

    def clock(self, at: datetime, language: str) -> str:
        """A local time of day: 14:30."""
        return f"{at.astimezone(self.timezone):%H:%M}"

    def moment(self, at: datetime, language: str) -> str:
        """A local date and time of day."""
        return f"{self.day(at, language)} {self.clock(at, language)}"

    def end_of(self, end: datetime, start: datetime, language: str) -> str:
        """The end of what began then: its time of day, with its date where that is another."""
        one_day = end.astimezone(self.timezone).date() == start.astimezone(self.timezone).date()
        return self.clock(end, language) if one_day else self.moment(end, language)

    def span(self, length: timedelta, language: str) -> str:
        """A length of time in its largest whole unit: 7天, 2 hours."""
        for unit, seconds in (("day", 86400), ("hour", 3600), ("minute", 60)):
            count, rest = divmod(round(length.total_seconds()), seconds)
            if count and not rest:
                return self.say(t(f"span.{unit}", count=count), language)
        return self.say(t("span.minute", count=round(length.total_seconds() / 60)), language)

    def _sentence(self, key: str, language: str) -> str:
        catalogue = self.catalogues.get(language) or next(iter(self.catalogues.values()))
        return catalogue[key]

    def _markup(self, language: str, text: T | str, **values: Any) -> Markup:
        key, filled = (text.key, text.values) if isinstance(text, T) else (text, values)
        return Markup(self._sentence(key, language)).format(**self._in(language, filled))

    def _in(self, language: str, values: dict[str, Any]) -> dict[str, Any]:
        return {name: self.say(value, language) if isinstance(value, T) else value for name, value in values.items()}
