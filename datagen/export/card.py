"""Dataset cards: the README.md by which `datasets` and the Hub know a folder's data files and their columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datagen.store.schema import Json

FRAME_FIELDS = """- `T_world_camera`: row-major 4x4, metres; world z up; camera x right, y down, z forward.
- `fx, fy, cx, cy` (`K`): pixels; the centre of pixel (i, j) is at (i + 0.5, j + 0.5).
- `action` is what is done next, `prev_action` what was done before.
- `split_NAME`: the part of the stored split NAME. All rows are under "train" here; choose by these columns.
"""
"""What the columns of all formats have in common, in Markdown."""


_ABOUT = "RGB-D frames of simulated homes, written by Stairwell; `dataset.yaml` tells how they were made."


def dataset_card(data_files: str, text: str, features: Mapping[str, Json] | None = None, **front: Json) -> str:
    """Return the README.md of an export, YAML and Markdown.

    data_files: a pattern, relative to the folder; nothing else in it is data. features: what `feature_of` makes of each
    column, where the files do not say it themselves. front: further entries of the YAML.
    """
    import yaml

    said: dict[str, Json] = {
        "task_categories": ["depth-estimation", "robotics"],
        **front,
        "configs": [{"config_name": "default", "data_files": [{"split": "train", "path": data_files}]}],
    }
    if features is not None:
        said["dataset_info"] = {"features": [{"name": name, **_as_yaml(told)} for name, told in features.items()]}
    return f"---\n{yaml.safe_dump(said, sort_keys=False, allow_unicode=True)}---\n\n{_ABOUT}\n\n{text}"


def feature_of(kind: Any) -> Json:
    """Return how `datasets` names an Arrow type in JSON."""
    import pyarrow as pa

    if pa.types.is_struct(kind):
        return {field.name: feature_of(field.type) for field in kind}
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        item = feature_of(kind.value_type)
        if pa.types.is_struct(kind.value_type):
            return [item]
        length = kind.list_size if pa.types.is_fixed_size_list(kind) else -1
        return {"_type": "Sequence", "feature": item, "length": length}
    names = {"double": "float64", "float": "float32"}
    return {"_type": "Value", "dtype": names.get(str(kind), str(kind))}


def _as_yaml(feature: Json) -> dict[str, Json]:
    """Return how a card's YAML says what `feature_of` says."""
    if isinstance(feature, list):
        return {"list": _simple(_as_yaml(feature[0]))}
    kind = feature.get("_type") if isinstance(feature.get("_type"), str) else None
    if kind == "Image":
        return {"dtype": "image"}
    if kind == "Value":
        return {"dtype": feature["dtype"]}
    if kind == "Sequence":
        length = {"length": feature["length"]} if feature["length"] >= 0 else {}
        return {"list": _simple(_as_yaml(feature["feature"])), **length}
    return {"struct": [{"name": name, **_as_yaml(told)} for name, told in feature.items()]}


def _simple(item: dict[str, Json]) -> Json:
    """Return the short form that YAML has for the items of a list."""
    if list(item) == ["dtype"] or list(item) == ["struct"]:
        return next(iter(item.values()))
    return item
