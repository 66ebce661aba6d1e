"""Codes to print and put up: whoever scans one writes to the deputies of an area, or to one deputy."""

from __future__ import annotations

import asyncio
import io
from importlib.resources import files
from typing import TYPE_CHECKING

import segno
from telegram import Update

from handlers.context import HomeContext
from handlers.keyboards import Button, rows
from handlers.mailbox_presses import CodePress
from handlers.menu import BACK_TO_MENU
from handlers.texts import t
from models.mailbox_views import all_areas, deputies_of_area
from models.outbox import AttachmentKind
from models.people import Area, Person, Role
from models.rules import Gone, NotAllowed

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

CODE_ENTRY = Button(t("mailbox.do.code"), CodePress(""))
NAMES_PAGE = 24
WIDTH, EDGE, ABOVE, BELOW = 1000, 60, 140, 210


async def take_code_press(update: Update, context: HomeContext) -> None:
    """Choose whose code it is to be; the office any, an area's staff their area's, a deputy their own and their area's."""
    pressed, person = CodePress.unpack(context.pressed), context.person
    person.require(Role.OFFICE, Role.AREA_STAFF, Role.DEPUTY)
    if pressed.what == "a":
        await _send_area(context, pressed.which)
    elif pressed.what == "d":
        await _send_deputy(context, pressed.which)
    elif pressed.what == "n":
        await _choose_deputy(context, pressed.which, max(pressed.page, 0))
    elif person.has(Role.OFFICE):
        areas = [Button(area.name, CodePress("n", area.id)) for area in await all_areas(context.session)]
        await context.show("mailbox/whose_code", keyboard=[*rows(areas, 2), [BACK_TO_MENU]], area=None)
    elif person.area is not None:
        await _choose_deputy(context, person.area.id, 0)
    else:
        raise NotAllowed


async def _choose_deputy(context: HomeContext, area_id: int, page: int) -> None:
    area = await _area(context, area_id)
    own_only = not context.person.has(Role.OFFICE, Role.AREA_STAFF)
    deputies = [p for p in await deputies_of_area(context.session, area) if not own_only or p.id == context.person.id]
    shown = deputies[page * NAMES_PAGE : (page + 1) * NAMES_PAGE]
    names = [Button(person.name, CodePress("d", person.id)) for person in shown]
    turns = [Button(t("mailbox.do.before"), CodePress("n", area.id, page - 1))] if page else []
    if len(deputies) > (page + 1) * NAMES_PAGE:
        turns.append(Button(t("mailbox.do.after"), CodePress("n", area.id, page + 1)))
    whole = [Button(t("mailbox.do.code_of_area", area=area.name), CodePress("a", area.id))]
    await context.show("mailbox/whose_code", keyboard=[whole, *rows(names, 3), turns, [BACK_TO_MENU]], area=area)


async def _area(context: HomeContext, id: int) -> Area:
    """The area, if this person may have its codes. Raises Gone, NotAllowed."""
    area = await context.session.get(Area, id)
    if area is None:
        raise Gone
    if not context.person.has(Role.OFFICE) and context.person.area_id != area.id:
        raise NotAllowed
    return area


async def _send_area(context: HomeContext, id: int) -> None:
    area = await _area(context, id)
    await _send(context, f"a_{area.id}", area.name, None)


async def _send_deputy(context: HomeContext, id: int) -> None:
    deputy = await context.session.get(Person, id)
    if deputy is None or not deputy.has(Role.DEPUTY) or deputy.area is None:
        raise Gone
    await _area(context, deputy.area.id)
    if deputy.id != context.person.id and not context.person.has(Role.OFFICE, Role.AREA_STAFF):
        raise NotAllowed
    await _send(context, f"d_{deputy.id}", deputy.area.name, deputy.name)


async def _send(context: HomeContext, payload: str, area: str, deputy: str | None) -> None:
    """The picture in print quality, its words in the Home's first language: it hangs in a street, not in a chat."""
    link, language = context.post.deep_link(payload), context.policy.languages[0]
    title = t("mailbox.code_title", home=context.policy.home_name)
    name = t("mailbox.code_deputy", area=area, name=deputy) if deputy else t("mailbox.code_area", area=area)
    lines = [context.post.texts.say(text, language) for text in (title, name, t("mailbox.code_how"))]
    picture = await asyncio.to_thread(draw_code, link, *lines)
    attachment = await context.post.attach(f"{payload}.png", picture, AttachmentKind.PHOTO)
    await context.post.tell(context.here, "mailbox/code", attachment=attachment, link=link, area=area, deputy=deputy)


def draw_code(link: str, title: str, name: str, how: str) -> bytes:
    """A PNG: a title above, the code with its quiet zone, whose it is below it, and what to do."""
    from PIL import Image, ImageDraw

    code = segno.make(link, error="m", micro=False)
    scale = WIDTH // int(code.symbol_size()[0])  # whole pixels, so that every module prints alike
    size = int(code.symbol_size(scale)[0])
    buffer = io.BytesIO()
    code.save(buffer, kind="png", scale=scale)
    page = Image.new("L", (WIDTH, ABOVE + size + BELOW), 255)
    page.paste(Image.open(buffer).convert("L"), ((WIDTH - size) // 2, ABOVE))
    draw = ImageDraw.Draw(page)
    for text, y, height in ((title, ABOVE - 40, 68), (name, ABOVE + size + 20, 60), (how, ABOVE + size + 130, 38)):
        draw.text((WIDTH // 2, y), text, fill=0, font=_font(text, height), anchor="mm")
    out = io.BytesIO()
    page.save(out, "PNG", optimize=True)
    return out.getvalue()


def _font(text: str, height: int) -> FreeTypeFont:
    """The font at this height, smaller where the words would not fit on the page."""
    from PIL import ImageFont

    path = str(files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf")
    font = ImageFont.truetype(path, height)
    width = font.getlength(text)
    return font if width <= WIDTH - 2 * EDGE else ImageFont.truetype(path, int(height * (WIDTH - 2 * EDGE) / width))
