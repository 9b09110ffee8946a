"""Building in a process of its own: what takes too long or too much is stopped, and so is what the user stops."""

import signal
import subprocess
import sys
import threading
import time

import numpy as np
import psutil
import pytest

from scenes.errors import HomeError
from scenes.home.basics import Point
from scenes.home.home import Home
from scenes.home.plan import Room
from scenes.home.writer import format_home
from scenes.library import load_scene
from tests.homes.cabin import cabin

UNBOUNDED = "crossings=1000000000 corners=1000000"
"""Limits that let the endless home in."""


@pytest.fixture
def endless(tmp_path, monkeypatch):
    """A room whose outline crosses itself millions of times: minutes in C, where no signal is heard."""
    corners = np.random.default_rng(1).uniform(0, 5000, (6000, 2))
    room = Room(id="r", points=tuple(Point(x=x, y=y) for x, y in corners))
    path = tmp_path / "endless.sh3d"
    path.write_bytes(format_home(Home(rooms=(room,)), {}))
    monkeypatch.setenv("STAIRWELL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("STAIRWELL_LIMITS", UNBOUNDED)
    return path


def child_of(process: psutil.Process) -> psutil.Process:
    """The one child of a process, once it is there."""
    while not (children := process.children()):
        assert process.is_running()
        time.sleep(0.05)
    return children[0]


def test_seconds_are_limited(endless, monkeypatch):
    monkeypatch.setenv("STAIRWELL_LIMITS", f"{UNBOUNDED} seconds=1")
    with pytest.raises(HomeError, match=r"endless.sh3d took more than 1 seconds; .*STAIRWELL_LIMITS=seconds=N"):
        load_scene(str(endless))
    assert psutil.Process().children() == []


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux")
def test_memory_is_limited(tmp_path, monkeypatch):
    monkeypatch.setenv("STAIRWELL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("STAIRWELL_LIMITS", "memory_mib=100")
    cabin().save(tmp_path / "cabin.sh3d")
    with pytest.raises(HomeError, match=r"cabin.sh3d"):
        load_scene(str(tmp_path / "cabin.sh3d"))
    monkeypatch.setenv("STAIRWELL_LIMITS", "memory_mib=10000")
    assert load_scene(str(tmp_path / "cabin.sh3d")).rooms


def test_a_crash_of_a_library_is_one_error(endless):
    killer = threading.Thread(target=lambda: child_of(psutil.Process()).send_signal(signal.SIGSEGV))
    killer.start()
    with pytest.raises(HomeError, match=r"endless.sh3d failed \(was ended by signal 11\)"):
        load_scene(str(endless))
    killer.join()


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("command", ["info", "check"])
def test_a_stop_during_a_load_is_one_line(endless, command, how, code):
    argv = [sys.executable, "-m", "sim.cli", command, str(endless)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    child = child_of(psutil.Process(process.pid))
    process.send_signal(how)
    output, errors = process.communicate()
    assert (process.returncode, output, errors) == (code, "", "stopped\n")
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_an_error_comes_through_as_it_is(tmp_path):
    (tmp_path / "bad.sh3d").write_bytes(b"PK\x03\x04")
    with pytest.raises(HomeError) as caught:
        load_scene(str(tmp_path / "bad.sh3d"))
    assert str(caught.value) == "not a zip file, or damaged beyond reading: File is not a zip file"


def test_modules_in_the_folder_of_a_home_are_not_run(tmp_path, monkeypatch):
    """Somebody else's folder may hold a file that is named like a module."""
    for name in ("json", "numpy", "shapely", "scenes"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('run!')")
    cabin().save(tmp_path / "cabin.sh3d")
    monkeypatch.chdir(tmp_path)
    assert load_scene("cabin.sh3d", cached=False).rooms
