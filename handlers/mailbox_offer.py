"""What somebody who is not on the roster is offered instead of a closed door: the deputies' mailbox."""

from __future__ import annotations

from handlers.context import HomeContext
from handlers.identity_presses import ASK
from handlers.keyboards import Button, Keyboard
from handlers.mailbox_presses import MailDo, MailPress
from handlers.texts import t
from models.mailbox_views import letters_of_sender
from models.mailbox_writing import areas_to_write_to


async def offers(context: HomeContext) -> Keyboard:
    """Write a letter; one's own letters, where there are any. Nothing while no deputy could get one."""
    user = context.work.update.effective_user
    own = await letters_of_sender(context.session, user.id, limit=1) if user is not None else []
    buttons = [[Button(t("mailbox.do.new"), MailPress(0, MailDo.NEW))]] if await areas_to_write_to(context.session) else []
    return [*buttons, [Button(t("mailbox.do.mine"), MailPress(0, MailDo.MINE))]] if own else buttons


async def refuse_politely(context: HomeContext) -> None:
    """The refusal for strangers, and what they may do here."""
    keyboard = await offers(context)
    await context.reply("mailbox/stranger" if keyboard else "people/stranger", keyboard=[*keyboard, [ASK]])


async def offer_mailbox(context: HomeContext) -> None:
    """The offer alone, after something that has a keyboard of its own."""
    keyboard = await offers(context)
    if keyboard:
        await context.reply("mailbox/offer", keyboard=keyboard)
