"""Delivers updates to a webhook as fast as it takes them: ``python -m tests.benchmarks.speed.poster URL SECRET FIRST UPDATES CONNECTIONS``.

Every connection delivers one after another, each when the one before was answered 200. In a process of its own, and with as little work
as can be, so that whoever takes them is what is measured. Prints how many were taken, and in how many seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.benchmarks.speed.backlog import IDLE_COMMAND, update


async def deliver(url: str, secret: str, numbers: range, connections: int) -> tuple[int, float]:
    """How many were taken, and the seconds until the last was."""
    place = urlsplit(url)
    waiting = iter([_post(place.path, f"{place.hostname}:{place.port}", secret, number) for number in numbers])
    lines = [await asyncio.open_connection(place.hostname, place.port) for _ in range(connections)]
    began = time.perf_counter()
    taken = await asyncio.gather(*(_one_after_another(*line, waiting) for line in lines))
    return sum(taken), time.perf_counter() - began


async def _one_after_another(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, waiting: Iterator[bytes]) -> int:
    taken = 0
    for post in waiting:
        writer.write(post)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
        if length:
            await reader.readexactly(length)
        taken += head.startswith(b"HTTP/1.1 200")
    writer.close()
    return taken


def _post(path: str, host: str, secret: str, number: int) -> bytes:
    body = json.dumps(update(number, IDLE_COMMAND)).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"X-Telegram-Bot-Api-Secret-Token: {secret}\r\n\r\n"
    )
    return head.encode() + body


if __name__ == "__main__":
    first, updates, at_once = (int(argument) for argument in sys.argv[3:])
    sys.stdout.write(json.dumps(asyncio.run(deliver(sys.argv[1], sys.argv[2], range(first, first + updates), at_once))) + "\n")
