"""Writing an item of a plan: month and kind by button, topic and responsible people typed; one step alone when it is changed."""

from __future__ import annotations

from telegram import Update

from handlers.context import HomeContext
from handlers.keyboards import Button, Keyboard, rows
from handlers.plan_presses import OFFICE, ItemDo, ItemPress, ItemStepPress, PlanDo, PlanPress
from handlers.plan_words import month_name, read_kind, read_month
from handlers.texts import T, t
from models.activities import ActivityKind
from models.forms import Form, close_form, form_of, open_form
from models.plans import (
    RESPONSIBLE_LIMIT,
    TOPIC_LIMIT,
    PlanItem,
    TopicMissing,
    add_item,
    change_item,
    fitting_text,
    plan_item,
    require_plan,
)
from models.rules import Gone, RuleBroken

KIND, STEPS = "plan_item", ("month", "kind", "topic", "responsible")
SKIP, STOP = "-", "x"


async def begin_item(context: HomeContext, group_id: int | None, year: int) -> None:
    """A new item: the first question."""
    form = await _open(context, STEPS[0], group=group_id, year=year, item=None)
    await _ask(context, form)


async def ask_change(context: HomeContext, item: PlanItem, step: str) -> None:
    """One question about an item that is there."""
    form = await _open(context, step, group=item.group_id, year=item.year, item=item.id)
    await _ask(context, form)


async def _open(context: HomeContext, step: str, **about: int | None) -> Form:
    token = round(context.now.timestamp() * 1000) % 10**9
    return await open_form(context.session, context.person.id, KIND, step, now=context.now, token=token, **about)


async def _ask(context: HomeContext, form: Form, *, afresh: bool = False, trouble: T | None = None) -> None:
    known = {step: form.data[step] for step in STEPS if step in form.data}
    await context.post.card(
        f"plan-form:{form.person_id}:{form.data['token']}",
        context.person,
        "plans/form",
        keyboard=_choices(form),
        afresh=afresh,
        step=form.step,
        changing=form.data["item"] is not None,
        year=form.data["year"],
        known=known,
        trouble=trouble,
    )


def _choices(form: Form) -> Keyboard:
    def button(label: T, value: str) -> Button:
        return Button(label, ItemStepPress(int(form.data["token"]), value))

    choices: list[list[Button]] = []
    if form.step == "month":
        choices = rows([button(month_name(month), str(month)) for month in range(1, 13)], 4)
    elif form.step == "kind":
        choices = rows([button(t(f"activity.kind.{kind}"), kind) for kind in ActivityKind], 3)
    elif form.step == "responsible":
        choices = [[button(t("plan.nobody_named"), SKIP)]]
    return [*choices, [button(t("plan.stop"), STOP)]]


async def answer(update: Update, context: HomeContext) -> None:
    """A button of the form. Raises Gone for one of an earlier form."""
    pressed = ItemStepPress.unpack(context.pressed)
    form = await form_of(context.session, context.person.id, KIND)
    if form is None or form.data["token"] != pressed.token:
        raise Gone
    if pressed.value == STOP:
        await close_form(context.session, context.person.id)
        await context.show("plain", keyboard=[[_to_plan(form)]], text=t("plan.stopped"))
    elif form.step == "month" and read_month(pressed.value) is not None:
        await _take(context, form, read_month(pressed.value))
    elif form.step == "kind" and pressed.value in list(ActivityKind):
        await _take(context, form, pressed.value)
    elif form.step == "responsible" and pressed.value == SKIP:
        await _take(context, form, "")
    else:
        raise Gone


def _to_plan(form: Form) -> Button:
    return Button(t("plan.do.back"), PlanPress(PlanDo.OPEN, form.data["group"] or OFFICE, form.data["year"]))


async def take_answer(update: Update, context: HomeContext) -> None:
    """What was typed; what does not fit is said, and asked again."""
    form, message = await form_of(context.session, context.person.id, KIND), update.message
    if form is None:
        return
    form.updated_at = context.now
    try:
        value = _read(context, form.step, (message.text or "") if message is not None else "")
    except RuleBroken as trouble:
        await _ask(context, form, afresh=True, trouble=t(trouble.key, **trouble.values))
        return
    if value is None:
        await _ask(context, form, afresh=True, trouble=t(f"plan.unclear.{form.step}"))
    else:
        await _take(context, form, value, afresh=True)


def _read(context: HomeContext, step: str, text: str) -> str | int | None:
    """The answer in a text; None where it is none. Raises PlanTextTooLong, TopicMissing."""
    if step == "month":
        return read_month(text)
    if step == "kind":
        return read_kind(text, context.post.texts, context.policy.languages)
    limit = TOPIC_LIMIT if step == "topic" else RESPONSIBLE_LIMIT
    flat = fitting_text(text, limit)
    if step == "topic" and not flat:
        raise TopicMissing
    return flat or None


async def _take(context: HomeContext, form: Form, value: str | int | None, *, afresh: bool = False) -> None:
    """Keep an answer and ask for the next; after the last one the item is written."""
    form.data[form.step] = value
    if form.data["item"] is None and form.step != STEPS[-1]:
        form.step = STEPS[STEPS.index(form.step) + 1]
        require_plan(context.person, form.data["group"], to_change=True)
        await _ask(context, form, afresh=afresh)
        return
    item = await _write(context, form)
    await close_form(context.session, context.person.id)
    open_item = Button(t("plan.open_item"), ItemPress(ItemDo.OPEN, item.id))
    more = [Button(t("plan.do.add"), PlanPress(PlanDo.ADD, item.group_id or OFFICE, item.year))] if form.data["item"] is None else []
    await context.post.card(
        f"plan-form:{form.person_id}:{form.data['token']}",
        context.person,
        "plans/written",
        keyboard=[[open_item, *more], [_to_plan(form)]],
        afresh=afresh,
        item=item,
    )


async def _write(context: HomeContext, form: Form) -> PlanItem:
    data = form.data
    if data["item"] is None:
        return await add_item(
            context.session,
            context.person,
            group_id=data["group"],
            year=data["year"],
            month=data["month"],
            kind=ActivityKind(data["kind"]),
            topic=data["topic"],
            responsible=data["responsible"],
            now=context.now,
        )
    item = await plan_item(context.session, data["item"], context.person, to_change=True)
    change_item(
        context.session,
        item,
        context.person,
        month=data.get("month"),
        kind=ActivityKind(data["kind"]) if "kind" in data else None,
        topic=data.get("topic"),
        responsible=data.get("responsible"),
        now=context.now,
    )
    return item
