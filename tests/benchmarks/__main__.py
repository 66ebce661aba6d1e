"""``make bench``: what is measured, printed as tables; docs/benchmarks.md tells how.

``python -m tests.benchmarks routing`` prints one part alone, ``--data FOLDER`` names the folder of the messages.
"""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tests.benchmarks import WIDTH, likeness, masking, routing
from tests.benchmarks.messages import BESIDE, Absent
from tests.benchmarks.speed import answers, growth, notice, second, starting, throughput, webhook


class Part(enum.StrEnum):
    """What can be measured."""

    ROUTING = "routing"
    MASKING = "masking"
    LIKENESS = "likeness"
    SPEED = "speed"


def main(
    parts: Annotated[list[Part] | None, typer.Argument(help="What to measure; everything if nothing is named.", show_default=False)] = None,
    data: Annotated[Path, typer.Option(help="The folder with the messages.")] = BESIDE,
) -> None:
    """Measure routing, masking, likeness and speed."""
    console = Console(highlight=False, width=None if Console().is_terminal else WIDTH)
    for part in parts or Part:
        try:
            match part:
                case Part.ROUTING:
                    routing.report(console, data)
                case Part.MASKING:
                    masking.report(console)
                case Part.LIKENESS:
                    likeness.report(console, data)
                case Part.SPEED:
                    for row in (throughput, notice, answers, webhook, second, starting, growth):
                        row.report(console)
        except Absent as absent:
            console.print(f"{part.capitalize()}. {absent}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
