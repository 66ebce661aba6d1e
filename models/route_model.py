"""The model that routes a text to a specialty: plain numpy, learning from words alone, then from every confirmed route.

What speaks for a field is a sum of three: weights learnt by multinomial logistic regression (AdaGrad), a smaller share of naive Bayes over
the same features, and the fields' keywords as a prior that fades as cases are learnt.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from models.route_sight import Floats, Look, Seen, Sight
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
WORD_ROUNDS, REPLAYS = 3, 2


@dataclass(frozen=True)
class Case:
    """A text and the key of the field it went to."""

    text: str
    key: int
    title: str = ""


@dataclass(frozen=True)
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
        words = [(model.sight.look(text).whole, column) for text, column in documents_of(model.fields)]
        looks = [model.sight.look(case.text, case.title) for case in known]
        model.sight.weigh([*(word for word, _ in words), *(look.whole for look in looks)])
        words = [(model.sight.weighed(word), column) for word, column in words]
        dice = random.Random(len(known))
        for number in range(WORD_ROUNDS):
            dice.shuffle(words)
            for word, column in words:
                model._study(word, column, anew=not number)
        if known:
            model._study_cases(known, looks, dice)
        return model

    def learn(self, case: Case) -> None:
        """Learn one more case at once; one whose field is unknown teaches nothing."""
        column = self.column.get(case.key)
        if column is None:
            return
        look = self.sight.look(case.text, case.title)
        lessons = [self.sight.weighed(seen) for seen in (look.whole, look.head, self.sight.rest(case.text, case.title)) if seen is not None]
        for number in range(REPLAYS):
            for seen in lessons:
                self._study(seen, column, anew=not number)
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
        seen = self.sight.weighed(look.whole)
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

    def _study_cases(self, cases: Sequence[Case], looks: list[Look], dice: random.Random) -> None:
        """Twice through the cases: as they were told, then without their heads; each time the heads alone besides.

        The weights are the mean of those half way through the second time and at its end: steadier than either.
        """
        columns, weighed = [self.column[case.key] for case in cases], self.sight.weighed
        heads: list[Seen] = []
        lessons: list[tuple[Seen, int]] = []
        for column in reversed(columns):  # what is done with is let go at once: a rebuild should be small
            look = looks.pop()
            heads.append(weighed(look.head))
            lessons += ((heads[-1], column), (weighed(look.whole), column))
        heads.reverse()
        dice.shuffle(lessons)
        while lessons:
            self._study(*lessons.pop(), anew=True)
        weights = self.learnt[:, : len(self.fields)]
        half_way = weights
        order = [(place, alone) for place in range(len(cases)) for alone in (False, True)]
        dice.shuffle(order)
        for number, (place, alone) in enumerate(order):
            if number == len(cases):
                half_way = weights.copy()
            if alone:
                self._study(heads[place], columns[place], anew=False)
            elif rest := self.sight.rest(cases[place].text, cases[place].title):
                self._study(weighed(rest), columns[place], anew=True)
        weights += half_way
        weights /= 2
        self.cases = len(cases)

    def _study(self, seen: Seen, column: int, *, anew: bool) -> None:
        """One step down the logistic loss; what is seen anew is counted too."""
        values = seen.values.astype(np.float32)
        if anew:
            self.counts[seen.ids, column] += values
            self.totals[column] += values.sum()
        learnt = self.learnt.take(seen.ids, axis=0, mode="clip")  # much faster than by index
        columns = len(self.fields)
        weights, squares = learnt[:, :columns], learnt[:, columns:]
        error = _softmax(values @ weights * SHARPNESS)
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
