"""The deputy's word on the masking of a draft: a false hit stays readable, and more is covered."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.issues import Issue
from models.masking import WORDS_LIMIT, mask
from models.rules import Gone, RuleBroken

WORD_LENGTH = 200


class NotInText(RuleBroken):
    """Only what stands in the text can be covered."""

    key = "desk.not_in_text"


class TooManyCovered(RuleBroken):
    """Whoever wants to cover that much had better write it anew."""

    key = "desk.too_many_covered"


@dataclass(frozen=True)
class Covering:
    """Words that were taken for personal, by the masker or by the deputy, and whether they are covered."""

    words: str
    covered: bool


def coverings(issue: Issue) -> list[Covering]:
    """All that was found, in the order of the text, then what the deputy covered besides."""
    text = issue.raw_text
    found = dict.fromkeys(text[span.start : span.end] for span in mask(text, issue.known_names()).found)
    kept = [words for words in issue.readable if words in text]  # such as one that only hides behind a longer one
    listed = [Covering(words, words not in issue.readable) for words in dict.fromkeys([*found, *kept])]
    return [*listed, *(Covering(words, covered=True) for words in issue.cover_more)]


def turn_covering(issue: Issue, which: int) -> Covering:
    """Uncover what is covered, or cover it again; gives what it was. Raises Gone when there is no such thing."""
    issue.require_draft()
    all_of_them = coverings(issue)
    if not 0 <= which < len(all_of_them):
        raise Gone
    chosen = all_of_them[which]
    if which >= len(all_of_them) - len(issue.cover_more):
        issue.cover_more = [words for words in issue.cover_more if words != chosen.words]
    elif chosen.covered:
        issue.readable = [*issue.readable, chosen.words]
    else:
        issue.readable = [words for words in issue.readable if words != chosen.words]
    issue.version += 1
    return chosen


def cover_also(issue: Issue, said: str) -> list[str]:
    """Cover these words too, one a line or parted by 、. Raises NotInText, TooManyCovered."""
    issue.require_draft()
    words = [part.strip() for part in re.split(r"[\n、]", said) if part.strip()]
    text = issue.raw_text
    for word in words:
        if word not in text or len(word) > WORD_LENGTH:
            raise NotInText(words=word[:60])
    already = {covering.words for covering in coverings(issue) if not covering.covered}
    issue.readable = [word for word in issue.readable if word not in words]
    more = [*issue.cover_more, *(word for word in dict.fromkeys(words) if word not in issue.cover_more and word not in already)]
    if len(more) > WORDS_LIMIT:
        raise TooManyCovered(limit=WORDS_LIMIT)
    issue.cover_more = more
    issue.version += 1
    return words
