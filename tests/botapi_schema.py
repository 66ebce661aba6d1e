"""Holds requests and objects against Telegram's own description of the Bot API, where it is at hand."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

SCHEMA_FILE = Path(__file__).resolve().parents[2] / "shared" / "data" / "bot-api-10.1.json"
WHY_SKIPPED = f"the Bot API's description is not at {SCHEMA_FILE}"

_CONSTANT = re.compile(r"(?:always|must be) [“\"']?(\w+)[”\"']?\.?$")


class BotApiSchema:
    """Every check returns sentences; none means fine."""

    def __init__(self, description: dict[str, Any]) -> None:
        self.types: dict[str, Any] = description["types"]
        self.methods: dict[str, Any] = {name.lower(): method for name, method in description["methods"].items()}

    def check_request(self, method: str, params: dict[str, Any]) -> list[str]:
        """Known method, known parameters, required ones there, types right. Form text counts as the number it spells."""
        described = self.methods.get(method.lower())
        if described is None:
            return [f"{method}: no such method"]
        return self._fields(described.get("fields", []), params, method, form=True)

    def check_answer(self, method: str, result: Any) -> list[str]:
        """The `result` of a successful answer."""
        described = self.methods.get(method.lower())
        if described is None:
            return [f"{method}: no such method"]
        return self._any_of(described["returns"], result, method, form=False)

    def check_object(self, type_name: str, value: Any) -> list[str]:
        return self._value(type_name, value, type_name, form=False)

    def _fields(self, fields: list[Any], values: dict[str, Any], where: str, *, form: bool) -> list[str]:
        known = {field["name"]: field for field in fields}
        problems = [f"{where}.{name}: no such field" for name in values if name not in known]
        for name, field in known.items():
            if name not in values:
                if field["required"]:
                    problems.append(f"{where}.{name}: required and missing")
                continue
            constant = _CONSTANT.search(field["description"]) if name in ("type", "status", "source") else None
            if constant and values[name] != constant[1]:
                problems.append(f"{where}.{name}: {values[name]!r} instead of {constant[1]!r}")
            problems += self._any_of(field["types"], values[name], f"{where}.{name}", form=form)
        return problems

    def _any_of(self, types: list[str], value: Any, where: str, *, form: bool) -> list[str]:
        """The kindest reading: of several types the one with the fewest complaints."""
        found = [self._value(name, value, where, form=form) for name in types]
        return min(found, key=len, default=[])

    def _value(self, name: str, value: Any, where: str, *, form: bool) -> list[str]:
        if name.startswith("Array of "):
            if not isinstance(value, list):
                return [f"{where}: {value!r} is no array"]
            inner = name.removeprefix("Array of ")
            return [p for i, item in enumerate(value) for p in self._value(inner, item, f"{where}[{i}]", form=form)]
        if name in _BASIC:
            return [] if _BASIC[name](value, form) else [f"{where}: {value!r} is no {name}"]
        described = self.types[name]
        if described.get("subtypes"):
            return self._any_of(described["subtypes"], value, where, form=form)
        if not isinstance(value, dict):
            return [f"{where}: {value!r} is no {name}"]
        return self._fields(described.get("fields", []), value, where, form=form)


def _integer(value: Any, form: bool) -> bool:
    if isinstance(value, str):
        return form and value.lstrip("-").isdigit()
    return isinstance(value, int) and not isinstance(value, bool)


def _float(value: Any, form: bool) -> bool:
    if isinstance(value, str):
        return form and re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", value) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


_BASIC = {
    "Integer": _integer,
    "Float": _float,
    "String": lambda value, form: isinstance(value, str) or (form and isinstance(value, int | float) and not isinstance(value, bool)),
    "Boolean": lambda value, form: isinstance(value, bool) or (form and value in ("true", "false")),
    "InputFile": lambda value, form: isinstance(value, str),
}


@cache
def bot_api_schema() -> BotApiSchema | None:
    """The schema, or None where its file is not at hand."""
    return BotApiSchema(json.loads(SCHEMA_FILE.read_text("utf-8"))) if SCHEMA_FILE.exists() else None


def problems_of_calls(calls: list[dict[str, Any]]) -> list[str]:
    """Complaints about recorded calls (`/sandbox/calls`): every request, and every answer that was fine."""
    schema = bot_api_schema()
    if schema is None:
        raise FileNotFoundError(WHY_SKIPPED)
    problems = []
    for call in calls:
        where = f"call {call['id']}"
        problems += [f"{where}: {p}" for p in schema.check_request(call["method"], call["params"])]
        if call["ok"]:
            problems += [f"{where}: {p}" for p in schema.check_answer(call["method"], call["answer"]["result"])]
    return problems
