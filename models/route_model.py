"""The model that routes a text to a specialty: plain numpy, learning from words alone, then from every confirmed route.

What speaks for a field is a sum of three: weights learnt by multinomial logistic regression (AdaGrad), a smaller share of naive Bayes over
the same features, and the fields' keywords as a prior that fades as cases are learnt.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from models.route_sight import Floats, Halves, Look, Seen, Sight
from models.route_words import Field, documents_of
from models.text_features import title_of

SHARPNESS, RATE, CAUTION = np.float32(20), np.float32(0.15), np.float32(1)
"""What the sum of weights is multiplied by; AdaGrad's learning rate, and what its sums of squares begin with."""
BAYES, SMOOTHING, UNSEEN = np.float32(0.2), np.float32(0.01), np.float32(1000)
"""The share of naive Bayes; what is added to each count, and to all counts of a field together."""
PRIOR, FADES_IN = 0.4, 200
"""The keywords' score counts for so much in the beginning, and for half of it after so many cases."""
TITLE_AGAIN = np.float32(0.4)
"""What a title says by itself counts for so much beside what all says."""
WORD_ROUNDS, ORDERS, REPLAYS = 3, 2, 2
SURE = np.float32(0.95)
"""A case that the model finds so probable teaches it nothing more."""

Lesson = tuple[bytes, int]
"""What is seen, packed, and the column of the field it belongs to."""


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
        self.learnt = np.zeros((rows, 2 * columns), np.float32)
        """The weights, and beside them AdaGrad's sums of squares: what is needed together stands together."""
        self.learnt[:, columns:] = CAUTION
        self.counts, self.totals = np.zeros((rows, columns), np.float32), np.zeros(columns, np.float32)

    @classmethod
    def of(cls, fields: Sequence[Field], cases: Iterable[Case] = ()) -> RouteModel:
        """Learn from words, then from cases. In whichever order they come, the same model comes out."""
        model = cls(fields)
        known = sorted((case for case in cases if case.key in model.column), key=_fingerprint)
        read = [[seen.packed() for seen in model.sight.lessons(case.text, case.title)] for case in known]
        dice = random.Random(0)
        model._study_words((Seen.unpacked(whole) for whole, *_ in read), dice)
        if known:
            model._study_cases(known, read, dice)
        return model

    def learn(self, case: Case) -> None:
        """Learn one more case at once; one whose field is unknown teaches nothing."""
        column = self.column.get(case.key)
        if column is None:
            return
        lessons = [self.sight.weighed(seen) for seen in self.sight.lessons(case.text, case.title)]
        for seen in lessons:
            self._count(seen, column)
        for _ in range(REPLAYS):
            for seen in lessons:
                self._study(seen, column)
        self.cases += 1

    def rank(self, text: str, title: str = "") -> list[Ranked]:
        """All fields, the likeliest first; equals keep the fields' order."""
        if not self.fields:
            return []
        sums = self._speaks(self.sight.look(text, title))
        if title := title.strip() or title_of(text):
            sums += TITLE_AGAIN * self._speaks(self.sight.look(title))
            sums /= 1 + TITLE_AGAIN
        likely = _softmax(sums)
        return [Ranked(self.fields[column].key, float(likely[column])) for column in np.argsort(-likely, kind="stable")]

    def _speaks(self, look: Look) -> Floats:
        """How much speaks for each field."""
        seen = self.sight.weighed(look.seen)
        values = seen.values.astype(np.float32)
        weights = self.learnt.take(seen.ids, axis=0, mode="clip")[:, : len(self.fields)]
        sums: Floats = values @ weights * SHARPNESS + BAYES * self._bayes(seen)
        return sums + np.float32(PRIOR * FADES_IN / (FADES_IN + self.cases)) * look.score

    def _bayes(self, seen: Seen) -> Floats:
        """How much oftener than on the average the features were met in each field."""
        counts = self.counts.take(seen.ids, axis=0, mode="clip")
        met = counts.any(axis=1)
        shares = np.log(counts[met] + SMOOTHING) - np.log(self.totals + UNSEEN)
        sums: Floats = seen.values[met].astype(np.float32) @ (shares - shares.mean(axis=1, keepdims=True))
        return sums

    def _study_words(self, cases: Iterable[Seen], dice: random.Random) -> None:
        """Learn the fields' own words; how telling each feature is depends on the cases too."""
        words = [(self.sight.look(text).seen, column) for text, column in documents_of(self.fields)]
        self.sight.weigh(chain((word for word, _ in words), cases))
        lessons = [(self.sight.weighed(word), column) for word, column in words]
        for seen, column in lessons:
            self._count(seen, column)
        for _ in range(WORD_ROUNDS):
            dice.shuffle(lessons)
            for seen, column in lessons:
                self._study(seen, column)

    def _study_cases(self, cases: Sequence[Case], read: list[list[bytes]], dice: random.Random) -> None:
        """Learn all cases several times, each from the same beginning but in another order, and keep the mean: steadier than any.

        Each time goes twice through the cases: as they were told, then without their heads; each time the heads alone besides.
        """
        wholes, heads, rests = self._lessons(cases, read)
        columns = len(self.fields)
        begun = np.flatnonzero(self.learnt[:, :columns].any(axis=1))
        beginning = self.learnt[begun]
        met = np.asarray(self.counts.any(axis=1))
        total = np.zeros((columns, np.count_nonzero(met)), np.float16)
        for _ in range(ORDERS):
            self.learnt[:, :columns], self.learnt[:, columns:] = 0, CAUTION
            self.learnt[begun] = beginning
            for half_counts, lessons in enumerate(([*wholes, *heads], [*rests, *heads])):
                dice.shuffle(lessons)
                for number, (packed, column) in enumerate(lessons):
                    if half_counts and number == len(lessons) // 2:
                        self._add_to(total, met)
                    self._study(Seen.unpacked(packed), column)
            self._add_to(total, met)
        for column, weights in enumerate(total):
            self.learnt[:, column][met] = weights.astype(np.float32) / (2 * ORDERS)
        self.cases = len(cases)

    def _add_to(self, total: Halves, met: NDArray[np.bool_]) -> None:
        """Field by field: all at once would need as much room again."""
        for column, weights in enumerate(total):
            weights += self.learnt[:, column][met]

    def _lessons(self, cases: Sequence[Case], read: list[list[bytes]]) -> tuple[list[Lesson], list[Lesson], list[Lesson]]:
        """The cases as they were told, their heads alone, and how they go on. Where they are many, what few have is left out."""
        parts: tuple[list[Lesson], list[Lesson], list[Lesson]] = ([], [], [])
        for case in reversed(cases):
            for lessons, packed in zip(parts, read.pop(), strict=False):  # what is done with is let go at once: a rebuild should be small
                seen = Seen.unpacked(packed)
                weighed, known = self.sight.weighed(seen), self.sight.shared.take(seen.ids)
                lesson, column = Seen(weighed.ids[known], weighed.values[known]), self.column[case.key]
                self._count(lesson, column)
                lessons.append((lesson.packed(), column))
        return parts

    def _count(self, seen: Seen, column: int) -> None:
        """Count what was met in a field."""
        values = seen.values.astype(np.float32)
        self.counts[seen.ids, column] += values
        self.totals[column] += values.sum()

    def _study(self, seen: Seen, column: int) -> None:
        """One step down the logistic loss; none where the model is sure already."""
        values = seen.values.astype(np.float32)
        learnt = self.learnt.take(seen.ids, axis=0, mode="clip")  # much faster than by index
        columns = len(self.fields)
        weights, squares = learnt[:, :columns], learnt[:, columns:]
        error = _softmax(values @ weights * SHARPNESS)
        if error[column] > SURE:
            return
        error[column] -= 1
        gradient = values[:, np.newaxis] * error
        squares += gradient * gradient
        gradient *= RATE
        gradient /= np.sqrt(squares)
        weights -= gradient
        self.learnt[seen.ids] = learnt


def _softmax(sums: Floats) -> Floats:
    raised: Floats = np.exp(sums - sums.max())
    raised /= raised.sum()
    return raised


def _fingerprint(case: Case) -> bytes:
    """An order that has nothing to do with when a case came."""
    return hashlib.sha256(f"{case.key}\0{case.title}\0{case.text}".encode("utf-8", "surrogatepass")).digest()
