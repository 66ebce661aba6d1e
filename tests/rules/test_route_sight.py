"""How the routing model reads texts."""

from __future__ import annotations

import numpy as np
import pytest

from models.route_sight import REST, Seen, Sight, Text
from models.route_words import Field

FIELDS = (Field(1, ("路灯", "下水道", "灯")), Field(2, ("食堂", "5g", "“双减”")))
TEXTS: list[Text] = [
    ("", ""),
    ("长", ""),
    ("灯", ""),
    (" \n", ""),
    ("下水", ""),
    ("道堵了", ""),
    ("路灯坏了，路灯又坏了\n我们小区门口的路灯坏了三天，下水道也堵了，请尽快派人来修。" * 3, ""),
    ("孩子说食堂的饭菜不好吃，5G也没有。", "学校食堂"),
    ("只有一行，没有标题，“双减”以后怎么办", ""),
    ("", "只有标题"),
    ("，。！", "12345"),
    ("\ud800灯\udfff", "\ud800"),
    ("𠮷野家门口没有路灯\n😀 ＡＢＣ ①②③", ""),
    ("长" * 30_000, ""),
]


@pytest.fixture(scope="module")
def sight() -> Sight:
    return Sight(FIELDS)


def rows(seen: Seen) -> list[tuple[list[int], list[float]]]:
    return [(ids.tolist(), values.tolist()) for ids, values in seen]


def said(sight: Sight, text: str, title: str = "") -> dict[str, float]:
    """The keywords seen in a text, with their values."""
    keywords, seen = list(sight.keywords.owners), sight.look([(text, title)])
    found = zip(seen.ids.tolist(), seen.values.tolist(), strict=True)
    return {keywords[id - int(sight.bounds[-1])]: value for id, value in found if id >= sight.bounds[-1]}


def test_texts_read_together_are_seen_as_if_each_stood_alone(sight: Sight) -> None:
    together = [rows(seen) for seen in (sight.look(TEXTS), *sight.lessons(TEXTS))]

    each_alone = [(sight.look([text]), *sight.lessons([text])) for text in TEXTS]
    assert together == [[row for seen in alone for row in rows(seen)] for alone in zip(*each_alone, strict=True)]


def test_texts_weighed_together_are_weighed_as_if_each_stood_alone() -> None:
    sight = Sight(FIELDS)
    sight.weigh([sight.look(TEXTS)])

    together = rows(sight.weighed(sight.look(TEXTS)))

    assert together == [rows(sight.weighed(sight.look([text])))[0] for text in TEXTS]


def test_what_few_have_is_left_out_of_each() -> None:
    sight = Sight(FIELDS)
    seen = sight.look(TEXTS)
    sight.shared[::2] = False

    assert rows(sight.learnable(seen)) == [(ids[ids % 2 == 1].tolist(), values[ids % 2 == 1].tolist()) for ids, values in seen]


def test_a_keyword_tells_more_the_oftener_it_is_said_and_in_the_head(sight: Sight) -> None:
    story = "我们小区门口的路灯坏了，一到晚上什么也看不见，老人孩子出门都害怕，已经好几天没有人来管了，请问什么时候能修好"

    assert said(sight, f"{story}，路灯") == pytest.approx({"路灯": 2 + np.log(2), "灯": 2 + np.log(2)}, abs=1e-3)
    assert said(sight, f"{story}，下水道也堵了")["下水道"] == 1
    assert said(sight, "“双减”，5Ｇ") == {"“双减”": 2, "5g": 2}


@pytest.mark.parametrize(("text", "scores"), [("下水道堵了", [3, 0]), ("食堂", [0, 2]), ("", [0, 0])])
def test_keywords_speak_for_their_fields(sight: Sight, text: str, scores: list[float]) -> None:
    seen = sight.look([(text, "")])

    assert sight.score(seen.ids, seen.values.astype(np.float32)).tolist() == pytest.approx(scores)


def test_a_lesson_on_how_a_text_goes_on_is_short_and_has_nothing_of_the_head(sight: Sight) -> None:
    _, heads, rests = sight.lessons([("路灯坏了\n" + "食" * 30 + "堂" * 200, ""), ("路灯坏了", "")])

    in_heads, in_rests = rows(heads), rows(rests)
    assert in_rests[1] == ([], [])
    assert in_heads[0][0] == in_heads[1][0]
    assert max(in_rests[0][1]) == pytest.approx(1 + np.log(REST - 30), abs=1e-2)
