"""The home deputy's card of a numbered issue, which keeps showing the present state; and the office's view of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handlers.advice_presses import SecondPress
from handlers.draft_presses import RevealPress
from handlers.issue_presses import IssueDo, IssuePress
from handlers.keyboards import Button, Keyboard
from handlers.long_texts import shortened
from handlers.outcome_presses import HandoverDo, HandoverPress, ReportDo, ReportPress
from handlers.post import Post
from handlers.texts import t
from models.absence import absences_of
from models.area_tasks import AreaTask, area_at_work, pending_task
from models.consultations import consulted
from models.issue_reveals import ReasonToReveal
from models.issues import Issue, IssueState
from models.people import Person
from models.referrals import Referral, ReferralState, referrals_of
from models.remarks import Remark, remarks_of

HOME_TEXT, LIST_TEXT = 900, 30
REMARKS_SHOWN, REMARK_TEXT = 4, 300


def issue_key(issue: Issue) -> str:
    return f"issue:{issue.id}"


async def show_home_card(post: Post, issue: Issue, *, afresh: bool = False, keyboard: Keyboard | None = None) -> None:
    """The home deputy's card: state, who was asked, what was said, and what can be done. None any more for one who has left the roster."""
    if not issue.deputy.serves:
        return
    referrals, remarks = await referrals_of(post.session, issue), await remarks_of(post.session, issue)
    task = await pending_task(post.session, issue) if issue.live else None
    await post.card(
        issue_key(issue),
        issue.deputy,
        "issues/home",
        keyboard=home_buttons(issue, referrals, remarks, task) if keyboard is None else keyboard,
        subject=issue_key(issue),
        afresh=afresh,
        task=task,
        area=await area_at_work(post.session, task) if task is not None else None,
        specialties=await consulted(post.session, issue),
        away=await absences_of(post.session, [r.person for r in referrals if r.awaited], now=post.now),
        **_seen(issue, referrals, remarks, HOME_TEXT),
    )


def _seen(issue: Issue, referrals: Sequence[Referral], remarks: Sequence[Remark], text_limit: int) -> dict[str, Any]:
    return {
        "issue": issue,
        "referrals": referrals[-8:],
        "remarks": [(remark, shortened(covered(issue, remark), REMARK_TEXT)) for remark in remarks[-REMARKS_SHOWN:]],
        "text": shortened(issue.shared_text, text_limit),
    }


def covered(issue: Issue, remark: Remark) -> str:
    """A remark as anybody else may read it: the home deputy knows who the constituent is, and may have said so."""
    return remark.text if remark.is_opinion else issue.covered(remark.text)


async def office_view(post: Post, issue: Issue) -> dict[str, Any]:
    """What the office sees of an issue: never more than was shared."""
    return _seen(issue, await referrals_of(post.session, issue), await remarks_of(post.session, issue), HOME_TEXT)


def office_buttons(issue: Issue) -> list[Button]:
    """What the office can do with the issue of a deputy who has left: close it or give it to another; once it is closed, reopen it."""
    if issue.state is IssueState.CLOSED:
        return [Button(t("issue.do.reopen"), IssuePress(issue.id, IssueDo.REOPEN))]
    ways = (HandoverDo.CLOSE, HandoverDo.CHOOSE) if issue.live else ()
    return [Button(t(f"handover.do.{do.name.lower()}"), HandoverPress(issue.id, do)) for do in ways]


def home_buttons(issue: Issue, referrals: Sequence[Referral], remarks: Sequence[Remark], task: AreaTask | None) -> list[list[Button]]:
    def button(do: IssueDo) -> Button:
        return Button(t(f"issue.do.{do.name.lower()}"), IssuePress(issue.id, do))

    kept = issue.identity_forgotten_at is None
    original = [Button(t("desk.do.original"), RevealPress(issue.id, ReasonToReveal.ASK))] if kept else []
    if issue.state is IssueState.CLOSED:
        return [[button(IssueDo.REOPEN), *original]]
    if not issue.live:
        return []
    heard = any(remark.is_opinion for remark in remarks) or any(r.state is ReferralState.ACCEPTED for r in referrals)
    first = [button(IssueDo.REPLY)] if heard else [button(IssueDo.REDIRECT)] if issue.state is IssueState.OPEN else []
    second = [button(IssueDo.WITHDRAW)] if issue.state in (IssueState.OPEN, IssueState.REFERRED) else []
    taking_back = [Button(t("area.do.take_back"), ReportPress(task.id, ReportDo.TAKE_BACK, task.round))] if task is not None else []
    further = Button(t("advice.do.second"), SecondPress(issue.id, 0))
    return [[*first, button(IssueDo.CLOSE)], [*second, further], [*taking_back, *original]]


def title_of(issue: Issue, texts: Post, reader: Person) -> str:
    """One line for a button: number, state, and how it begins."""
    state = texts.texts.say(t(f"issue.state.{issue.state}"), reader.language)
    return f"{issue.number} {state} {shortened(issue.shared_text.replace(chr(10), ' '), LIST_TEXT)}"
