"""The command line. Each command imports what it needs when it runs, so that `sim --help` answers at once."""

from __future__ import annotations

import signal
import sys
import warnings

import typer

from sim.cli import (
    bench,
    check,
    data,
    doctor,
    drive,
    export,
    fuse,
    generate,
    homes,
    info,
    lifelong,
    navigate,
    render,
    runs,
    scenes_list,
    sweep,
    train,
)
from sim.cli.overrides import Overridable

app = typer.Typer(
    name="sim",
    help="Draw a home in Sweet Home 3D; get a simulator scene and RGB-D frames out of it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("render")(render.render)
app.command("scenes")(scenes_list.scenes)
app.command("info")(info.info)
app.command("export")(export.export)
app.command("fuse")(fuse.fuse)
app.command("generate", cls=Overridable)(generate.generate)
app.command("navigate")(navigate.navigate)
app.command("drive")(drive.drive)
app.command("check")(check.check)
app.command("doctor")(doctor.doctor)
app.command("lifelong")(lifelong.lifelong)
app.add_typer(bench.app, name="bench")
app.add_typer(homes.app, name="homes")
app.add_typer(data.app, name="data")
app.add_typer(train.app, name="train")
app.add_typer(runs.app, name="runs")
app.add_typer(sweep.app, name="sweep")

BAD_INPUT = 2
INTERRUPTED = 130
"""The exit code of Ctrl-C, as shells count it: 128 and the number of the signal."""


def main() -> None:
    """Runs the command line. Bad input is one line on stderr and exit code 2.

    Ctrl-C ends with 130, as typer has it; being told to end (SIGTERM), or losing the terminal (SIGHUP), is like Ctrl-C
    and ends with 128 and the signal's number.
    """
    from scenes.errors import HomeError
    from sim.renderers.egl import RendererError

    warnings.showwarning = _show_warning
    told: list[int] = []
    _heed(told)
    try:
        app()
    except SystemExit as end:
        if end.code == INTERRUPTED:  # what typer makes of Ctrl-C
            print("stopped", file=sys.stderr)
        if told:
            sys.exit(128 + told[0])
        raise
    except (HomeError, RendererError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(BAD_INPUT)


def _heed(told: list[int]) -> None:
    """Makes signals that end a program do so in order, as Ctrl-C does; notes them. What is ignored stays so (nohup)."""

    def stop(number: int, _frame: object) -> None:
        told.append(number)
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, stop)


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    print(f"note: {message}", file=sys.stderr)
