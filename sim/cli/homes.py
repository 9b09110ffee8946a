"""`sim homes make`: procedural homes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.arguments import count as counted

app = typer.Typer(
    help="Draw homes at random, as .sh3d files: many to train in, others to test in.", no_args_is_help=True
)


@app.callback()
def homes() -> None:
    """Draw homes at random, as .sh3d files: many to train in, others to test in."""


@app.command()
def make(
    out: Annotated[Path, typer.Option(help="Folder for the .sh3d files; what it has already is kept.")],
    count: Annotated[int, typer.Option(min=1, help="How many homes.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same homes.")] = 0,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as there are cores if not given.")
    ] = None,
) -> None:
    """Draw varied homes of one to three storeys with stairs and inclines; each passes `sim check` and is connected."""
    from datagen.homes.make import home_file, write_homes
    from sim.cli.progress import progress

    missing = sum(not home_file(out, seed, index).exists() for index in range(count))
    with progress("homes", missing) as step:
        drawn_again = write_homes(out, seed, count, workers, step)
    print(f"{counted(count, 'home')} in {out}: {missing} new, {counted(drawn_again, 'drawing')} refused on the way")
