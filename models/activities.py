"""Activities: what, when, where, for whom; and how they move, are put off, or called off."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audience import Audience
from models.base import Base
from models.people import Person
from models.policy import Policy
from models.rules import RuleBroken

if TYPE_CHECKING:
    from models.notices import Notice

USUAL_LENGTH = timedelta(hours=2)
FARTHEST = timedelta(days=366)
MOST_REMINDERS = 6
TITLE_LIMIT, PLACE_LIMIT, NOTES_LIMIT = 80, 80, 500


class ActivityKind(enum.StrEnum):
    INSPECTION = "inspection"
    RESEARCH = "research"
    LAW_INSPECTION = "law_inspection"
    TRAINING = "training"
    DISCUSSION = "discussion"
    RECEPTION = "reception"
    STUDY = "study"
    SESSION = "session"
    OTHER = "other"


class ActivityState(enum.StrEnum):
    PLANNED = "planned"
    PRE_NOTICED = "pre_noticed"
    NOTICED = "noticed"
    UNDER_WAY = "under_way"
    ENDED = "ended"
    RECORD_DRAFTED = "record_drafted"
    RECORD_CONFIRMED = "record_confirmed"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


OPEN = (ActivityState.PLANNED, ActivityState.PRE_NOTICED, ActivityState.NOTICED)
"""The states in which an activity is still to come and people may answer."""
NOT_HELD = (ActivityState.CANCELLED, ActivityState.POSTPONED)
"""The states of one that does not take place, or not now."""
HELD = tuple(state for state in ActivityState if state not in NOT_HELD)


class ActivityStarted(RuleBroken):
    """The activity has begun; answers are closed."""

    key = "activity.started"


class ActivityOff(RuleBroken):
    """The activity was cancelled or postponed; there is nothing to answer or change."""

    key = "activity.off"


class TermOver(RuleBroken):
    """The activity belongs to a term that is closed: it can be read, and nothing of it changes any more."""

    key = "term.over"


class TextTooLong(RuleBroken):
    """A title, place or note must fit into the notice's one message."""

    key = "activity.text_too_long"


class InThePast(RuleBroken):
    """An activity cannot begin before now."""

    key = "activity.in_the_past"


class NoticesTooMany(RuleBroken):
    """Nobody reads so many notices of one activity."""

    key = "calls.notices_too_many"


@dataclass(frozen=True)
class Offsets:
    """How long before the start each notice goes out."""

    pre_notice: timedelta | None
    formal: timedelta
    reminders: tuple[timedelta, ...]

    @classmethod
    def of(cls, policy: Policy) -> Offsets:
        return cls(policy.pre_notice, policy.formal_notice, policy.reminders)

    @classmethod
    def listed(cls, lengths: list[timedelta]) -> Offsets:
        """From plain lengths: of three or more the longest is the pre-notice, the next the formal notice, the rest are reminders."""
        longest_first = sorted(set(lengths), reverse=True)
        pre_notice = longest_first.pop(0) if len(longest_first) > 2 else None
        return cls(pre_notice, longest_first[0], tuple(longest_first[1:]))

    def require_few(self) -> None:
        """Raise NoticesTooMany for more than people would bear."""
        if len(self.reminders) > MOST_REMINDERS:
            raise NoticesTooMany(most=MOST_REMINDERS + 2)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Offsets:
        pre_notice = data.get("pre_notice")
        return cls(
            timedelta(seconds=pre_notice) if pre_notice else None,
            timedelta(seconds=data["formal"]),
            tuple(timedelta(seconds=seconds) for seconds in data["reminders"]),
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "pre_notice": self.pre_notice.total_seconds() if self.pre_notice else None,
            "formal": self.formal.total_seconds(),
            "reminders": [reminder.total_seconds() for reminder in self.reminders],
        }


class Activity(Base):
    """One activity. ``sequence`` counts its changes, for calendars and so that an answer to an old time is not taken for the new one."""

    __tablename__ = "activities"
    __table_args__ = (
        Index("ix_activities_coming", "state", "starts_at"),
        Index("ix_activities_over", "state", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[ActivityKind]
    title: Mapped[str] = mapped_column(String(TITLE_LIMIT))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(String(PLACE_LIMIT))
    notes: Mapped[str] = mapped_column(String(NOTES_LIMIT), default="")
    audience_json: Mapped[dict[str, Any]] = mapped_column("audience")
    offsets_json: Mapped[dict[str, Any]] = mapped_column("offsets")
    state: Mapped[ActivityState] = mapped_column(default=ActivityState.PLANNED)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[datetime]
    sequence: Mapped[int] = mapped_column(default=0)
    capacity: Mapped[int | None]
    """How many may come; whoever says yes beyond it waits for a place. None where there is room for all."""
    followed_at: Mapped[datetime | None]
    """When it was last looked whether those called are still the audience."""
    frozen_at: Mapped[datetime | None]
    """Since when it belongs to a term that is closed, and changes no more. Which one, its day tells."""
    card_shown: Mapped[str] = mapped_column(String(255), default="")
    """The figures the office's card shows, so that it is edited only when they change."""
    card_shown_at: Mapped[datetime | None]

    created_by: Mapped[Person] = relationship(lazy="selectin")
    notices: Mapped[list[Notice]] = relationship("Notice", back_populates="activity", lazy="selectin", order_by="Notice.id")

    @property
    def audience(self) -> Audience:
        return Audience.from_json(self.audience_json)

    @property
    def offsets(self) -> Offsets:
        return Offsets.from_json(self.offsets_json)

    @property
    def told(self) -> bool:
        """Whether people have been told of it."""
        return any(notice.sent_at is not None for notice in self.notices)

    @property
    def frozen(self) -> bool:
        """Whether it belongs to a term that is closed."""
        return self.frozen_at is not None

    def require_unfrozen(self) -> None:
        """Raise TermOver once its term is closed."""
        if self.frozen:
            raise TermOver

    def require_open(self, *, now: datetime) -> None:
        """Raise ActivityStarted, ActivityOff or TermOver unless it is still to come."""
        self.require_unfrozen()
        if self.state in NOT_HELD:
            raise ActivityOff
        if now >= self.starts_at or self.state not in OPEN:
            raise ActivityStarted

    def require_changeable(self, *, now: datetime) -> None:
        """Raise unless its time and place may still be changed; a postponed one is given a new time this way."""
        self.require_unfrozen()
        if self.state is not ActivityState.POSTPONED:
            self.require_open(now=now)

    def move(
        self,
        *,
        now: datetime,
        to: datetime | None = None,
        place: str | None = None,
        title: str | None = None,
        notes: str | None = None,
        length: timedelta | None = None,
    ) -> None:
        """Change any of these. What was queued for an old time is void; unless told otherwise, its length stays. Raises InThePast."""
        self.require_changeable(now=now)
        if to is not None and to <= now:
            raise InThePast
        self.place = self.place if place is None else place
        self.title = self.title if title is None else title
        self.notes = self.notes if notes is None else notes
        length = length or self.ends_at - self.starts_at
        if to is not None:
            self.starts_at = to
            self.void_notices()
            if self.state is ActivityState.POSTPONED:
                self.state = ActivityState.PLANNED
        self.ends_at = self.starts_at + length
        self.sequence += 1

    def postpone(self, *, now: datetime) -> None:
        """Put it off without a new time yet."""
        self.require_open(now=now)
        self.void_notices()
        self.state, self.sequence = ActivityState.POSTPONED, self.sequence + 1

    def cancel(self, *, now: datetime) -> None:
        """Call it off for good."""
        self.require_changeable(now=now)
        self.void_notices()
        self.state, self.sequence = ActivityState.CANCELLED, self.sequence + 1

    def void_notices(self) -> None:
        for notice in self.notices:
            if notice.sent_at is None:
                notice.void = True
