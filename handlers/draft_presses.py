"""What the buttons of a draft's masking and contents say, and those that show the original again."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from handlers.keyboards import Press
from models.issue_reveals import ReasonToReveal


class MaskDo(enum.StrEnum):
    SHOW = "show"
    TURN = "turn"
    MORE = "more"


@dataclass(frozen=True)
class MaskPress(Press):
    """``which`` counts the coverings of the draft as it was seen at ``version``."""

    prefix: ClassVar[str] = "dm"
    issue_id: int
    do: MaskDo
    which: int = 0
    page: int = 0
    version: int = 0


class ContentsDo(enum.StrEnum):
    SHOW = "show"
    ALBUM = "album"
    DROP = "drop"
    SHARE = "share"
    SHARE_ALL = "all"
    SPLIT = "split"
    MARK = "mark"
    SPLIT_SURE = "split2"
    TOGETHER = "whole"


@dataclass(frozen=True)
class ContentsPress(Press):
    """``piece_id`` is the piece meant, if one is: with its album, unless ``inside`` of it. ``version`` is the draft as it was seen."""

    prefix: ClassVar[str] = "dp"
    issue_id: int
    do: ContentsDo
    piece_id: int = 0
    page: int = 0
    inside: int = 0
    version: int = 0


@dataclass(frozen=True)
class RevealPress(Press):
    """Ask for the reason, or show the original for it."""

    prefix: ClassVar[str] = "rv"
    issue_id: int
    reason: ReasonToReveal
