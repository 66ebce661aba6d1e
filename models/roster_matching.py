"""Whose row it is: by the stamp of a roster that came from here, else by the phone number; and no number is two people's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.people import Person, normalise_phone
from models.roster_rows import Field, Reason, RosterRow
from models.roster_stamps import Stamp, mark_of
from models.roster_words import LIMITS, is_phone, language_named, role_named, tidy_line


@dataclass
class Match:
    """A row and whom it is about; None for somebody new. With a ``stamp`` only the cells that were touched count."""

    row: RosterRow
    person: Person | None = None
    stamp: Stamp | None = None
    reason: Reason | None = None
    """Why it is left out."""
    reason_value: str = ""

    def touched(self, what: Field) -> bool:
        return self.stamp is None or not self.stamp.untouched(what, self.row)

    @property
    def number(self) -> str | None:
        """The phone number that the row would leave them with."""
        return self.row.phone if self.person is None or self.touched(Field.PHONE) else self.person.phone

    @property
    def moves_away(self) -> bool:
        """Whether their old number becomes free."""
        return self.reason is None and self.person is not None and self.number != self.person.phone

    def leave_out(self, reason: Reason, value: str = "") -> None:
        self.reason, self.reason_value = reason, value


def match_rows(rows: Sequence[RosterRow], people: Sequence[Person]) -> list[Match]:
    """Every row with its person, or with the reason why it is left out."""
    by_id = {person.id: person for person in people}
    by_phone = {person.phone: person for person in people if person.phone is not None}
    stamps = _stamps(rows, by_id)
    matches = []
    for place, row in enumerate(rows):
        stamp = stamps.get(place)
        match = Match(row, by_id[stamp.person_id], stamp) if stamp is not None else Match(row, by_phone.get(row.phone))
        _look_for_faults(match)
        matches.append(match)
    while _somebody_in_the_way(matches, by_phone):
        pass
    return matches


def _stamps(rows: Sequence[RosterRow], by_id: Mapping[int, Person]) -> dict[int, Stamp]:
    """By its place, each row's stamp, used once: of copies the one that kept its number has it, and the others are new people.

    Whoever sorts a file may leave the hidden stamps where they were. So of two rows the better fitting stamp counts.
    """
    own = {place: stamp for place, row in enumerate(rows) if (stamp := Stamp.read(row.stamp)) is not None and stamp.person_id in by_id}
    found: dict[int, Stamp] = {}
    free = {stamp.person_id: stamp for stamp in own.values()}
    for place, stamp in own.items():
        if stamp.person_id in free and stamp.untouched(Field.PHONE, rows[place]) and stamp.untouched(Field.NAME, rows[place]):
            found[place] = free.pop(stamp.person_id)
    for place, stamp in own.items():
        if place not in found and stamp.person_id in free and stamp.untouched(Field.PHONE, rows[place]) and rows[place].phone:
            found[place] = free.pop(stamp.person_id)
    known_by = {stamp.known_by: stamp for stamp in free.values()}
    for place, row in enumerate(rows):
        better = known_by.get(mark_of(row.phone or row.name))
        if place not in own or place in found or better is None or better.person_id not in free:
            continue
        if better.fits(row) > own[place].fits(row):
            found[place] = free.pop(better.person_id)
    for place, stamp in own.items():
        if place not in found and stamp.person_id in free:
            found[place] = free.pop(stamp.person_id)
    return found


def _look_for_faults(match: Match) -> None:
    if match.stamp is not None and match.person is not None:
        now = {Field.NAME: tidy_line(match.person.name), Field.PHONE: normalise_phone(match.person.phone or "")}
        if not any(match.stamp.said(what, value) for what, value in now.items()):
            match.leave_out(Reason.NOT_THEIRS)  # of another Home, or of another time
            return
        if not match.person.active:
            match.leave_out(Reason.OFF_ROSTER)
            return
    fault = next(_faults(match), None)
    if fault is not None:
        match.leave_out(*fault)


def _faults(match: Match) -> Iterator[tuple[Reason, str]]:
    row = match.row
    if match.touched(Field.NAME) and not row.name:
        yield Reason.NO_NAME, ""
    if match.touched(Field.PHONE) and not row.phone:
        yield Reason.NO_PHONE, ""
    if match.touched(Field.PHONE) and not is_phone(row.phone):
        yield Reason.BAD_PHONE, row.phone
    for name in (row.roles or ()) if match.touched(Field.ROLES) else ():
        if role_named(name) is None:
            yield Reason.UNKNOWN_ROLE, name
    if row.language and match.touched(Field.LANGUAGE) and language_named(row.language) is None:
        yield Reason.UNKNOWN_LANGUAGE, row.language
    for name, limit in LIMITS.items():
        value = (getattr(row, name) or "") if match.touched(Field(name)) else ""
        for text in [value] if isinstance(value, str) else value:
            if len(text) > limit:
                yield Reason.TOO_LONG, text


def _somebody_in_the_way(matches: Sequence[Match], by_phone: Mapping[str, Person]) -> bool:
    """Leave out every row whose number is somebody else's; True when there was one, since then its old number is not free after all.

    Stamped rows come first: who is known to be theirs is asked before who is only known by a number.
    """
    left = [match for match in matches if match.reason is None]
    owned = {match.person.id: match for match in left if match.person is not None and match.stamp is not None}
    seen: dict[str, int] = {}
    found = False
    for match in sorted(left, key=lambda match: match.stamp is None):
        number = match.number
        if not number:
            continue
        holder = by_phone.get(number)
        if number in seen:
            match.leave_out(Reason.TWICE, str(seen[number]))
            found = True
            continue
        if match.stamp is None:
            match.person = None if holder is not None and holder.id in owned else holder
        elif holder is not None and holder is not match.person and holder.active and not _frees(holder, owned):
            match.leave_out(Reason.PHONE_HELD, holder.name)
            found = True
            continue
        seen[number] = match.row.line
    return found


def _frees(holder: Person, owned: Mapping[int, Match]) -> bool:
    return holder.id in owned and owned[holder.id].moves_away
