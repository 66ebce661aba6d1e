"""What the office tells of a specialty."""

from __future__ import annotations

import pytest

from models.specialties import (
    DESCRIPTION_LENGTH,
    KEYWORDS,
    DescriptionTooLong,
    TooManyWords,
    WordTooLong,
    description_of,
    edit_keywords,
    edit_topics,
)


def test_words_are_added_once_and_those_with_a_minus_taken_out() -> None:
    edit = edit_keywords(["路灯", "公交"], "井盖、路灯，下水道 井盖\n-公交 －地铁")

    assert (edit.words, edit.added, edit.removed) == (["路灯", "井盖", "下水道"], ["井盖", "下水道"], ["公交"])


def test_sub_topics_are_told_by_the_line() -> None:
    edit = edit_topics(["集中供暖"], " 小区电梯，经常故障 \n\n- 集中供暖\n")

    assert (edit.words, edit.removed) == (["小区电梯，经常故障"], ["集中供暖"])


@pytest.mark.parametrize("said", ["", "-", "\0", "，、", "- -"])
def test_nothing_said_changes_nothing(said: str) -> None:
    assert edit_keywords(["路灯"], said).words == ["路灯"]


def test_what_is_too_long_or_too_much_is_refused() -> None:
    with pytest.raises(WordTooLong):
        edit_keywords([], "长" * 21)
    with pytest.raises(TooManyWords):
        edit_keywords([str(number) for number in range(KEYWORDS)], "路灯")
    with pytest.raises(DescriptionTooLong):
        description_of("长" * (DESCRIPTION_LENGTH + 1))


def test_a_description_is_one_paragraph() -> None:
    assert description_of(" 供水\n供电\0 ") == "供水 供电"
