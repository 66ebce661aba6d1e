"""Past cases, imported from a file, so that a new Home routes as one that has worked for years."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from bot.clock import Now, system_now
from bot.config import Config
from bot.database import open_engine, require_current, sessions_of
from bot.learning import relearn
from bot.route import FileRefused, read_cases
from models.defaults import seed_defaults
from models.masking import mask
from models.people import Specialty
from models.route_log import Route, RouteSource


@dataclass(frozen=True)
class Imported:
    """How many cases came in, and how many were there before."""

    added: int
    known: int


async def import_cases(content: bytes, name: str, config: Config, *, now: Now = system_now) -> Imported:
    """Bring all cases of a CSV into the log, masked, or none of them; one that is there already is left out.

    Raises FileRefused for a file that cannot be read or names a specialty that the Home has not; DatabaseOutdated.
    """
    rows = read_cases(content, name)
    engine = open_engine(config.database)
    try:
        await require_current(engine)
        sessions = sessions_of(engine)
        async with sessions.begin() as session:
            await seed_defaults(session)
            by_name = {specialty.name: specialty.id for specialty in await session.scalars(select(Specialty))}
            refused = [f"line {line}: there is no specialty {named!r}" for line, _, named in rows if named not in by_name]
            refused += [f"line {line}: the text is missing" for line, text, _ in rows if not text]
            if refused:
                more = f"; and {len(refused) - 5} more" if len(refused) > 5 else ""
                raise FileRefused(f"{name}: {'; '.join(refused[:5])}{more}. The Home has {', '.join(by_name)}. Nothing was imported.")
            imported = select(Route.text, Route.specialty_id).where(Route.source == RouteSource.IMPORTED)
            known = {(text, specialty) for text, specialty in await session.execute(imported)}
            cases = dict.fromkeys((mask(text.replace("\0", "")).text, by_name[named]) for _, text, named in rows)
            added = [case for case in cases if case not in known]
            session.add_all(Route(at=now(), source=RouteSource.IMPORTED, text=text, specialty_id=key, proposed=[]) for text, key in added)
        await relearn(sessions, config.home, now=now)
        return Imported(len(added), len(rows) - len(added))
    finally:
        await engine.dispose()
