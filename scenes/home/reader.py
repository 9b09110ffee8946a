"""A home file -> `HomeFile`: the `Home` it describes, its contents, and what was wrong with it."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from pathlib import Path

from scenes.errors import HomeError
from scenes.home.archive import Archive, entry_name, open_archive, reference_to
from scenes.home.basics import Element
from scenes.home.digests import ENTRY, check_digests
from scenes.home.fields import layout
from scenes.home.home import Home
from scenes.home.java_reader import parse_java_home
from scenes.home.xml_reader import parse_home_xml
from scenes.kinds import is_xml, read_file
from scenes.limits import MIB, limits, require_within

XML_ENTRY, JAVA_ENTRY = "Home.xml", "Home"
HOME_ENDINGS = (".sh3d", ".sh3x")
CONTENT_ATTRIBUTES = {"image", "model", "icon", "planIcon"}


@dataclass(frozen=True)
class HomeFile:
    """A home as read. `name`: the file's, without its ending."""

    name: str
    home: Home
    contents: Contents
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contents:
    """Models and images of a home by the reference that the home makes to them."""

    archive: Archive

    def __contains__(self, reference: str) -> bool:
        return entry_name(reference) in self.archive

    def read(self, reference: str) -> bytes:
        """The bytes of a content. Raises HomeError where it is missing, damaged, or lies outside of the file."""
        if re.match(r"[a-z]{2,}:", reference):
            raise HomeError(f"the content {reference!r} lies outside of the file, where it is not looked for")
        return self.archive.read(entry_name(reference))

    def beside(self, reference: str, name: str) -> str | None:
        """The reference of the file `name` in the folder of `reference`, whatever its case; None if there is none."""
        folder = entry_name(reference).rpartition("/")[0]
        entry = self.archive.find(posixpath.normpath(f"{folder}/{name}" if folder else name))
        return None if entry is None else reference_to(entry)


def read_home(path: Path) -> HomeFile:
    """Reads a `.sh3d` (with `Home.xml`, or with only the older Java-serialised home) or a bare `Home.xml`.

    Raises:
        HomeError: not a home, or damaged beyond use.
        OSError: the file cannot be opened.
    """
    return parse_home(read_file(path), path.stem)


def holds_home(archive: Archive) -> bool:
    """Return True if a zip has the entries of a `.sh3d`."""
    return XML_ENTRY in archive or JAVA_ENTRY in archive


def parse_home(data: bytes, name: str) -> HomeFile:
    """`read_home` for bytes in memory."""
    if is_xml(data):
        home, warnings = parse_home_xml(data)
        return HomeFile(name, home, Contents(Archive({})), _first(warnings))
    return parse_archive(open_archive(data), name)


def parse_archive(archive: Archive, name: str) -> HomeFile:
    """`read_home` for a zip that is open."""
    if XML_ENTRY in archive:
        require_within("xml_mib", archive.size(XML_ENTRY) / MIB, XML_ENTRY)
        home, warnings = parse_home_xml(archive.read(XML_ENTRY))
    elif JAVA_ENTRY in archive:
        require_within("java_mib", archive.size(JAVA_ENTRY) / MIB, f"the entry {JAVA_ENTRY!r}")
        home, warnings = parse_java_home(archive.read(JAVA_ENTRY))
    else:
        inside = next((entry for entry in archive.names() if entry.lower().endswith(HOME_ENDINGS)), None)
        hint = f"unpack {inside!r} from it" if inside is not None else "is it a .sh3d, or a zip of an OBJ export?"
        raise HomeError(f"the zip holds neither {XML_ENTRY} nor {JAVA_ENTRY}; {hint}")
    lost = sorted(reference for reference in references(home) if entry_name(reference) not in archive)
    if archive.cut_off and lost and ENTRY not in archive:
        raise HomeError(f"the file is cut off: {len(lost)} of its contents are missing; take another copy of it")
    return HomeFile(name, home, Contents(archive), _first([*archive.warnings, *warnings, *check_digests(archive)]))


def _first(warnings: list[str]) -> tuple[str, ...]:
    """The first warnings, and how many more there are: nobody reads a hundred thousand."""
    most = limits().warnings
    rest = len(warnings) - most
    return tuple(warnings) if rest <= 0 else (*warnings[:most], f"and {rest:,} more warnings of the file")


def references(element: Element) -> set[str]:
    """The contents that an element and its children name: models, icons, images."""
    table = layout(type(element))
    found = {getattr(element, a.key) for a in table.attributes.values() if a.name in CONTENT_ATTRIBUTES}
    for slot in table.children:
        value = getattr(element, slot.key)
        for kid in value if slot.many else (value,):
            if kid is not None:
                found |= references(kid)
    return found - {None}
