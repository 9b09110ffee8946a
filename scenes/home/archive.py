"""The zip that a `.sh3d` file is, read in memory and with limits; nothing is ever unpacked to disk.

A zip without its central directory (a truncated download, a half-written save) is read as far as it goes.
"""

from __future__ import annotations

import io
import struct
import urllib.parse
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from scenes.errors import HomeError
from scenes.limits import MIB, limits, require_within

_DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, ValueError, EOFError, RuntimeError, OSError)
"""What reading an entry raises, a negative offset (ValueError) and unknown packing (NotImplementedError) included."""

_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_LOCAL_MAGIC = b"PK\x03\x04"
_HAS_DESCRIPTOR = 0x08


@dataclass
class Archive:
    """The entries of a zip by name. `read` inflates on demand; `warnings` says what is wrong with the file."""

    entries: Mapping[str, bytes | zipfile.ZipInfo]
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

    def read(self, name: str) -> bytes:
        """The bytes of an entry.

        Raises:
            HomeError: no such entry, or its bytes are damaged.
        """
        entry = self.entries.get(name)
        if entry is None:
            raise HomeError(f"the file holds no entry {name!r}")
        if isinstance(entry, bytes):
            return entry
        assert self.zip_file is not None
        try:
            return self.zip_file.read(entry)
        except _DAMAGE as error:
            raise HomeError(f"entry {name!r} is damaged: {error}") from error


def open_archive(data: bytes) -> Archive:
    """Opens the bytes of a zip.

    Raises:
        HomeError: no zip, or one larger than any home (a zip bomb).
    """
    try:
        zip_file = zipfile.ZipFile(io.BytesIO(data))
        infos = zip_file.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        scanned = _scan_local_entries(data)
        if not scanned:
            raise HomeError(f"not a zip file, or damaged beyond reading ({error}); is it a .sh3d?") from error
        return Archive(scanned, None, ["the zip has lost its directory; read as far as it goes"])
    require_within("entries", len(infos), "the zip")
    require_within("archive_mib", sum(info.file_size for info in infos) / MIB, "the zip, unpacked,")
    require_within("entry_mib", max((info.file_size for info in infos), default=0) / MIB, "the zip, unpacked,")
    entries: dict[str, bytes | zipfile.ZipInfo] = {}
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


def _scan_local_entries(data: bytes) -> dict[str, bytes]:
    """Entries found by their local headers, until one cannot be read (zip format, APPNOTE.TXT 4.3)."""
    entries: dict[str, bytes] = {}
    position = 0
    total = 0
    while data[position : position + 4] == _LOCAL_MAGIC and len(data) - position >= _LOCAL_HEADER.size:
        header = _LOCAL_HEADER.unpack_from(data, position)
        flags, method, packed_size, name_size, extra_size = (header[i] for i in (2, 3, 7, 9, 10))
        start = position + _LOCAL_HEADER.size + name_size + extra_size
        name = data[position + _LOCAL_HEADER.size :][:name_size].decode("utf-8", "replace")
        try:
            content, end = _inflate(data, start, method, packed_size, bool(flags & _HAS_DESCRIPTOR))
        except (zlib.error, EOFError):
            break
        total += len(content)
        require_within("archive_mib", total / MIB, "the zip, unpacked,")
        if not _climbs_out(name):
            entries[name] = content
        if flags & _HAS_DESCRIPTOR:
            end += 16 if data[end : end + 4] == b"PK\x07\x08" else 12
        position = end
    return entries


def _inflate(data: bytes, start: int, method: int, packed_size: int, has_descriptor: bool) -> tuple[bytes, int]:
    """The content of the entry whose packed bytes begin at `start`, and where they end."""
    if method == zipfile.ZIP_STORED and not has_descriptor:
        if start + packed_size > len(data):
            raise EOFError
        return data[start : start + packed_size], start + packed_size
    if method != zipfile.ZIP_DEFLATED:
        raise EOFError
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    content = inflater.decompress(data[start:], limits().entry_mib * MIB)
    if not inflater.eof:
        raise EOFError
    return content, len(data) - len(inflater.unused_data)
