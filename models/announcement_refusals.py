"""Why something cannot be done with an announcement."""

from __future__ import annotations

from models.rules import RuleBroken


class TextTooLong(RuleBroken):
    """The text is longer than people read in a chat."""

    key = "announcements.too_long"


class TooManyFiles(RuleBroken):
    """More files than one announcement carries."""

    key = "announcements.too_many_files"


class NothingSaid(RuleBroken):
    """An announcement without words and files."""

    key = "announcements.nothing_said"


class NobodyToTell(RuleBroken):
    """The audience is empty."""

    key = "announcements.nobody"


class Withdrawn(RuleBroken):
    """The announcement has been taken back."""

    key = "announcements.is_withdrawn"


class ChangedSince(RuleBroken):
    """It says something else now than what the person read."""

    key = "announcements.changed_since"


class RemindedLately(RuleBroken):
    """The silent have been reminded a short while ago."""

    key = "announcements.reminded_lately"


class NobodySilent(RuleBroken):
    """Everybody reached has confirmed."""

    key = "announcements.nobody_silent"
