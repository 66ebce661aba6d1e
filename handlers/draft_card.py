"""The draft's card: what has been gathered, the text as it would be shared, and one tap to where it goes."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from handlers.advice_presses import PickPress
from handlers.draft_presses import ContentsDo, ContentsPress, MaskDo, MaskPress
from handlers.issue_presses import DraftDo, DraftPress, IssueDo, IssuePress
from handlers.keyboards import Button, Keyboard, rows
from handlers.long_texts import in_parts, length_of, shortened
from handlers.post import Post
from handlers.texts import t
from models.choosing import choose_specialist
from models.circles import circles_of_specialty
from models.draft_contents import entries_of
from models.drafts import drafts_of
from models.issues import Issue, IssueState
from models.people import Person, Specialty
from models.previews import note_preview
from models.routing import how_many_to_offer, propose_specialties

GATHERING = timedelta(milliseconds=1500)
"""An album or a burst of forwards comes as many messages; the card waits for the last of them."""
ELSEWHERE = 2
"""The next likely specialties stand on the preview: one tap corrects."""
TEXT_SHOWN, TITLE_SHOWN = 2400, 24


async def show_draft(post: Post, issue: Issue, *, afresh: bool = False, wait: timedelta = timedelta(0), every: bool = False) -> None:
    """Show the draft as it stands: its preview once a specialty is chosen, else the specialties, all of them with ``every``."""
    if issue.state is not IssueState.DRAFT:
        return
    if issue.specialty is not None:
        await _show_preview(post, issue, issue.specialty, afresh=afresh, wait=wait)
        return
    said = bool(issue.raw_text.strip())
    text = issue.masked().text
    keyboard = await _choice(post, issue, every=every) if said else []
    contents = Button(t("desk.do.contents"), ContentsPress(issue.id, ContentsDo.SHOW))
    masking = [Button(t("desk.do.masking"), MaskPress(issue.id, MaskDo.SHOW))] if said else []
    discard = Button(t("issue.do.discard"), DraftPress(issue.id, DraftDo.DISCARD))
    keyboard = [*keyboard, _whole(issue, text), [*masking, contents, discard]]
    await post.card(
        f"issue:{issue.id}",
        issue.deputy,
        "issues/draft",
        keyboard=keyboard,
        afresh=afresh,
        wait=wait,
        said=said,
        text=shortened(text, TEXT_SHOWN),
        cut=length_of(text) > TEXT_SHOWN,
        masked=text != issue.raw_text,
        counts=Counter(piece.kind.value for piece in issue.kept),
        **await _further(post, issue),
    )


async def _further(post: Post, issue: Issue) -> dict[str, Any]:
    """What is not in sight: pieces taken out, and drafts that wait behind this one."""
    drafts = await drafts_of(post.session, issue.deputy)
    left_out = sum(any(piece.dropped for piece in entry) for entry in entries_of(issue))
    return {"left_out": left_out, "waiting": sum(draft.id != issue.id for draft in drafts)}


def _whole(issue: Issue, text: str) -> list[Button]:
    return [Button(t("desk.do.whole"), DraftPress(issue.id, DraftDo.WHOLE))] if length_of(text) > TEXT_SHOWN else []


async def _choice(post: Post, issue: Issue, *, every: bool) -> list[list[Button]]:
    """The likeliest specialties: one where the Home may be sure, else two or three; all where all were asked for."""
    proposals = await propose_specialties(post.session, issue.masked().text)
    buttons = [Button(each.specialty.name, DraftPress(issue.id, DraftDo.PICK, each.specialty.id)) for each in proposals]
    if every:
        return [*rows(buttons, 2), [Button(t("issue.do.back"), DraftPress(issue.id, DraftDo.BACK))]]
    offered = await how_many_to_offer(post.session, proposals, post.policy)
    return [buttons[:offered], [Button(t("issue.do.all"), DraftPress(issue.id, DraftDo.ALL))]]


async def _show_preview(post: Post, issue: Issue, specialty: Specialty, *, afresh: bool, wait: timedelta) -> None:
    chosen = await choose_specialist(post.session, issue, now=post.now)
    if chosen is not None:
        await note_preview(post.session, issue, chosen.person, now=post.now)
    circles = await circles_of_specialty(post.session, specialty)
    text = issue.masked().text
    likely = [each.specialty for each in await propose_specialties(post.session, text) if each.specialty.id != specialty.id]
    await post.card(
        f"issue:{issue.id}",
        issue.deputy,
        "issues/preview",
        keyboard=_preview_buttons(issue, chosen.person if chosen else None, text, likely[:ELSEWHERE]),
        afresh=afresh,
        wait=wait,
        text=shortened(text, TEXT_SHOWN),
        cut=length_of(text) > TEXT_SHOWN,
        attachments=Counter(piece.kind.value for piece in issue.attachments),
        attachable=bool(issue.attachable),
        contacts=any(piece.kind.value == "contact" for piece in issue.kept),
        specialty=specialty,
        chosen=chosen,
        circles=circles,
        **await _further(post, issue),
    )


def _preview_buttons(issue: Issue, specialist: Person | None, text: str, likely: list[Specialty]) -> Keyboard:
    def button(key: str, do: DraftDo, which: int = 0) -> Button:
        return Button(t(f"issue.do.{key}"), DraftPress(issue.id, do, which, issue.version))

    keyboard = [[button("confirm", DraftDo.CONFIRM, specialist.id if specialist else 0)]]
    if specialist is not None:
        keyboard.append([Button(t("advice.do.pick"), PickPress(issue.id, 0))])
    if issue.attachable:
        keyboard.append([button("attach_yes" if issue.attachments else "attach_no", DraftDo.ATTACH)])
    looks = [
        Button(t("desk.do.masking"), MaskPress(issue.id, MaskDo.SHOW)),
        Button(t("desk.do.contents"), ContentsPress(issue.id, ContentsDo.SHOW)),
    ]
    elsewhere = [Button(t("desk.do.elsewhere", name=each.name), DraftPress(issue.id, DraftDo.PICK, each.id)) for each in likely]
    return [*keyboard, _whole(issue, text), looks, elsewhere, [button("other", DraftDo.ALL), button("back", DraftDo.BACK)]]


async def show_long_text(post: Post, issue: Issue) -> bool:
    """Show the deputy the whole masked text where the card has no room for it; False where it has."""
    text = issue.masked().text
    if length_of(text) <= TEXT_SHOWN:
        return False
    for part in in_parts(text):
        await post.tell(issue.deputy, "issues/part", text=part)
    return True


def draft_button(draft: Issue) -> Button:
    """A draft in a list: how it begins, as it would be shared."""
    begins = shortened(" ".join(draft.masked().text.split()), TITLE_SHOWN)
    return Button(t("desk.do.draft", begins=begins) if begins else t("issue.do.draft"), IssuePress(draft.id, IssueDo.OPEN))


async def ask_to_discard(post: Post, issue: Issue) -> None:
    sure = [
        [
            Button(t("issue.do.discard_sure"), DraftPress(issue.id, DraftDo.DISCARD_SURE)),
            Button(t("issue.do.back"), DraftPress(issue.id, DraftDo.CONTINUE)),
        ]
    ]
    await post.card(f"issue:{issue.id}", issue.deputy, "issues/discard", keyboard=sure, pieces=len(issue.pieces))


async def specialty_by_id(post: Post, id: int) -> Specialty | None:
    found: Specialty | None = await post.session.scalar(select(Specialty).where(Specialty.id == id))
    return found
