"""The running program."""

import os

# The library's own switch for durations as timedeltas; it must be set before the library is first asked.
os.environ.setdefault("PTB_TIMEDELTA", "true")
