"""Environments of other people's programs: each with a Python and versions of its own, made once and kept.

They lie in $STAIRWELL_CLIENTS, else in the user's cache, and are made anew when what they are made of changes. What
cannot be had is an error that says what is missing.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
PROGRAMS = HERE / "programs"
_TORCH_INDEX = "https://download.pytorch.org/whl/cpu"


class ClientMissingError(RuntimeError):
    """A program cannot be had on this machine."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment.

    Attributes:
        name: of its folder and of its file in `requirements`.
        python: major and minor version.
        with_stairwell: has what Stairwell needs, too, and runs its code from the work tree.
    """

    name: str
    python: tuple[int, int] = (3, 11)
    with_stairwell: bool = False

    @property
    def requirements(self) -> str:
        """The text of its requirements, all versions pinned."""
        return (HERE / "requirements" / f"{self.name}.txt").read_text()

    def run(self, program: str, *arguments: str | Path, environ: Mapping[str, str] | None = None) -> str:
        """Run a file of `programs`, or a command that the environment has; return what it printed.

        Raises:
            ClientMissingError: the environment cannot be made.
            AssertionError: the program failed; with the end of what it said.
        """
        python = self._made()
        command = [str(python), "-P", str(PROGRAMS / program)]
        if not program.endswith(".py"):
            command = [str(python.parent / program)]
        more = {"PYTHONPATH": str(PROJECT)} if self.with_stairwell else {}
        return run([*command, *map(str, arguments)], _plain_environ() | more | dict(environ or {}))

    def _made(self) -> Path:
        """Return the environment's Python; make it first where it is not there."""
        folder = cache() / self.name
        python = folder / "bin" / "python"
        made_of = "\n".join((str(self.python), self.requirements, *self._of_stairwell()))
        digest = hashlib.sha256(made_of.encode()).hexdigest()
        with _locked(self.name):
            done = folder / "made-of"
            if not (done.exists() and done.read_text() == digest):
                shutil.rmtree(folder, ignore_errors=True)
                _install([str(find_python(self.python)), "-m", "venv", str(folder)], self.name)
                self._fill(python, folder)
                done.write_text(digest)
        return python

    def _fill(self, python: Path, folder: Path) -> None:
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        torch = [line for line in self.requirements.splitlines() if line.startswith(("torch==", "torchvision=="))]
        if torch and _wants_cpu_torch():
            _install([*pip, "--no-deps", "--index-url", _TORCH_INDEX, *torch], self.name)
        wishes, pins = folder / "requirements.txt", folder / "pins.txt"
        wishes.write_text(self.requirements)
        pins.write_text("\n".join(self._of_stairwell()))
        wanted = self._stairwell_needs() if self.with_stairwell else []
        _install([*pip, "-r", str(wishes), "-c", str(pins), *wanted], self.name)

    def _of_stairwell(self) -> list[str]:
        """The tested versions of Stairwell's dependencies, but for those that the environment pins itself."""
        if not self.with_stairwell:
            return []
        own = {line.split("==")[0] for line in self.requirements.splitlines()}
        lines = (PROJECT / "constraints.txt").read_text().splitlines()
        return [line for line in lines if "==" in line and line.split("==")[0] not in own]

    @staticmethod
    def _stairwell_needs() -> list[str]:
        needs: list[str] = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["dependencies"]
        return needs


BLENDER = Environment("blender")
READERS = Environment("readers")
LEROBOT = Environment("lerobot", python=(3, 12))
AGENTS = Environment("agents", with_stairwell=True)


def run_node(program: str, *arguments: str | Path) -> str:
    """Run a file of `programs` with Node.js and the packages of `package.json`; return what it printed.

    Raises:
        ClientMissingError: there is no Node.js, or npm cannot get the packages.
        AssertionError: the program failed; with the end of what it said.
    """
    for name in ("node", "npm"):
        if shutil.which(name) is None:
            raise ClientMissingError(f"no {name} on PATH, which {program} needs; install Node.js with npm")
    wanted, folder = (HERE / "package.json").read_text(), cache() / "node"
    with _locked("node"):
        done = folder / "made-of"
        if not (done.exists() and done.read_text() == wanted):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            (folder / "package.json").write_text(wanted)
            _install(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder)], "node")
            done.write_text(wanted)
    return run(["node", str(PROGRAMS / program), str(folder), *map(str, arguments)], _plain_environ())


def run(command: Sequence[str], environ: Mapping[str, str]) -> str:
    """Run a command and return what it printed.

    Raises:
        AssertionError: it failed; with the end of what it said.
    """
    done = subprocess.run(command, env=dict(environ), capture_output=True, text=True, check=False)
    said = f"{done.stdout}\n{done.stderr}"[-4000:]
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{said}"
    return done.stdout


def cache() -> Path:
    """Return the folder of all environments; it lies outside of the project."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(os.environ.get("STAIRWELL_CLIENTS") or Path(home) / "stairwell" / "clients")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def find_python(version: tuple[int, int]) -> Path:
    """Return an interpreter of a version that can make environments: on PATH, of pyenv, of uv, or of the system.

    Raises:
        ClientMissingError: there is none.
    """
    for candidate in _candidates("{}.{}".format(*version)):
        code = f"import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != {version})"
        try:
            found = subprocess.run([candidate, "-c", code], capture_output=True, check=False)
        except OSError:
            continue
        if found.returncode == 0:
            return candidate
    name = "{}.{}".format(*version)
    raise ClientMissingError(
        f"no Python {name} on PATH, in ~/.pyenv or of uv; install it: `uv python install {name}`, "
        f"`pyenv install {name}`, or your system's python{name} and python{name}-venv"
    )


def _candidates(name: str) -> Iterator[Path]:
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        yield Path(folder) / f"python{name}"
    roots = [Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"]
    roots.append(Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or Path.home() / ".local/share/uv/python"))
    for root in roots:
        for found in sorted(root.glob(f"*{name}*"), reverse=True):
            yield found / "bin" / f"python{name}"
    for folder in ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"):
        yield Path(folder) / f"python{name}"


def _wants_cpu_torch() -> bool:
    """Return True where PyPI's torch brings CUDA for nothing and its own index of CPU builds can be reached."""
    if platform.system() != "Linux" or shutil.which("nvidia-smi"):
        return False
    try:
        with urllib.request.urlopen(f"{_TORCH_INDEX}/torch/", timeout=30):
            return True
    except (urllib.error.URLError, TimeoutError):
        return False


def _plain_environ() -> dict[str, str]:
    """The environment without what would lead a client to this project's own packages, or onto the network."""
    dropped = ("PYTHONPATH", "VIRTUAL_ENV", "PYTHONHOME")
    kept = {key: value for key, value in os.environ.items() if key not in dropped}
    return kept | {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "WANDB_MODE": "disabled"}


def _install(command: Sequence[str], name: str) -> None:
    try:
        subprocess.run(command, capture_output=True, text=True, check=True)
    except subprocess.CalledProcessError as error:
        raise ClientMissingError(
            f"the client environment {name!r} cannot be made: {' '.join(command)}\n{error.stderr[-3000:]}"
        ) from error


class _locked:  # noqa: N801
    """Holds an environment while it is made, so that two processes do not make it at once."""

    def __init__(self, name: str) -> None:
        self._path = cache() / f".{name}.lock"

    def __enter__(self) -> None:
        self._file = self._path.open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._file.close()
