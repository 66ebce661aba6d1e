"""Long texts in parts that Telegram takes."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from handlers.issue_cards import HOME_TEXT, REMARK_TEXT, REMARKS_SHOWN
from handlers.long_texts import in_parts, length_of, shortened
from handlers.mailbox_lists import BLOCKED_SHOWN
from handlers.texts import Texts
from models.issue_pieces import PieceKind
from models.issues import Issue, IssueState
from models.mailbox import Letter
from models.mailbox_senders import Sender
from models.people import Person, Specialty
from models.policy import Policy
from models.referrals import ReasonToDecline, Referral, ReferralState
from models.remarks import Remark

POLICY = Policy()

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


def test_cards_full_of_reasons_fit_into_a_message() -> None:
    texts, at = Texts(POLICY.languages, POLICY.timezone), datetime(2026, 3, 10, tzinfo=UTC)
    adviser = Person(id=1, name="欧阳明月")
    issue = Issue(number="2026-0042", state=IssueState.ADVISED, specialty=Specialty(name="教育科技文化卫生"), deputy=adviser)
    referral = Referral(state=ReferralState.DECLINED, person=adviser, reason=ReasonToDecline.OWN_WORDS, reason_text="😀" * 200)
    remark = Remark(author=adviser, kind=PieceKind.VIDEO_NOTE)
    home = {
        "issue": issue,
        "referrals": [referral] * 8,
        "remarks": [(remark, "意" * REMARK_TEXT)] * REMARKS_SHOWN,
        "text": "长" * HOME_TEXT,
    }
    blocked = Sender(blocked_for=Letter(code="ABCD2345"), blocked_at=at, block_reason="骂" * 300)

    for language in POLICY.languages:
        cards = [
            texts.render("issues/home", language, specialties=[issue.specialty], task=None, away={}, **home),
            texts.render("outcomes/left_behind", language, **home),
            texts.render("mailbox/blocked", language, senders=[blocked] * BLOCKED_SHOWN),
        ]
        assert max(length_of(re.sub("<[^>]*>", "", card)) for card in cards) < 4096
