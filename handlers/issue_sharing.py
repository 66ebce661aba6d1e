"""Sharing an issue: the circle's card, the offer to a specialist, the attachments. Copies without captions, never forwards."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import PurePath
from typing import Any

from handlers.issue_cards import show_home_card
from handlers.issue_circle_card import show_circle_card, show_in_circle, take_away_elsewhere
from handlers.issue_places import circle_subject, circles_of_issue, place_in, shared_subject
from handlers.long_texts import in_parts
from handlers.nobody_left import refresh_nobody_left, tell_nobody_left
from handlers.offer_card import has_long_text, show_offer
from handlers.post import Place, Post
from handlers.texts import t
from models.circles import Circle, circles_of_specialty
from models.issue_pieces import IssuePiece
from models.issues import Issue, issue_by_id
from models.offering import BUSY, needs_somebody, nobody_asked, offer_next
from models.outbox import OutboxMessage, OutboxState
from models.people import Person, Role, Specialty, people_with
from models.referrals import Referral, referrals_of, renew_promises

COPIED_AT_ONCE = 100


async def share_first(post: Post, issue: Issue, *, preferred: int) -> None:
    """The deputy confirmed: into the circle, and to the specialist that was shown."""
    referral = await offer_next(post.session, issue, post.policy, now=post.now, preferred=preferred)
    placed = await share_in_circle(post, issue)
    if referral is not None:
        await make_offer(post, referral)
    await _fetch_files(post, issue)
    if not placed and referral is not None:
        for person in await people_with(post.session, Role.OFFICE):
            await post.tell(person, "issues/no_circle", issue=issue)
    if referral is None:
        await tell_nobody_left(post, issue)
    await show_home_card(post, issue)


async def share_in_circle(post: Post, issue: Issue, *, anew: bool = False) -> bool:
    """Into every circle of the issue's own specialty; False without a group for any: then the specialist is asked all the same.

    ``anew``, after another specialty was chosen: cards in circles no longer consulted go away, this one is sent afresh.
    """
    circles = await circles_of_specialty(post.session, issue.specialty) if issue.specialty is not None else []
    if anew:
        await take_away_elsewhere(post, issue)
    for circle in circles:
        await share_in(post, issue, circle, afresh=anew)
    return bool(circles)


async def share_in(post: Post, issue: Issue, circle: Circle, *, afresh: bool = False) -> None:
    """The card and the attachments into one circle; once the issue's own topic is there, if one is being made."""
    place = await show_in_circle(post, issue, circle, afresh=afresh)
    if place is not None:
        await share_attachments(post, issue, place, circle_subject(issue, circle))


async def consult(
    post: Post, issue: Issue, specialty: Specialty, known: Collection[int], *, preferred: int | None = None
) -> Referral | None:
    """Another specialty is asked for its opinion: into its circles, but those ``known`` to have the issue, and to a specialist.

    None when nobody can be asked; then the office is told.
    """
    circles = await circles_of_specialty(post.session, specialty)
    referral = await offer_next(post.session, issue, post.policy, now=post.now, specialty_id=specialty.id, preferred=preferred)
    for circle in circles:
        if circle.id not in known:
            await share_in(post, issue, circle)
    if referral is not None:
        await make_offer(post, referral)
    else:
        await tell_nobody_left(post, issue, specialty)
    await _refresh(post, issue)
    return referral


async def make_offer(post: Post, referral: Referral) -> None:
    """Everything a specialist needs to advise, the card with the buttons last."""
    issue = referral.issue
    if has_long_text(referral):
        parts = in_parts(issue.shared_text)
        for number, part in enumerate(parts, start=1):
            await post.tell(
                referral.person, "issues/whole_text", subject=shared_subject(issue), issue=issue, part=part, number=number, parts=len(parts)
            )
    await share_attachments(post, issue, referral.person)
    await show_offer(post, referral)


async def pass_on(post: Post, issue: Issue, left: Referral | None) -> None:
    """Ask the next specialist if one is needed; ``left`` is the one who will not advise, of whom the deputy is told."""
    specialty_id = left.specialty_id if left is not None else None
    if left is None:
        await renew_promises(post.session, issue, post.policy, now=post.now)
    if not await needs_somebody(post.session, issue, specialty_id):
        await nobody_asked(post.session, issue)
        await refresh_nobody_left(post, issue)
        await _refresh(post, issue)
        return
    following = await offer_next(post.session, issue, post.policy, now=post.now, specialty_id=specialty_id)
    if following is not None:
        await make_offer(post, following)
        await refresh_nobody_left(post, issue)
        if left is not None and issue.deputy.serves:
            await post.tell(issue.deputy, "issues/passed_on", subject=f"issue:{issue.id}", issue=issue, left=left, following=following)
    else:
        specialty = await post.session.get(Specialty, specialty_id) if specialty_id is not None else None
        await tell_nobody_left(post, issue, specialty)
    await _refresh(post, issue)


async def _refresh(post: Post, issue: Issue) -> None:
    await show_home_card(post, issue)
    await show_circle_card(post, issue)


async def share_attachments(post: Post, issue: Issue, to: Person | Place, subject: str | None = None) -> None:
    """What the deputy chose to share besides the text, as copies without captions."""
    subject = subject or shared_subject(issue)
    copied = [piece for piece in issue.attachments if not piece.has_name]
    for chat_id in dict.fromkeys(piece.chat_id for piece in copied):  # more than one when the deputy changed accounts
        ids = [piece.message_id for piece in copied if piece.chat_id == chat_id]
        for start in range(0, len(ids), COPIED_AT_ONCE):
            await post.copy(to, chat_id, ids[start : start + COPIED_AT_ONCE], without_captions=True, subject=subject)
    for piece in issue.attachments:
        if piece.attachment is not None:
            await _send_file(post, piece, issue, to, subject)


async def _send_file(post: Post, piece: IssuePiece, issue: Issue, to: Person | Place, subject: str) -> None:
    await post.tell(to, "plain", text=t("issue.file", number=issue.number), subject=subject, attachment=piece.attachment)


async def _fetch_files(post: Post, issue: Issue) -> None:
    """A file's name may be a person's: it is fetched, and sent again under the issue's number."""
    for piece in issue.attachments:
        if piece.has_name and piece.file_id is not None:
            await post.call("getFile", {"file_id": piece.file_id}, chat_id=piece.chat_id, subject=f"piece:{piece.id}")


async def file_came(post: Post, message: OutboxMessage, result: Any) -> None:
    """A fetched file goes to all who have the issue; one that is too large is told to the deputy."""
    piece = await post.session.get(IssuePiece, int((message.subject or "").partition(":")[2]))
    if piece is None or piece.attachment is not None:
        return
    issue = await issue_by_id(post.session, piece.issue_id)
    if message.state is not OutboxState.SENT or not isinstance(result, bytes):
        await post.tell(issue.deputy, "plain", text=t("issue.file_too_large", number=issue.number), subject=f"issue:{issue.id}")
        return
    if not issue.live:
        return
    piece.attachment = await post.attach(f"{issue.number}-{piece.id}{_ending(piece.file_name)}", result)
    for circle in await circles_of_issue(post, issue):
        place = await place_in(post, issue, circle)
        if place is not None:
            await _send_file(post, piece, issue, place, circle_subject(issue, circle))
    for referral in await referrals_of(post.session, issue):
        if referral.state in BUSY:
            await _send_file(post, piece, issue, referral.person, shared_subject(issue))


def _ending(file_name: str | None) -> str:
    """The file's type, as far as it is an honest one."""
    ending = PurePath(file_name or "").suffix
    return ending if re.fullmatch(r"\.[A-Za-z0-9]{1,8}", ending) else ""
