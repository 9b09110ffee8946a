"""Settings one by one, as `--set KEY=VALUE` gives them."""

from __future__ import annotations

from typing import Any

from scenes.errors import HomeError
from scenes.yaml_files import parse_settings


def override(settings: dict[str, Any], change: str) -> None:
    """Put one setting, such as `ptz.modulation=5`, into nested settings: a dotted key and a YAML value.

    Raises:
        HomeError: it is no such text.
    """
    key, equals, text = change.partition("=")
    parts = key.strip().split(".")
    if not equals or not all(parts):
        raise HomeError(f"override {change!r}; write key=value, such as model.latent=64")
    value = parse_value(text)
    for part in parts[:-1]:
        inner = settings.get(part)
        settings[part] = dict(inner) if isinstance(inner, dict) else {}
        settings = settings[part]
    settings[parts[-1]] = value


def parse_value(text: str) -> Any:
    """Return a YAML value from the command line: a number, true, false, null, a [list, of, such], else the text.

    Raises:
        HomeError: it is not YAML.
    """
    try:
        return parse_settings(text, repr(text))
    except HomeError as error:
        raise HomeError(f"{text!r} is not a YAML value; put it into quotes") from error
