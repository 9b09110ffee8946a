"""Building a scene in a process of its own, which can be stopped whatever it does.

Polygons are cut and XML is parsed by libraries in C, where no Ctrl-C is heard and no clock is looked at. So a file that
is not ours is built by a child: `limits().seconds` and `limits().memory_mib` hold for it, Ctrl-C ends it at once, and a
crash of a library is one error. The child says its scene, in the bytes that the cache keeps, on its standard output.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from scenes.errors import HomeError, reading
from scenes.limits import MIB, VARIABLE, limits

_BAD_INPUT = 2


def build_apart(path: Path) -> bytes:
    """Return the scene of a home file in the bytes that the cache keeps: what `scenes.library.build_kept` returns.

    Raises:
        HomeError: not a home, damaged beyond use, or over a limit, that of time or memory included.
    """
    most = limits()
    root = str(Path(__file__).parents[1])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))}
    environment |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    command = [sys.executable, "-P", "-c", "from scenes.apart import main; main()", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as child:
        try:
            output, errors = child.communicate(timeout=most.seconds)
        except subprocess.TimeoutExpired:
            raise HomeError(_over(path, "seconds", f"took more than {most.seconds} seconds")) from None
        finally:
            child.kill()
    if child.returncode == 0:
        return output
    said = errors.decode("utf-8", "replace").strip().splitlines()
    if child.returncode == _BAD_INPUT and said:
        raise HomeError(said[-1])
    how = f"was ended by signal {-child.returncode}" if child.returncode < 0 else (said or ["ended without a word"])[-1]
    raise HomeError(_over(path, "memory_mib", f"failed ({how}), perhaps for want of memory"))


def _over(path: Path, name: str, what: str) -> str:
    return f"building {path.name} {what}; for a file that you trust, raise the limit: {VARIABLE}={name}=N"


def main() -> None:
    """Build the scene of the file that the argument names and write it to standard output. What the child runs."""
    import signal

    from scenes.library import build_kept

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and ends this process
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is not the scene
    _hold_to_limits()
    path = Path(sys.argv[1])
    try:
        with reading(f"{path.name} cannot be built"):
            data = build_kept(path)
    except (HomeError, OSError) as error:
        sys.stderr.write(" ".join(str(error).split()) + "\n")
        sys.exit(_BAD_INPUT)
    with output:
        output.write(data)


def _hold_to_limits() -> None:
    """Hold this process to the memory, and to a little more than the seconds, that a scene may take, on Linux.

    The seconds are for a child whose parent was killed; else the parent looks at the clock.
    """
    if sys.platform == "linux":
        import resource

        most = limits()
        for kind, value in ((resource.RLIMIT_AS, most.memory_mib * MIB), (resource.RLIMIT_CPU, most.seconds + 10)):
            _, hard = resource.getrlimit(kind)
            resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
