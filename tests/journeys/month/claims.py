"""What must hold at the end of the month. Each claim gives what contradicts it, as sentences that name the issue."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from models.area_tasks import PENDING, AreaTaskState
from models.issues import ClosedAs, Issue, IssueState
from models.policy import Policy
from models.referrals import ReferralState
from tests.journeys.month.cast import Month
from tests.journeys.month.record import Offer, Record

TRIES = Policy().referral_tries
USUAL = (
    "area.done",
    "circle.topic_gone",
    "issue.advised",
    "issue.answered",
    "issue.topic_gone",
    "person.away",
    "referral.accepted",
    "referral.declined",
    "referral.lapsed",
    "suggestion.drafted",
)
RARER = (
    "area.sent_back",
    "issue.redirected",
    "issue.reopened",
    "issue.second_opinion",
    "issue.withdrawn",
    "person.back",
    "referral.handed_on",
    "referral.named",
    "suggestion.agreed",
)
"""What happens in any few days, and in any month."""


def never_happened(record: Record, expected: tuple[str, ...]) -> list[str]:
    """A month in which nothing goes wrong proves nothing."""
    happened = {entry.action for entry in record.log}
    return [action for action in expected if action not in happened]


def lost_matters(record: Record, month: Month) -> list[str]:
    """Every matter that was brought is one issue, and every issue is one matter."""
    issues = Counter(matter.secret.phone for issue_id, matter in month.issues.items() if record.issues[issue_id].number is not None)
    wrong = [matter for matter in month.matters if issues[matter.secret.phone] != 1]
    return [f"{matter.text.words[:30]!r}, told by {matter.secret.phone}, became {issues[matter.secret.phone]} issues" for matter in wrong]


def unacceptable_ends(record: Record, now: datetime) -> list[str]:
    """Every issue is over with an outcome, or somebody has the ball: by a date, or the office by a card in its chat."""
    found = []
    for issue in record.issues.values():
        if issue.state is IssueState.CLOSED:
            found += [f"{record.label(issue.id)} {problem}" for problem in _wrong_endings(record, issue)]
        elif issue.state is IssueState.DRAFT:
            found.append(f"{record.label(issue.id)} of {issue.deputy.name} is a draft still")
        elif issue.live and not _has_the_ball(record, issue, now):
            asked = ", ".join(f"{each.person.name} {each.state}" for each in record.referrals[issue.id]) or "nobody"
            found.append(f"{record.label(issue.id)} of {issue.deputy.name} hangs: nobody has it by a date; asked were {asked}")
    return found


def _wrong_endings(record: Record, issue: Issue) -> list[str]:
    """A closed issue has one outcome that stands, and nothing about it is open."""
    standing = [outcome for outcome in record.outcomes[issue.id] if outcome.undone_at is None]
    if [outcome.closed_as for outcome in standing] != [issue.closed_as]:
        return [f"was closed as {issue.closed_as}, and its outcomes are {[outcome.closed_as.value for outcome in standing]}"]
    found = []
    if issue.closed_as is ClosedAs.OUT_OF_SCOPE and standing[0].address is None:
        found.append("is out of scope, and nobody was told where it belongs")
    if issue.closed_as is ClosedAs.HANDED_TO_AREA and record.tasks[issue.id][-1].state is not AreaTaskState.DONE:
        found.append("was closed by its area, which has not reported")
    if any(task.state in PENDING for task in record.tasks[issue.id]):
        found.append("is closed, and an area is asked to see to it still")
    if any(referral.state is ReferralState.OFFERED for referral in record.referrals[issue.id]):
        found.append("is closed, and is offered to somebody still")
    return found


def _has_the_ball(record: Record, issue: Issue, now: datetime) -> bool:
    """Whether somebody is waited for until a date that has not gone by, or the office was told with a card."""
    for referral in record.referrals[issue.id]:
        until = referral.lapses_at if referral.state is ReferralState.OFFERED else referral.remind_at
        if referral.awaited and referral.person.active and until is not None and until > now:
            return True
    if any(task.state in PENDING and task.remind_at is not None and task.remind_at > now for task in record.tasks[issue.id]):
        return True
    return issue.state is IssueState.OPEN and issue.id in record.asks_office


def offers_against_the_rules(record: Record, month: Month) -> list[str]:
    """Who was asked though the rules leave them out, worked out anew from the log alone."""
    found = []
    for offer in record.offers:
        for problem in _problems(record, month, offer):
            found.append(f"{record.label(offer.issue_id)} was offered to {offer.person.name} on {offer.at:%d %B %H:%M}, {problem}")
    return found


def _problems(record: Record, month: Month, offer: Offer) -> list[str]:
    issue, person, found = record.issues[offer.issue_id], offer.person, []
    if person.id == issue.deputy_id:
        found.append("who brought it")
    if not record.named(offer) and not {specialty.name for specialty in person.specialties} & _consulted(record, offer):
        found.append(f"who is of {[specialty.name for specialty in person.specialties]}, not of {_consulted(record, offer)}")
    if (unit := month.matter_of(issue.id).unit) and person.employer == unit:
        found.append(f"who is employed by the unit it names, {unit}")
    if _was_away(record, offer):
        found.append("who was away")
    if _was_asked_before(record, offer):
        found.append("who had been asked before")
    if (tries := _tries_before(record, month, offer)) >= TRIES:
        found.append(f"after {tries} others, when it was for the office to see to it")
    return found


def _consulted(record: Record, offer: Offer) -> set[str]:
    """The specialties asked about it up to then: the one confirmed or turned to last, and those of second opinions."""
    at_home = [entry for action in ("issue.confirmed", "issue.redirected") for entry in record.of_issue(action, offer.issue_id)]
    own = [entry.details["specialty"] for entry in sorted(at_home, key=lambda entry: entry.id) if entry.id < offer.entry][-1:]
    return {
        *own,
        *(entry.details["specialty"] for entry in record.of_issue("issue.second_opinion", offer.issue_id) if entry.id < offer.entry),
    }


def _was_away(record: Record, offer: Offer) -> bool:
    """Gone away by then, until later, and not come back in between."""
    leaving = [entry for entry in record.of_person("person.away", offer.person.id) if entry.id < offer.entry]
    if not leaving or datetime.fromisoformat(leaving[-1].details["until"]) <= offer.at:
        return False
    return not any(leaving[-1].id < entry.id < offer.entry for entry in record.of_person("person.back", offer.person.id))


def _was_asked_before(record: Record, offer: Offer) -> bool:
    """The Home asks nobody twice. The office may; and an offer that was withdrawn before it was answered does not count."""
    before = [
        each for each in record.offers if each.issue_id == offer.issue_id and each.person is offer.person and each.entry < offer.entry
    ]
    if not before or record.named(offer):
        return False
    [referral] = [each for each in record.referrals[offer.issue_id] if each.person_id == offer.person.id]
    ended = [entry for entry in record.log if entry.action == "referral.ended" and entry.subject == f"referral:{referral.id}"]
    return not any(before[-1].entry < entry.id < offer.entry for entry in ended)


def _tries_before(record: Record, month: Month, offer: Offer) -> int:
    """How many the Home had asked for this specialty since the issue was shared, turned elsewhere, or taken up again."""
    if record.named(offer) or (offer.issue_id, offer.person.id) in month.handed_on:
        return 0
    begins = ("issue.redirected", "issue.reopened", "issue.confirmed")
    began = max(entry.id for action in begins for entry in record.of_issue(action, offer.issue_id) if entry.id < offer.entry)
    others = {
        each.person.id
        for each in record.offers
        if each.issue_id == offer.issue_id and each.specialty_id == offer.specialty_id and began < each.entry < offer.entry
    }
    return len(others - {offer.person.id})


def uneven_loads(record: Record, month: Month) -> list[str]:
    """Among equals nobody is asked more than twice as often as another; whom a colleague, a deputy or the office chose does not count."""
    found = []
    for specialty, loads in loads_of_equals(record, month).items():
        if max(loads.values()) > 2 * max(min(loads.values()), 1):
            found.append(f"{specialty}: {loads}")
    return found


def loads_of_equals(record: Record, month: Month) -> dict[str, dict[str, int]]:
    """By specialty, how often each of those was asked whom nothing but chance tells apart."""
    asked = Counter(
        offer.person.telegram_id
        for offer in record.offers
        if not record.named(offer) and (offer.issue_id, offer.person.id) not in month.handed_on | record.wished
    )
    found: dict[str, dict[str, int]] = {}
    for each in month.specialists.values():
        if each.equal:
            found.setdefault(each.specialty, {})[each.phone.name] = asked[each.phone.id]
    return {specialty: loads for specialty, loads in found.items() if len(loads) > 1}
