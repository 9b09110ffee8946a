"""The zip that a `.sh3d` file is, read in memory and with limits; nothing is ever unpacked to disk.

A zip without its central directory (a truncated download, a half-written save) is read as far as it goes.
"""

from __future__ import annotations

import functools
import io
import struct
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from scenes.errors import HomeError, reading
from scenes.kinds import ZIP_MAGIC
from scenes.limits import MIB, require_within

_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_HAS_DESCRIPTOR = 0x08
_CHUNK, _PACKED_CHUNK = 2**18, 2**14


@dataclass(frozen=True)
class LocalEntry:
    """An entry of a zip that has lost its directory: where its packed bytes stand, and how long it is, unpacked."""

    packed: memoryview
    method: int
    file_size: int


@dataclass(eq=False)
class Archive:
    """The entries of a zip by name. `read` inflates on demand; `warnings` says what is wrong with the file."""

    entries: Mapping[str, bytes | zipfile.ZipInfo | LocalEntry]
    zip_file: zipfile.ZipFile | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def cut_off(self) -> bool:
        """True if the zip has lost its directory, as a truncated file has."""
        return self.zip_file is None and bool(self.entries)

    def __contains__(self, name: str) -> bool:
        return name in self.entries

    def names(self) -> list[str]:
        """All entries that are files, in file order."""
        return [name for name in self.entries if not name.endswith("/")]

    def find(self, name: str) -> str | None:
        """Return the entry with this name; else the first that differs from it in case only; else None."""
        return name if name in self.entries else self._by_lower_case.get(name.lower())

    @functools.cached_property
    def _by_lower_case(self) -> dict[str, str]:
        return {name.lower(): name for name in reversed(self.names())}

    def size(self, name: str) -> int:
        """Return the length of an entry, unpacked, in bytes, as the file says it."""
        entry = self._entry(name)
        return len(entry) if isinstance(entry, bytes) else entry.file_size

    def read(self, name: str) -> bytes:
        """The bytes of an entry.

        Raises:
            HomeError: no such entry, or its bytes are damaged.
        """
        entry = self._entry(name)
        if isinstance(entry, bytes):
            return entry
        buffer = io.BytesIO()
        for chunk in self.chunks(name):
            buffer.write(chunk)
        return buffer.getvalue()

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of an entry in pieces, so that no more than one of them is held.

        Raises:
            HomeError: no such entry, or its bytes are damaged.
        """
        entry = self._entry(name)
        if isinstance(entry, bytes):
            yield entry
            return
        with reading(f"entry {name!r} is damaged"):
            if isinstance(entry, LocalEntry):
                stored = entry.method == zipfile.ZIP_STORED
                yield from [bytes(entry.packed)] if stored else (chunk for chunk, _ in _inflated(entry.packed))
                return
            assert self.zip_file is not None
            with self.zip_file.open(entry) as file:
                while chunk := file.read(_CHUNK):
                    yield chunk

    def _entry(self, name: str) -> bytes | zipfile.ZipInfo | LocalEntry:
        entry = self.entries.get(name)
        if entry is None:
            raise HomeError(f"the file holds no entry {name!r}")
        return entry


def open_archive(data: bytes) -> Archive:
    """Opens the bytes of a zip.

    Raises:
        HomeError: no zip, or one larger than any home (a zip bomb).
    """
    try:
        with reading("not a zip file, or damaged beyond reading"):
            zip_file = zipfile.ZipFile(io.BytesIO(data))
            infos = zip_file.infolist()
    except HomeError:
        local = _local_entries(data)
        if not local:
            raise
        return Archive(local, None, ["the zip has lost its directory; read as far as it goes"])
    require_within("entries", len(infos), "the zip")
    require_within("archive_mib", sum(info.file_size for info in infos) / MIB, "the zip, unpacked,")
    require_within("entry_mib", max((info.file_size for info in infos), default=0) / MIB, "the zip, unpacked,")
    entries: dict[str, bytes | zipfile.ZipInfo | LocalEntry] = {}
    warnings = []
    for info in infos:
        if _climbs_out(info.filename):
            warnings.append(f"entry {info.filename!r} climbs out of the archive; ignored")
        else:
            entries[info.filename] = info
    return Archive(entries, zip_file, warnings)


def entry_name(reference: str) -> str:
    """The entry that a content reference names: references are percent-encoded as in a URL."""
    return urllib.parse.unquote(reference)


def reference_to(name: str) -> str:
    """The content reference of an entry: the reverse of `entry_name`."""
    return urllib.parse.quote(name)


def _climbs_out(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in name


def _local_entries(data: bytes) -> dict[str, LocalEntry]:
    """Entries found by their local headers, until one cannot be read (zip format, APPNOTE.TXT 4.3)."""
    entries: dict[str, LocalEntry] = {}
    view = memoryview(data)
    position = count = total = 0
    while data[position : position + 4] == ZIP_MAGIC and len(data) - position >= _LOCAL_HEADER.size:
        header = _LOCAL_HEADER.unpack_from(data, position)
        flags, method, packed_size, name_size, extra_size = (header[i] for i in (2, 3, 7, 9, 10))
        start = position + _LOCAL_HEADER.size + name_size + extra_size
        name = data[position + _LOCAL_HEADER.size : start - extra_size].decode("utf-8", "replace")
        try:
            end, size = _extent(view, start, method, packed_size, bool(flags & _HAS_DESCRIPTOR))
        except (zlib.error, EOFError):
            break
        count, total = count + 1, total + size
        require_within("entries", count, "the zip")
        require_within("archive_mib", total / MIB, "the zip, unpacked,")
        if not _climbs_out(name):
            entries[name] = LocalEntry(view[start:end], method, size)
        if flags & _HAS_DESCRIPTOR:
            end += 16 if data[end : end + 4] == b"PK\x07\x08" else 12
        position = end
    return entries


def _extent(view: memoryview, start: int, method: int, packed_size: int, has_descriptor: bool) -> tuple[int, int]:
    """Where the packed bytes that begin at `start` end, and how many they are, unpacked."""
    if method == zipfile.ZIP_STORED and not has_descriptor:
        if start + packed_size > len(view):
            raise EOFError
        return start + packed_size, packed_size
    if method != zipfile.ZIP_DEFLATED:
        raise EOFError
    size = 0
    for chunk, end in _inflated(view[start:]):
        size += len(chunk)
        require_within("entry_mib", size / MIB, "the zip, unpacked,")
        if end is not None:
            return start + end, size
    raise EOFError


def _inflated(packed: memoryview) -> Iterator[tuple[bytes, int | None]]:
    """The content of deflated bytes in pieces; with the last of them, how many of the bytes it was."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for start in range(0, len(packed), _PACKED_CHUNK):
        rest: bytes | memoryview = packed[start : start + _PACKED_CHUNK]
        end = start + len(rest)
        chunk = b""
        while (rest or len(chunk) == _CHUNK) and not inflater.eof:
            chunk = inflater.decompress(rest, _CHUNK)
            rest = inflater.unconsumed_tail
            yield chunk, end - len(inflater.unused_data) if inflater.eof else None
        if inflater.eof:
            return
