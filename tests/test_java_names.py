"""Homes of before 2017: what Java's own writer writes comes back, in any language."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scenes.build.assemble import build_scene
from scenes.errors import HomeError
from scenes.home.java_reader import parse_java_home
from scenes.home.java_stream import decode_utf
from scenes.home.reader import parse_home, read_home
from tests.mutate import pack
from tests.program import HOMES, needs_homes

SOURCE = Path(__file__).parent / "java" / "Serialise.java"
KOREAN = HOMES / "found" / "korean_names_old_format.sh3d"

needs_java = pytest.mark.skipif(shutil.which("javac") is None, reason="no Java compiler")


class Java:
    """Java's writer, in a process that waits for names."""

    def __init__(self, folder: Path):
        subprocess.run(["javac", "-d", folder, SOURCE], check=True, capture_output=True)
        command = ["java", "-XX:TieredStopAtLevel=1", "-cp", folder, "Serialise"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def home(self, name: str) -> bytes:
        self.process.stdin.write(name.encode("utf-16-be", "surrogatepass").hex() + "\n")
        self.process.stdin.flush()
        return bytes.fromhex(self.process.stdout.readline())


@pytest.fixture(scope="module")
def java(tmp_path_factory):
    writer = Java(tmp_path_factory.mktemp("java"))
    yield writer
    writer.process.stdin.close()
    writer.process.wait()


@needs_java
@settings(max_examples=100)
@example("화장실")
@example("현관 의자 🪑\0\x7f\x80߿ࠀ퟿豈￿𐀀\U0010ffff")
@example("가" * 70_000)
@given(st.text())
def test_a_name_in_any_language_comes_back_from_java(java, name):
    home, warnings = parse_java_home(java.home(name))
    assert warnings == []
    assert home.name == name
    assert [level.name for level in home.levels] == [name]
    assert [room.name for room in home.rooms] == [name]
    assert [piece.name for piece in home.furniture] == [name]
    assert [(p.name, p.value) for p in home.furniture[0].properties] == [(name, name)]
    assert [wall.wall_at_start for wall in home.walls] == [*(f"wall{i}" for i in range(98, -1, -1)), None]


@needs_java
def test_half_a_surrogate_pair_becomes_the_replacement_character(java):
    home, _ = parse_java_home(java.home("a\ud800b\udc00"))
    assert home.name == "a�b�"


@needs_java
def test_a_home_from_java_is_built(java):
    file = parse_home(pack({"Home": java.home("화장실")}), "old")
    scene = build_scene(file)
    assert [room.name for room in scene.rooms] == ["화장실"]
    assert {instance.name for instance in scene.instances} >= {"화장실"}


@needs_java
def test_groups_that_share_their_members_are_counted_one_by_one(java, monkeypatch):
    """Ten groups of ten groups of ten ...: 3 kB that stand for a thousand million pieces."""
    data = java.home("group bomb")
    monkeypatch.setenv("STAIRWELL_LIMITS", "elements=5000")
    with pytest.raises(HomeError, match="over the limit of 5,000 elements"):
        parse_java_home(data)


@given(st.text(st.characters(exclude_categories=())))
def test_decoding_undoes_encoding(text):
    """Against the rule itself: each UTF-16 unit by itself, 0 in two bytes."""
    units = text.encode("utf-16-be", "surrogatepass")
    pairs = [units[i : i + 2].decode("utf-16-be", "surrogatepass") for i in range(0, len(units), 2)]
    data = b"".join(b"\xc0\x80" if unit == "\0" else unit.encode("utf-8", "surrogatepass") for unit in pairs)
    assert decode_utf(data) == units.decode("utf-16-be", "replace")


@needs_homes
def test_a_korean_home_of_the_old_format():
    home = read_home(KOREAN).home
    assert [room.name for room in home.rooms] == ["화장실"]
    assert {piece.name for piece in home.furniture} == {"door", "현관 의자"}
