"""Zips without their directory, and digests: read once, however often they are named."""

import base64
import hashlib
import io
import zipfile

import numpy as np
import pytest

from scenes.errors import HomeError
from scenes.home.archive import Archive, open_archive
from scenes.home.digests import ENTRY, check_digests, format_digests
from tests.mutate import pack


def streamed(entries: dict[str, bytes]) -> bytes:
    """A zip as Java writes it: sizes behind the bytes, not before them."""

    class Unseekable(io.BytesIO):
        def seekable(self):
            return False

        def seek(self, *_):
            raise OSError

        def tell(self):
            raise OSError

    buffer = Unseekable()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zip_file:
        for name, data in entries.items():
            zip_file.writestr(name, data)
    return buffer.getvalue()


def without_directory(data: bytes) -> bytes:
    return data[: data.index(b"PK\x01\x02")]


@pytest.mark.parametrize("write", [pack, streamed])
def test_a_zip_without_its_directory_has_the_same_entries(write):
    rng = np.random.default_rng(1)
    sizes = (0, 1, 2**14 - 5, 2**14, 2**18, 2**18 + 1, 2**20)
    entries = {f"r{size}": rng.bytes(size) for size in sizes} | {f"z{size}": bytes(size) for size in sizes}
    archive = open_archive(without_directory(write(entries)))
    assert archive.cut_off
    assert archive.names() == list(entries)
    assert {name: archive.read(name) for name in entries} == entries
    assert {name: archive.size(name) for name in entries} == {name: len(data) for name, data in entries.items()}


def test_a_zip_without_its_directory_is_held_to_the_limits(monkeypatch):
    data = without_directory(streamed({str(i): b"x" * 2**20 for i in range(5)}))
    for limit in ("entries=4", "archive_mib=4"):
        monkeypatch.setenv("STAIRWELL_LIMITS", limit)
        with pytest.raises(HomeError, match=f"STAIRWELL_LIMITS={limit[:-1]}N"):
            open_archive(data)
    monkeypatch.setenv("STAIRWELL_LIMITS", "entries=5 archive_mib=5")
    assert len(open_archive(data).names()) == 5


def test_many_entries_without_a_directory():
    entries = {f"{i}": b"%d" % i for i in range(20_000)}
    archive = open_archive(without_directory(streamed(entries)))
    assert archive.read("19999") == b"19999"


class CountingArchive(Archive):
    def chunks(self, name):
        self.warnings.append(name)
        return super().chunks(name)


def test_a_content_is_hashed_once_however_often_it_is_named():
    contents = {"0": b"model", "1/a.obj": b"a", "1/b.obj": b"b", "1/license.txt": b"c"}
    line = f"Name: 0\nSHA-1-Digest: {base64.b64encode(hashlib.sha1(b'model').digest()).decode()}\n"
    archive = CountingArchive(contents | {ENTRY: format_digests(contents) + line.encode() * 1000})
    assert check_digests(archive) == []
    assert sorted(archive.warnings) == ["0", "1/a.obj", "1/b.obj"]
    archive.entries |= {"1/b.obj": b"changed"}
    assert check_digests(archive) == [
        f"content '1/{name}.obj' is not what was saved (its digest differs)" for name in "ab"
    ]


def test_a_name_in_another_case_is_found():
    archive = Archive({"Tex.JPG": b"", "tex.png": b"", "TEX.PNG": b""})
    assert [archive.find(name) for name in ("tex.jpg", "TEX.PNG", "Tex.png", "gone")] == [
        "Tex.JPG", "TEX.PNG", "tex.png", None,
    ]  # fmt: skip
