"""Reading an update: every text of it is what a person can see."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reading import LONGEST, read_update
from models.plain_text import hides_something, plain

FAMILY = "👨\u200d👩\u200d👧\ufe0f 1\ufe0f\u20e3"


@pytest.mark.parametrize(
    "sign", ["\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\xad", "\x00", "\x1b", "\u3164", "\ud800", "\U000e0041"]
)
def test_what_nobody_can_see_is_taken_out(sign: str) -> None:
    assert plain(f"138{sign}00001234") == "13800001234"
    assert hides_something(sign)


def test_what_can_be_seen_stays() -> None:
    text = f"王建国\t第1条\n“积水” é שלום {FAMILY}"

    assert plain(text) == text
    assert not hides_something(text)


@given(st.text(max_size=60))
def test_a_plain_text_is_plain_and_can_be_kept(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert not hides_something(plain(text))
    plain(text).encode()


def test_every_text_of_an_update_is_plain_and_its_entities_stand_where_they_stood() -> None:
    said = {
        "text": "\u202e😀\u200b/start x",
        "entities": [{"type": "bot_command", "offset": 4, "length": 6}],
        "from": {"first_name": "王\u200b某"},
    }

    update = read_update(json.dumps({"update_id": 1, "message": said}))

    assert update["message"] == {
        "text": "😀/start x",
        "entities": [{"type": "bot_command", "offset": 2, "length": 6}],
        "from": {"first_name": "王某"},
    }


def test_an_entity_of_which_nothing_can_be_seen_is_none() -> None:
    said = {"caption": "\u200b\u200b好", "caption_entities": [{"type": "bold", "offset": 0, "length": 2}]}

    assert read_update(json.dumps({"message": said}))["message"] == {"caption": "好", "caption_entities": []}


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(ValueError, match="object"):
        read_update("[]")


def test_a_text_of_four_megabytes_is_cut_within_a_moment_however_many_entities_it_has() -> None:
    entities = [{"type": "bold", "offset": place, "length": 4_000_000} for place in range(100)]
    began = time.process_time()

    update = read_update(json.dumps({"message": {"text": "\u202e王" * 2_000_000, "entities": entities}}))

    assert len(update["message"]["text"]) == LONGEST // 2
    assert time.process_time() - began < 3
