"""What is compared: the Home's model, and what it must be better than."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from models.route_model import Case, RouteModel
from models.route_words import Field
from tests.benchmarks.measures import Answer
from tests.benchmarks.messages import Message

Form = Callable[[Message], tuple[str, str]]
"""How a message is put as a question: its text, and its title where that stands apart."""
Ranker = Callable[[Sequence[Message], Form], list[Answer]]

FORMS: dict[str, Form] = {
    "title apart": lambda message: (message.body, message.title),
    "title in the first line": lambda message: (message.text, ""),
    "body only": lambda message: (message.body, ""),
    "title only": lambda message: ("", message.title),
}


def home_model(fields: tuple[Field, ...], learnt: Sequence[Message]) -> Ranker:
    """The model as the Home makes it."""
    return of_model(RouteModel.of(fields, cases_of(learnt)))


def cases_of(learnt: Sequence[Message]) -> list[Case]:
    """Messages as the Home learns them: the title is the first line."""
    return [Case(message.text, message.key) for message in learnt]


def of_model(model: RouteModel) -> Ranker:
    """What a model says."""

    def answer(message: Message, form: Form) -> Answer:
        ranking = model.rank(*form(message))
        return Answer(tuple(each.key for each in ranking), ranking[0].probability, message.key)

    return lambda asked, form: [answer(message, form) for message in asked]


def keywords_alone(fields: tuple[Field, ...], learnt: Sequence[Message]) -> Ranker:
    """The score of the keywords said, and nothing learnt from anything."""
    sight = RouteModel(fields).sight

    def answer(message: Message, form: Form) -> Answer:
        seen = sight.look([form(message)])
        return _by_scores(sight.score(seen.ids, seen.values.astype(np.float32)), message)

    return lambda asked, form: [answer(message, form) for message in asked]


def linear_svm(fields: tuple[Field, ...], learnt: Sequence[Message]) -> Ranker:
    """What one would take from a shelf: TF-IDF of characters and their pairs, and a linear support vector machine."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # only the benchmark's environment has it
    from sklearn.svm import LinearSVC

    words, machine = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), sublinear_tf=True), LinearSVC()
    machine.fit(words.fit_transform([message.text for message in learnt]), [message.key for message in learnt])
    keys = machine.classes_

    def ranked(asked: Sequence[Message], form: Form) -> list[Answer]:
        texts = ["\n".join(filter(None, reversed(form(message)))) for message in asked]
        scores = machine.decision_function(words.transform(texts))
        return [_by_scores(each, message, keys) for each, message in zip(scores, asked, strict=True)]

    return ranked


def _by_scores(scores: np.ndarray, message: Message, keys: Sequence[int] | None = None) -> Answer:
    """By scores that are no probabilities: as sure as the first is ahead of the second."""
    order = np.argsort(-scores, kind="stable")
    ranking = tuple(int(keys[place]) if keys is not None else int(place) for place in order)
    return Answer(ranking, float(scores[order[0]] - scores[order[1]]), message.key)
