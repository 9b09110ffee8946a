"""The text of OBJ and MTL files, whatever program wrote it."""

from __future__ import annotations

_UTF8_MARK = b"\xef\xbb\xbf"


def text_lines(data: bytes) -> list[str]:
    """Return the lines of a file in Latin-1, which gives back every byte.

    Lines end as they do on any system; one that ends with a backslash goes on in the next. Tabs are blanks. No other
    character parts lines or words: in UTF-8, names hold bytes that Latin-1 counts to blanks and line ends.
    """
    text = data.removeprefix(_UTF8_MARK).decode("latin-1")
    for written, meant in (("\r\n", "\n"), ("\r", "\n"), ("\\\n", " "), ("\t", " ")):
        if written in text:
            text = text.replace(written, meant)
    return text.split("\n")


def keyword_and_value(line: str) -> tuple[str, str]:
    """Return the first word of a line and the rest of it, without blanks around."""
    key, _, value = line.strip(" ").partition(" ")
    return key, value.strip(" ")
