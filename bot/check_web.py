"""Checking what listens: the check-in page, where its links lead, and whether two things want one port."""

from __future__ import annotations

from collections import Counter
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp

from bot.config import Config, Transport
from bot.finding import Finding
from handlers.checkin_desk import PAGE_PATH

PROBE = f"{PAGE_PATH}/0/check"
"""No activity has this number: our page answers 404, in its own way."""
SECONDS = 5.0
WHAT = "check-in page"


async def web_findings(config: Config) -> list[Finding]:
    """What is wrong with [web] and its neighbours; one finding that all is well otherwise."""
    web = config.web
    found = _ports(config)
    if config.monitor.enabled and not is_loopback(config.monitor.listen):
        says = f"it answers everybody who reaches {config.monitor.listen}; set monitor.listen to 127.0.0.1 unless a firewall sees to it"
        found.append(Finding("monitor", True, says, hint=True))
    if not web.enabled:
        return [*found, Finding(WHAT, True, "off ([web] enabled = false): codes are shown in the chat only")]
    before = len(found)
    if not web.public_url:
        says = f"its link would be http://{web.listen}:{web.port}, which opens here only; set web.public_url to your proxy's address"
        found.append(Finding(WHAT, False, says))
    elif not web.public_url.startswith("https://") and not is_loopback(urlsplit(web.public_url).hostname or ""):
        says = f"{web.public_url} is not encrypted; put a proxy with a certificate before it and set web.public_url to https://…"
        found.append(Finding(WHAT, False, says))
    if not is_loopback(web.listen):
        says = f"it listens on {web.listen}, past the proxy; set web.listen to 127.0.0.1 unless the proxy is another machine"
        found.append(Finding(WHAT, True, says, hint=True))
    here = await _answers(f"http://{_host(web.listen)}:{web.port}")
    if here is None:
        found.append(Finding(WHAT, True, "nothing answers: the Home is not running; look again once it does", hint=True))
    elif here is not True:
        found.append(Finding(WHAT, False, f"another program answers at {web.listen}:{web.port} ({here}); choose another web.port"))
    elif web.public_url and (there := await _answers(web.public_url)) is not True:
        says = f"{web.public_url} does not lead to it ({there or 'no connection'}); let the proxy pass it on to {web.listen}:{web.port}"
        found.append(Finding(WHAT, False, says))
    return found if len(found) > before else [*found, Finding(WHAT, True, f"answers at {web.public_url}")]


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _ports(config: Config) -> list[Finding]:
    wanted = {}
    if config.telegram.transport is Transport.WEBHOOK:
        wanted["telegram.webhook_port"] = config.telegram.webhook_port
    if config.web.enabled:
        wanted["web.port"] = config.web.port
    if config.monitor.enabled:
        wanted["monitor.port"] = config.monitor.port
    twice = {port for port, count in Counter(wanted.values()).items() if count > 1 and port != 0}
    names = ", ".join(name for name, port in wanted.items() if port in twice)
    return [Finding("ports", False, f"{names} are the same; give each its own")] if twice else []


async def _answers(address: str) -> bool | str | None:
    """True when our page answers there, else what does; None for no connection."""
    try:
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as http, http.get(address + PROBE, allow_redirects=False) as response:
            ours = response.status == 404 and response.headers.get("X-Robots-Tag") == "noindex"
            return True if ours else f"status {response.status}"
    except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError) as error:
        return f"its certificate: {type(error).__name__}"
    except (aiohttp.ClientConnectorError, TimeoutError):
        return None
    except (aiohttp.ClientError, ValueError) as error:
        return type(error).__name__


def _host(listen: str) -> str:
    """Where one on this machine reaches what listens on all its addresses."""
    try:
        address = ip_address(listen)
    except ValueError:
        return listen
    if address.is_unspecified:
        address = ip_address("::1" if address.version == 6 else "127.0.0.1")
    return f"[{address}]" if address.version == 6 else str(address)
