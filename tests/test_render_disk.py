"""`sim render` on a disk that refuses: one line that says what to do, exit code 2, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_store_refusals import needs_mount

ROOT = Path(__file__).parents[1]


def render(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    arguments = ["render", "--scene", "round", "--frames", "30", "--size", "160x120", "--out", str(folder), *more]
    return subprocess.run(
        [sys.executable, "-m", "sim.cli", *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_disk_that_refuses_is_one_error(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    needs_mount("size=300k", disk)
    try:
        full = render(disk / "frames")
        assert full.returncode == 2
        assert "Traceback" not in full.stderr
        assert "cannot write: the disk is full" in full.stderr.splitlines()[-1]
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        for folder in (disk / "new", disk / "frames"):
            refused = render(folder, "--overwrite")
            assert refused.returncode == 2
            assert "the disk is read-only" in refused.stderr.splitlines()[-1]
            assert "Errno" not in refused.stderr
    finally:
        subprocess.run(["umount", disk], check=True)
