"""How the environments of other people's programs are found; `pytest -m clients` makes and runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.environments import AGENTS, BLENDER, LEROBOT, READERS, ClientMissingError, Environment, find_python


def test_a_python_of_the_version_is_found() -> None:
    found = find_python((sys.version_info[0], sys.version_info[1]))
    said = subprocess.run(
        [found, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == str(sys.version_info[:2])


def test_a_python_that_is_nowhere_is_an_error_that_says_so() -> None:
    with pytest.raises(ClientMissingError, match=r"no Python 3\.99 on PATH.*uv python install 3\.99"):
        find_python((3, 99))


@pytest.mark.clients
def test_a_program_that_cannot_be_had_is_an_error_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAIRWELL_CLIENTS", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setattr(Environment, "requirements", property(lambda _: "no-such-program-of-anyone==1.0\n"))
    with pytest.raises(ClientMissingError, match=r"'nowhere' cannot be made(.|\n)*no-such-program-of-anyone"):
        Environment("nowhere", (sys.version_info[0], sys.version_info[1])).run("x.py")
    assert not (tmp_path / "nowhere" / "made-of").exists()


@pytest.mark.parametrize("environment", [AGENTS, BLENDER, LEROBOT, READERS], ids=lambda one: one.name)
def test_every_version_is_pinned(environment: Environment) -> None:
    lines = [line for line in environment.requirements.splitlines() if line and not line.startswith("#")]
    assert lines
    assert all("==" in line for line in lines)
