"""Hostile homes end in one error, or in a home with warnings; within limits, and without a traceback.

Small ones are made here. `-m full` runs the command line on those beside the project; `python -m tests.attack FOLDER`
prints how long each takes and what memory.
"""

import io
import json
import struct
import zipfile

import pytest

from scenes.errors import HomeError
from scenes.home.java_stream import MAGIC, read_java_object
from scenes.home.reader import parse_home
from scenes.home.xml_reader import parse_home_xml
from tests.attack import COMMANDS, run
from tests.program import SHARED

ATTACK = SHARED / "attack"
FILES = sorted(ATTACK.glob("*.sh3d"))
MOST_MEMORY_MIB = 1024


def zipped(name: str, block: bytes, count: int) -> bytes:
    """A zip of one entry: `count` times the block."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zip_file, zip_file.open(name, "w") as entry:
        for _ in range(count):
            entry.write(block)
    return buffer.getvalue()


@pytest.mark.parametrize(("name", "limit"), [("Home.xml", "xml_mib"), ("Home", "java_mib")])
def test_a_home_of_hundreds_of_megabytes_is_refused_before_it_is_unpacked(name, limit):
    data = zipped(name, b"<?xml version='1.0'?>" + b" " * 2**20, 100)
    assert len(data) < 2**18
    with pytest.raises(HomeError, match=f"STAIRWELL_LIMITS={limit}=N"):
        parse_home(data, "h")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-15"])
def test_elements_are_counted_in_any_encoding(monkeypatch, encoding):
    text = f"<?xml version='1.0' encoding='{encoding}'?><home>" + "<wall/>" * 1000 + "</home>"
    monkeypatch.setenv("STAIRWELL_LIMITS", "elements=1000")
    with pytest.raises(HomeError, match="over the limit of 1,000 elements"):
        parse_home_xml(text.encode(encoding))


def test_the_first_warnings_are_told_and_the_rest_counted(monkeypatch):
    attributes = " ".join(f"a{i}=''" for i in range(5000))
    monkeypatch.setenv("STAIRWELL_LIMITS", "warnings=100")
    warnings = parse_home(f"<?xml version='1.0'?><home {attributes}/>".encode(), "h").warnings
    assert len(warnings) == 101
    assert warnings[-1] == "and 4,900 more warnings of the file"


OBJECT_ARRAY = b"ur\x00\x13[Ljava.lang.Object;" + bytes(8) + b"\x02\x00\x00xp"
BYTE_ARRAY = b"ur\x00\x02[B" + bytes(8) + b"\x02\x00\x00xp"


@pytest.mark.parametrize(
    ("stream", "words"),
    [
        (OBJECT_ARRAY + struct.pack(">i", 2**31 - 1) + b"p" * 20_000, "over the limit of 10,000 objects"),
        (b"y" * 20_000, "over the limit of 10,000 objects"),
        (b"w\x00" * 20_000, "over the limit of 10,000 objects"),
        (BYTE_ARRAY + struct.pack(">i", 2**31 - 1) + b"p" * 20_000, "ends early"),
        (BYTE_ARRAY + struct.pack(">i", -1), "ends early"),
        ((OBJECT_ARRAY + struct.pack(">i", 1)) * 2_000, "damaged"),
        (b"|" + struct.pack(">q", 2**62) + b"x", "ends early"),
        (b"q\x7f\xff\xff\xff", "damaged"),
        (b"q\x00\x00\x00\x00", "damaged"),
    ],
)
def test_java_streams_without_an_end(monkeypatch, stream, words):
    monkeypatch.setenv("STAIRWELL_LIMITS", "java_objects=10000")
    with pytest.raises(HomeError, match=words):
        read_java_object(MAGIC + stream)


def refuse_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


@pytest.mark.full
@pytest.mark.skipif(not FILES, reason=f"no hostile homes in {ATTACK}")
@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_command_on_every_hostile_home(path, command):
    outcome = run(command, path)
    assert outcome.exit_code in (0, 1, 2), outcome.errors
    assert "Traceback" not in outcome.output + outcome.errors
    assert outcome.peak_mib < MOST_MEMORY_MIB
    if command == "info" and outcome.exit_code == 0:
        scene = json.loads(outcome.output, parse_constant=refuse_constant)
        if path.stem.startswith(("img", "model")):
            assert any(instance["category"] == "furniture" for instance in scene["instances"]) or scene["warnings"]
