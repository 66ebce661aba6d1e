"""The Bot API's methods, one module per subject, in one registry."""

from . import callbacks, chats, commands, copying, deleting, editing, forum, invites, members, profile, sending, updates
from .registry import METHODS, Handler

__all__ = [
    "METHODS",
    "Handler",
    "callbacks",
    "chats",
    "commands",
    "copying",
    "deleting",
    "editing",
    "forum",
    "invites",
    "members",
    "profile",
    "sending",
    "updates",
]
