"""A Telegram of our own, on loopback: see README.md."""

from .clock import SandboxClock
from .sandbox import Sandbox
from .server import run_sandbox, serve

__all__ = ["Sandbox", "SandboxClock", "run_sandbox", "serve"]
