"""What goes wrong, in Telegram's words for the bot and in plain ones for the person's side."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A Bot API refusal: code, description and, where Telegram sends them, parameters."""

    def __init__(self, code: int, description: str, parameters: dict[str, Any] | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


class SandboxError(Exception):
    """A refusal on the person's side."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def bad_request(reason: str, parameters: dict[str, Any] | None = None) -> ApiError:
    return ApiError(400, f"Bad Request: {reason}", parameters)


def forbidden(reason: str) -> ApiError:
    return ApiError(403, f"Forbidden: {reason}")


def bad_input(sentence: str) -> SandboxError:
    return SandboxError(400, sentence)


def not_allowed(sentence: str) -> SandboxError:
    return SandboxError(403, sentence)


def not_found(sentence: str) -> SandboxError:
    return SandboxError(404, sentence)
