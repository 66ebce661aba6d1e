"""Suggestion drafts (代表建议草稿): one matter as situation, analysis and proposal, with those who advised as co-signers."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import record
from models.base import Base
from models.issues import Issue, issue_by_id
from models.people import Person
from models.rules import Gone, NotAllowed, RuleBroken

TITLE_LIMIT, PART_LIMIT = 60, 3000
_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?")
_PROPOSES = re.compile(r"建议|应当|应该|应由|应尽快|须|必须|尽快|可以|可由|可先|牵头|请.{0,8}(?:部门|局|街道|单位)|要求|督促|出台|制定")
_GREETING = re.compile(r"^(?:尊敬的[^，,：:。]{0,14}[，,：:]?)?\s*(?:您好|你好|领导好|代表好)?[，,！!。：:\s]*")


class Part(enum.StrEnum):
    TITLE = "title"
    SITUATION = "situation"
    ANALYSIS = "analysis"
    PROPOSAL = "proposal"


class Signing(enum.StrEnum):
    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"


class PartTooLong(RuleBroken):
    """A part of a suggestion that nobody would read to its end."""

    key = "suggestion.too_long"


class NobodyToAsk(RuleBroken):
    """Nobody has advised, or all have been asked."""

    key = "suggestion.nobody_to_ask"


class SuggestionDraft(Base):
    """A suggestion as it is being written, of one issue. It stays when the issue is reopened."""

    __tablename__ = "suggestion_drafts"

    id: Mapped[int] = mapped_column(primary_key=True)
    issue_id: Mapped[int] = mapped_column(ForeignKey("issues.id"), unique=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    title: Mapped[str] = mapped_column(String(TITLE_LIMIT))
    situation: Mapped[str] = mapped_column(Text)
    analysis: Mapped[str] = mapped_column(Text)
    proposal: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1)
    """Counts the changes: who agreed to an earlier one is asked again."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    exported_at: Mapped[datetime | None]

    issue: Mapped[Issue] = relationship(lazy="selectin")
    lead: Mapped[Person] = relationship(lazy="selectin")
    cosigners: Mapped[list[CoSigner]] = relationship(lazy="selectin", order_by="CoSigner.id", cascade="all, delete-orphan")

    def require_lead(self, person: Person) -> None:
        """Raise NotAllowed for anybody but who leads it."""
        if not person.serves or person.id != self.lead_id:
            raise NotAllowed

    def text_of(self, part: Part) -> str:
        return str(getattr(self, part.value))

    def agreed(self) -> list[Person]:
        """Who has put their name to it as it stands."""
        return [row.person for row in self.cosigners if row.state is Signing.AGREED and row.version == self.version]

    def signature_of(self, person: Person) -> CoSigner | None:
        return next((row for row in self.cosigners if row.person_id == person.id), None)


class CoSigner(Base):
    """One who was asked to put their name to it (附议)."""

    __tablename__ = "suggestion_cosigners"
    __table_args__ = (UniqueConstraint("draft_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("suggestion_drafts.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    state: Mapped[Signing] = mapped_column(default=Signing.ASKED)
    version: Mapped[int]
    """Of which state of the text they were asked or spoke."""
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="selectin")


_BEGINNING = re.compile(r"^(?:我(?:们)?(?:想|要)?)?(?:反映|投诉|举报|咨询|请问|请求|恳请|关于)(?:一下|[:：])?")
_TOLD_BY = re.compile(r"^[^。！？!?；;，,\n]{0,20}?(?:反映|反应|投诉|来电|来信|来访|求助)(?:说|称)?[，,:：]\s*")
"""Who says so, which a suggestion's title does not name."""
_WHOM_TO_ASK = re.compile(r"(?:(?:联系人|联系方式|联系电话|电话|手机号?|姓名)[:：是为]?\s*(?:【[^】\n]{1,8}】[，,、；;。\s]*)+)+$")
"""Covered names and numbers at the end: a suggestion has no use for them."""
_ENDING = re.compile(r"(?:的|这一)(?:问题|情况|事情|事)$")


def first_sentence(text: str) -> str:
    """What it is about, in a few words: the first sentence without salutation, marks, and words that only say that something is said."""
    for line in text.splitlines():
        said = _BEGINNING.sub("", _TOLD_BY.sub("", _GREETING.sub("", line.strip())))
        found = re.match(r"[^。！？!?；;，,]+", said)
        if found is not None and len(found[0].strip()) >= 4:
            return _ENDING.sub("", found[0].strip())
    return text.strip()


def divide_opinions(opinions: Sequence[str]) -> tuple[str, str]:
    """Sort what was advised, sentence by sentence, into the analysis and the proposal."""
    analysis, proposal = [], []
    for opinion in opinions:
        sentences = [sentence.strip() for sentence in _SENTENCE.findall(opinion) if sentence.strip()]
        proposes = [bool(_PROPOSES.search(sentence)) for sentence in sentences]
        if not any(proposes):
            proposal.append(opinion.strip())
            continue
        why = "".join(sentence for sentence, what in zip(sentences, proposes, strict=True) if not what)
        what = "".join(sentence for sentence, what in zip(sentences, proposes, strict=True) if what)
        analysis += [why] if why else []
        proposal.append(what)
    return "\n".join(analysis), "\n".join(proposal)


async def begin_suggestion(
    session: AsyncSession, issue: Issue, lead: Person, opinions: Sequence[str], title: str, *, now: datetime
) -> SuggestionDraft:
    """The issue's draft, filled in from what was shared and advised; the one there is, if there is one."""
    draft = await suggestion_of(session, issue)
    if draft is not None:
        draft.lead = lead
        return draft
    analysis, proposal = divide_opinions(opinions)
    draft = SuggestionDraft(
        issue=issue,
        lead=lead,
        title=title[:TITLE_LIMIT],
        situation=_WHOM_TO_ASK.sub("", issue.shared_text).strip()[:PART_LIMIT],
        analysis=analysis[:PART_LIMIT],
        proposal=proposal[:PART_LIMIT],
        version=1,
        created_at=now,
        changed_at=now,
        cosigners=[],
    )
    session.add(draft)
    await session.flush()
    record(session, lead, "suggestion.drafted", f"suggestion:{draft.id}", now=now, issue=issue.id)
    return draft


def rewrite(session: AsyncSession, draft: SuggestionDraft, part: Part, text: str, *, now: datetime) -> None:
    """Put other words into a part. Raises PartTooLong."""
    limit = TITLE_LIMIT if part is Part.TITLE else PART_LIMIT
    if len(text) > limit:
        raise PartTooLong(limit=limit, length=len(text))
    if text == draft.text_of(part):
        return
    setattr(draft, part.value, text)
    draft.version += 1
    draft.changed_at = now
    record(session, draft.lead, "suggestion.changed", f"suggestion:{draft.id}", now=now, part=part.value)


def to_ask(draft: SuggestionDraft, advisers: Sequence[Person]) -> list[Person]:
    """Who may still be asked to co-sign it as it stands: not the lead, not who refused, not who was asked about this very text."""
    settled = {row.person_id for row in draft.cosigners if row.state is Signing.DECLINED or row.version == draft.version}
    return [person for person in advisers if person.serves and person.id != draft.lead_id and person.id not in settled]


def ask_to_cosign(session: AsyncSession, draft: SuggestionDraft, advisers: Sequence[Person], *, now: datetime) -> list[CoSigner]:
    """Ask all who may be asked. Raises NobodyToAsk."""
    asked = []
    for person in to_ask(draft, advisers):
        row = draft.signature_of(person)
        if row is None:
            row = CoSigner(person=person, person_id=person.id, version=draft.version, asked_at=now)
            draft.cosigners.append(row)
        row.state, row.version, row.asked_at, row.answered_at = Signing.ASKED, draft.version, now, None
        asked.append(row)
    if not asked:
        raise NobodyToAsk
    record(session, draft.lead, "suggestion.asked", f"suggestion:{draft.id}", now=now, people=[row.person.id for row in asked])
    return asked


def offer_to_cosign(session: AsyncSession, draft: SuggestionDraft, person: Person, *, now: datetime) -> CoSigner:
    """Somebody comes forward to co-sign, and may say so once the text has been read. Whoever was asked before has that place already."""
    row = draft.signature_of(person)
    if row is None:
        row = CoSigner(person=person, person_id=person.id, version=draft.version, asked_at=now)
        draft.cosigners.append(row)
        record(session, person, "suggestion.offered", f"suggestion:{draft.id}", now=now)
    return row


def sign(session: AsyncSession, draft: SuggestionDraft, person: Person, *, agree: bool, seen: int, now: datetime) -> CoSigner:
    """Put one's name to it, or not; the last answer counts. ``seen`` is the version looked at. Raises NotAllowed, Gone."""
    row = draft.signature_of(person)
    if row is None or not person.serves:
        raise NotAllowed
    if seen != draft.version:
        raise Gone
    row.state, row.version, row.answered_at = Signing.AGREED if agree else Signing.DECLINED, draft.version, now
    record(session, person, f"suggestion.{row.state}", f"suggestion:{draft.id}", now=now)
    return row


async def suggestion_of(session: AsyncSession, issue: Issue) -> SuggestionDraft | None:
    found: SuggestionDraft | None = await session.scalar(select(SuggestionDraft).where(SuggestionDraft.issue_id == issue.id))
    return found


async def suggestion_by_id(session: AsyncSession, id: int) -> SuggestionDraft:
    """The draft, its issue locked. Raises Gone."""
    draft = await session.get(SuggestionDraft, id)
    if draft is None:
        raise Gone
    await issue_by_id(session, draft.issue_id)
    await session.refresh(draft)
    return draft


async def suggestions_led_by(session: AsyncSession, person: Person, *, offset: int, limit: int) -> Sequence[SuggestionDraft]:
    """A deputy's drafts, the newest first."""
    mine = select(SuggestionDraft).where(SuggestionDraft.lead_id == person.id).order_by(SuggestionDraft.id.desc())
    return (await session.scalars(mine.offset(offset).limit(limit))).all()
