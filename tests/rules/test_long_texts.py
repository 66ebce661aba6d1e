"""Long texts in parts that Telegram takes."""

from __future__ import annotations

import pytest

from handlers.long_texts import in_parts, length_of, shortened

TEXTS = ["长" * 12000, "一句话。" * 3000, "😀" * 5000, "a😀" * 3000, "短", ""]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_parts_are_the_whole_text_and_each_fits(text: str) -> None:
    parts = in_parts(text)

    assert "".join(parts) == text
    assert all(length_of(part) <= 4096 for part in parts)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_a_shortened_text_says_that_it_goes_on(text: str) -> None:
    short = shortened(text, 1000)

    assert length_of(short) <= 1000
    assert short == text or short.endswith("…")


def test_parts_end_where_a_sentence_ends() -> None:
    assert all(part.endswith("。") for part in in_parts("一句话。" * 3000))
