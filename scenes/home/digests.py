"""The entry `ContentDigests`: SHA-1 of each content, by which the program tells a damaged home."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping

from scenes.errors import HomeError
from scenes.home.archive import Archive

ENTRY = "ContentDigests"
_NOT_SIGNIFICANT = "license.txt"
"""A file that does not count, in whatever case."""


def format_digests(contents: Mapping[str, bytes]) -> bytes:
    """The bytes of the entry for these contents; `12/name.obj` and its neighbours count as one content."""
    lines = ["ContentDigests-Version: 1.0", ""]
    for name in sorted(contents):
        if "/" in name and not name.endswith(".obj"):
            continue
        files = [contents[part] for part in _parts(name, contents)]
        lines += [f"Name: {name}", f"SHA-1-Digest: {_sha1(files)}", ""]
    return "\n".join(lines).encode()


def check_digests(archive: Archive) -> list[str]:
    """Warnings for the contents that are not what was saved."""
    if ENTRY not in archive:
        return []
    names = archive.names()
    pairs = re.findall(r"Name: (.+)\r?\nSHA-1-Digest: (\S+)", archive.read(ENTRY).decode("utf-8", "replace"))
    warnings = []
    for name, digest in pairs:
        try:
            if _sha1([archive.read(part) for part in _parts(name, names)]) != digest:
                warnings.append(f"content {name!r} is not what was saved (its digest differs)")
        except HomeError as error:
            warnings.append(f"content {name!r} cannot be read: {error}")
    return warnings


def _parts(name: str, names: Iterable[str]) -> list[str]:
    """The entries that a content is made of, in order: itself, or all that its outermost folder holds."""
    folder, slash, _ = name.partition("/")
    if not slash:
        return [name]
    return sorted(n for n in names if n.startswith(f"{folder}/") and n.rpartition("/")[2].lower() != _NOT_SIGNIFICANT)


def _sha1(parts: list[bytes]) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    for part in parts:
        digest.update(part)
    return base64.b64encode(digest.digest()).decode()
