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
INTERRUPTED, TERMINATED = 130, 143
"""Exit codes of Ctrl-C and of SIGTERM, as shells count them: 128 and the signal's number."""


def main() -> None:
    """Runs the command line. Bad input is one line on stderr and exit code 2; Ctrl-C is 130, SIGTERM 143."""
    from scenes.errors import HomeError
    from sim.renderers.egl import RendererError

    warnings.showwarning = _show_warning
    signal.signal(signal.SIGTERM, _terminate)
    try:
        app()
    except _Terminated:
        print("stopped", file=sys.stderr)
        sys.exit(TERMINATED)
    except SystemExit as end:
        if end.code == INTERRUPTED:  # what typer makes of Ctrl-C
            print("stopped", file=sys.stderr)
        raise
    except (HomeError, RendererError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(BAD_INPUT)


class _Terminated(BaseException):
    """SIGTERM, raised where the program is, so that what it has begun is undone as it is for Ctrl-C."""


def _terminate(*_: object) -> None:
    raise _Terminated


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    print(f"note: {message}", file=sys.stderr)
