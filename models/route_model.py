"""The model that routes a text to a specialty: plain numpy, learning from words alone, then from every confirmed route.

What speaks for a field is a sum of three: weights learnt by multinomial logistic regression, a smaller share of naive Bayes over the
same features, and the fields' keywords as a prior that fades as cases are learnt.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from models.route_sight import Floats, Halves, Ids, Seen, Sight
from models.route_words import Field, documents_of
from models.text_features import title_of

RATE = np.float32(3)
"""How far a step goes: far, as few steps have to do. The mean of several orders evens out what is too much."""
BAYES, SMOOTHING, UNSEEN = np.float32(0.2), np.float32(0.01), np.float32(1000)
"""The share of naive Bayes; what is added to each count, and to all counts of a field together."""
PRIOR, FADES_IN = 0.3, 200
"""The keywords' score counts for so much in the beginning, and for half of it after so many cases."""
TITLE_AGAIN = np.float32(0.4)
"""What a title says by itself counts for so much beside what all says."""
WORD_ROUNDS, ORDERS, REPLAYS = 3, 2, 2
SURE = np.float32(0.95)
"""A case that the model finds so probable teaches it nothing more."""

TOGETHER = 128
"""So many cases are read at once: more would take more room, and hardly less time."""

Lesson = tuple[Ids, Halves, int]
"""The features of a stretch of text and their values, and the column of the field it belongs to."""


@dataclass(frozen=True, slots=True)
class Case:
    """A text and the key of the field it went to."""

    text: str
    key: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A field and how likely it is the one; all of a text's add up to one."""

    key: int
    probability: float


class RouteModel:
    """Ranks the fields for a text. Two models that learnt the same in the same order are the same to the last bit."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = tuple(fields)
        self.cases = 0
        self.sight = Sight(self.fields)
        self.column = {field.key: column for column, field in enumerate(self.fields)}
        rows, columns = self.sight.size, len(self.fields)
        self.learnt, self.counts = np.zeros((rows, columns), np.float32), np.zeros((rows, columns), np.float32)
        self.totals = np.zeros(columns, np.float32)

    @classmethod
    def of(cls, fields: Sequence[Field], cases: Iterable[Case] = ()) -> RouteModel:
        """Learn from words, then from cases. In whichever order they come, the same model comes out."""
        model = cls(fields)
        known = sorted((case for case in cases if case.key in model.column), key=_fingerprint)
        batches = [known[at : at + TOGETHER] for at in range(0, len(known), TOGETHER)]
        read = [model.sight.lessons([(case.text, case.title) for case in batch]) for batch in batches]
        dice = random.Random(0)
        model._study_words((wholes for wholes, *_ in read), dice)
        if known:
            model._study_cases(batches, read, dice)
        return model

    def learn(self, case: Case) -> None:
        """Learn one more case at once; one whose field is unknown teaches nothing."""
        column = self.column.get(case.key)
        if column is None:
            return
        read = self.sight.lessons([(case.text, case.title)])
        lessons = [lesson for seen in read for lesson in self._counted(self.sight.weighed(seen), [column])]
        for _ in range(REPLAYS):
            self._study(lessons)
        self.cases += 1

    def rank(self, text: str, title: str = "") -> list[Ranked]:
        """All fields, the likeliest first; equals keep the fields' order."""
        if not self.fields:
            return []
        title = title.strip() or title_of(text)
        shares = np.array([1, TITLE_AGAIN], np.float32) / (1 + TITLE_AGAIN) if title else np.array([1, 0], np.float32)
        likely = _softmax(self._speaks(self.sight.look([(text, title), (title, "")]), shares))
        return [Ranked(self.fields[column].key, float(likely[column])) for column in np.argsort(-likely, kind="stable")]

    def _speaks(self, read: Seen, shares: Floats) -> Floats:
        """How much speaks for each field in stretches of text together, each with its share."""
        seen, share = self.sight.weighed(read), shares.take(read.stretches)
        values = seen.values * share
        sums: Floats = values @ self.learnt.take(seen.ids, axis=0, mode="clip") + BAYES * self._bayes(seen.ids, values)
        return sums + np.float32(PRIOR * FADES_IN / (FADES_IN + self.cases)) * self.sight.score(read.ids, read.values * share)

    def _bayes(self, ids: Ids, values: Floats) -> Floats:
        """How much oftener than on the average the features were met in each field."""
        counts = self.counts.take(ids, axis=0, mode="clip")
        met = counts.any(axis=1)
        shares = np.log(counts[met] + SMOOTHING) - np.log(self.totals + UNSEEN)
        sums: Floats = values[met] @ (shares - shares.mean(axis=1, keepdims=True))
        return sums

    def _study_words(self, cases: Iterable[Seen], dice: random.Random) -> None:
        """Learn the fields' own words; how telling each feature is depends on the cases too."""
        words = documents_of(self.fields)
        seen = self.sight.look([(text, "") for text, _ in words])
        self.sight.weigh(chain([seen], cases))
        lessons = self._counted(self.sight.weighed(seen), [column for _, column in words])
        for _ in range(WORD_ROUNDS):
            dice.shuffle(lessons)
            self._study(lessons)

    def _study_cases(self, batches: Sequence[Sequence[Case]], read: list[tuple[Seen, Seen, Seen]], dice: random.Random) -> None:
        """Learn all cases several times, each from the same beginning but in another order, and keep the mean: steadier than any.

        Each time goes twice through the cases: as they were told, then without their heads; each time the heads alone besides.
        """
        wholes, heads, rests = self._lessons(batches, read)
        begun = np.flatnonzero(self.learnt.any(axis=1))
        beginning = self.learnt[begun]
        total = np.zeros_like(self.learnt, np.float16)
        for _ in range(ORDERS):
            self.learnt[:] = 0
            self.learnt[begun] = beginning
            for half_counts, lessons in enumerate(([*wholes, *heads], [*rests, *heads])):
                dice.shuffle(lessons)
                half = len(lessons) // 2
                self._study(lessons[:half])
                if half_counts:
                    total += self.learnt
                self._study(lessons[half:])
            total += self.learnt
        np.divide(total, np.float32(2 * ORDERS), out=self.learnt)
        self.cases = sum(map(len, batches))

    def _lessons(self, batches: Sequence[Sequence[Case]], read: list[tuple[Seen, Seen, Seen]]) -> list[list[Lesson]]:
        """The cases as they were told, their heads alone, and how they go on. Where they are many, what few have is left out."""
        parts: list[list[Lesson]] = [[], [], []]
        for batch in reversed(batches):
            columns = [self.column[case.key] for case in batch]
            for lessons, seen in zip(parts, read.pop(), strict=True):  # what is done with is let go at once: a rebuild should be small
                lessons += self._counted(self.sight.learnable(self.sight.weighed(seen)), columns)
        return parts

    def _counted(self, seen: Seen, columns: Sequence[int]) -> list[Lesson]:
        """Count what was met in the fields, and make lessons of it."""
        values, fields = seen.values.astype(np.float32), np.array(columns, np.intp).take(seen.stretches)
        np.add.at(self.counts.reshape(-1), seen.ids * len(self.fields) + fields, values)
        self.totals += np.bincount(fields, values, len(self.fields)).astype(np.float32)
        return [(ids, values, column) for (ids, values), column in zip(seen, columns, strict=True)]

    def _study(self, lessons: Iterable[Lesson]) -> None:
        """One step down the logistic loss for each; none where the model is sure already."""
        row = np.dtype((np.void, self.learnt[0].nbytes))  # a row put as one piece is put several times faster
        rows = self.learnt.view(row)
        for ids, halves, column in lessons:  # one by one: sums over several at once took as long
            values = halves.astype(np.float32)
            weights = self.learnt.take(ids, axis=0, mode="clip")  # much faster than by index
            error = _softmax(values @ weights)
            if error[column] > SURE:
                continue
            error[column] -= 1
            error *= RATE
            weights -= values[:, np.newaxis] * error
            rows.put(ids, weights.view(row))


def _softmax(sums: Floats) -> Floats:
    raised: Floats = np.exp(sums - sums.max())
    raised /= raised.sum()
    return raised


def _fingerprint(case: Case) -> bytes:
    """An order that has nothing to do with when a case came."""
    return hashlib.sha256(f"{case.key}\0{case.title}\0{case.text}".encode("utf-8", "surrogatepass")).digest()
