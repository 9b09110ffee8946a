"""What a file is, told by its first bytes: people rename files, and mail programs do."""

from __future__ import annotations

import re
from pathlib import Path

from scenes.limits import MIB, require_within

ZIP_MAGIC = b"PK\x03\x04"
_HEAD_BYTES = 2**16
_OBJ_LINE = re.compile(rb"^[ \t]*(?:v[ \t]+[-+.\d]|mtllib[ \t]|g[ \t]|o[ \t]|f[ \t]+[-\d])", re.MULTILINE)


def read_file(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        HomeError: larger than any home.
        OSError: the file cannot be opened.
    """
    require_within("file_mib", path.stat().st_size / MIB, path.name)
    return path.read_bytes()


def is_xml(data: bytes) -> bool:
    """Return True if bytes begin as an XML document does, in UTF-8 or UTF-16."""
    return data[:1024].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith((b"<?xml", b"<home"))


def is_obj(data: bytes, name: str) -> bool:
    """Return True if bytes are the text of an OBJ: a vertex, a face, a group or a material library near the head.

    The ending of `name` counts only for bytes that are not plain text, yet neither a zip nor XML.
    """
    head = data[:_HEAD_BYTES]
    if head.startswith(ZIP_MAGIC) or is_xml(head):
        return False
    return name.lower().endswith(".obj") if b"\0" in head else _OBJ_LINE.search(head) is not None


def is_home_file(path: Path) -> bool:
    """Return True if a file may hold a home: a zip, XML, or an OBJ."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    return head.startswith(ZIP_MAGIC) or is_xml(head) or is_obj(head, path.name)
