"""`sim lifelong`."""

from __future__ import annotations

import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Annotated

import typer


def lifelong(
    out: Annotated[Path, typer.Option(help="Folder of the life; one that was stopped goes on there.")],
    homes: Annotated[
        str, typer.Option(help="Bundled scenes, .sh3d files or OBJ exports, with commas; one a generation.")
    ],
    generations: Annotated[int, typer.Option(min=1, help="How many; later more.")] = 3,
    minutes: Annotated[float | None, typer.Option(min=0.0, help="Stop after that long; the command goes on.")] = None,
    recipe: Annotated[str, typer.Option(help="lifelong, lifelong-small, or a .yaml file.")] = "lifelong",
    change: Annotated[
        list[str] | None, typer.Option("--set", help="A setting, such as loop.steps=2000; may be repeated.")
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(help="Go on though this differs: renderer, driver, code, or a library; may be repeated."),
    ] = None,
) -> None:
    """Let a PTZ camera collect, learn, dream and act, home after home (docs/lifelong.md)."""
    from train.config import resolve
    from train.lifelong.curve import CURVE
    from train.lifelong.life import open_life
    from train.lifelong.settings import LifeSettings

    settings = resolve(LifeSettings, recipe, change or [])
    names = [home.strip() for home in homes.split(",")]
    is_over = threading.Event()

    def stop() -> None:
        is_over.set()
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(60 * (minutes or 0.0), stop)
    timer.daemon = True
    try:
        with open_life(out, names, settings, tell=partial(print, flush=True), allow=allow or []) as life:
            if minutes is not None:
                # what is started in the background of a shell ignores the signal by which the time ends it
                signal.signal(signal.SIGINT, signal.default_int_handler)
                timer.start()
            life.live(generations)
            timer.cancel()
    except KeyboardInterrupt:
        if not is_over.is_set():
            print("stopped; the same command goes on", file=sys.stderr)
            raise
        print(f"{minutes:g} minutes are over; the same command goes on")
        return
    print((out / f"{CURVE}.md").read_text())
