"""What the office finds under a person of the roster: what they did and what was done to them, and how they present themselves."""

from __future__ import annotations

from handlers.audit_presses import AuditDo, AuditPress
from handlers.keyboards import Button
from handlers.profile_presses import ProfileDo, ProfilePress
from handlers.texts import t
from models.people import Person, Role


def privacy_buttons(person: Person) -> list[list[Button]]:
    profile = [Button(t("menu.profiles"), ProfilePress(ProfileDo.SHOW, person.id))] if person.has(Role.DEPUTY) else []
    return [[Button(t("audit.of_this_person"), AuditPress(AuditDo.LIST, person=person.id)), *profile]]
