"""`Home` -> a `.sh3d` file that Sweet Home 3D opens. The same home and contents give the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

from scenes.files import write_whole
from scenes.home.digests import ENTRY, format_digests
from scenes.home.home import Home
from scenes.home.xml_writer import format_home_xml

_EPOCH = (1980, 1, 1, 0, 0, 0)


def format_home(home: Home, contents: Mapping[str, bytes]) -> bytes:
    """The bytes of a `.sh3d`: `Home.xml`, the digests, and the contents by the names that the home refers to."""
    entries = {"Home.xml": format_home_xml(home)}
    if contents:
        entries[ENTRY] = format_digests(contents)
    entries |= {name: contents[name] for name in sorted(contents)}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zip_file:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            zip_file.writestr(info, data)
    return buffer.getvalue()


def write_home(path: Path, home: Home, contents: Mapping[str, bytes]) -> None:
    """Writes a `.sh3d`; the file appears whole or not at all."""
    write_whole(path, format_home(home, contents))
