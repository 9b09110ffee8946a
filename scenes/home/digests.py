"""The entry `ContentDigests`: SHA-1 of each content, by which the program tells a damaged home."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping

from scenes.errors import HomeError
from scenes.home.archive import Archive

ENTRY = "ContentDigests"
_NOT_SIGNIFICANT = re.compile(r"licen[sc]e|readme|read-me", re.IGNORECASE)


def format_digests(contents: Mapping[str, bytes]) -> bytes:
    """The bytes of the entry for these contents; `12/name.obj` and its neighbours count as one content."""
    lines = ["ContentDigests-Version: 1.0", ""]
    for name in sorted(contents):
        if "/" in name and not name.endswith(".obj"):
            continue
        files = [contents[name]] if "/" not in name else _folder(contents, name)
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
        folder = name.rpartition("/")[0]
        parts = (
            sorted(n for n in names if n.startswith(folder + "/") and not _NOT_SIGNIFICANT.search(n))
            if folder
            else [name]
        )
        try:
            if _sha1([archive.read(part) for part in parts]) != digest:
                warnings.append(f"content {name!r} is not what was saved (its digest differs)")
        except HomeError as error:
            warnings.append(f"content {name!r} cannot be read: {error}")
    return warnings


def _folder(contents: Mapping[str, bytes], name: str) -> list[bytes]:
    folder = name.rpartition("/")[0] + "/"
    return [contents[key] for key in sorted(contents) if key.startswith(folder) and not _NOT_SIGNIFICANT.search(key)]


def _sha1(parts: list[bytes]) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    for part in parts:
        digest.update(part)
    return base64.b64encode(digest.digest()).decode()
