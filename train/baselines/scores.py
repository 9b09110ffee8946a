"""How right classes are: counts of what was said where what was true, and what follows from them alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]


def confusion(true: npt.NDArray[np.integer], said: npt.NDArray[np.integer], classes: int) -> Counts:
    """How often each class was said (columns) where each was true (rows), (C, C); `true`, `said`: (N,) from 0."""
    return np.bincount(true * classes + said, minlength=classes * classes).reshape(classes, classes)


@dataclass(frozen=True, eq=False)
class Scores:
    """What follows from a confusion matrix.

    Precision of a class that was never said, recall of one that was never true, and F1 of one that was neither are 0
    by convention; `macro` means leave out classes that never were true nor said.

    Attributes:
        classes: their names. counts: see `confusion`.
    """

    classes: tuple[str, ...]
    counts: Counts

    @property
    def support(self) -> Counts:
        """(C,), how often each class was true."""
        return self.counts.sum(axis=1)

    @property
    def precision(self) -> npt.NDArray[np.float64]:
        """(C,), of what was said to be a class, the share that was."""
        return _share(self.counts.diagonal(), self.counts.sum(axis=0))

    @property
    def recall(self) -> npt.NDArray[np.float64]:
        """(C,), of what was a class, the share that was said to be."""
        return _share(self.counts.diagonal(), self.support)

    @property
    def f1(self) -> npt.NDArray[np.float64]:
        """(C,), the harmonic mean of precision and recall."""
        return _share(2 * self.counts.diagonal(), self.support + self.counts.sum(axis=0))

    @property
    def accuracy(self) -> float:
        """The share that was right. Where each case has one class this is micro precision, recall and F1 as well."""
        return float(_share(self.counts.trace()[None], self.counts.sum()[None])[0])

    @property
    def macro_f1(self) -> float:
        """The mean of the classes' F1."""
        return self._macro(self.f1)

    @property
    def macro_precision(self) -> float:
        """The mean of the classes' precision."""
        return self._macro(self.precision)

    @property
    def macro_recall(self) -> float:
        """The mean of the classes' recall, which is balanced accuracy."""
        return self._macro(self.recall)

    def _macro(self, values: npt.NDArray[np.float64]) -> float:
        met = (self.support + self.counts.sum(axis=0)) > 0
        return float(values[met].mean()) if met.any() else 0.0

    def numbers(self) -> dict[str, float]:
        """The figures of a run's log: macro and micro are named, and each class has its own."""
        overall = {"accuracy": self.accuracy, "micro_f1": self.accuracy, "macro_f1": self.macro_f1}
        of_classes = {
            f"{what}_{name}": float(value)
            for what, values in (("precision", self.precision), ("recall", self.recall))
            for name, value in zip(self.classes, values, strict=True)
        }
        return overall | of_classes

    def to_json(self) -> dict[str, Any]:
        """All of it: counts, by class, macro and micro."""
        columns = {"precision": self.precision, "recall": self.recall, "f1": self.f1, "support": self.support}
        by_class = {
            name: {what: values[i].item() for what, values in columns.items()} for i, name in enumerate(self.classes)
        }
        macro = {"precision": self.macro_precision, "recall": self.macro_recall, "f1": self.macro_f1}
        return {
            "classes": list(self.classes),
            "counts": self.counts.tolist(),
            "by_class": by_class,
            "macro": macro,
            "micro": dict.fromkeys(macro, self.accuracy),
            "accuracy": self.accuracy,
        }

    def table(self) -> str:
        """Counts (rows: what was true; columns: what was said) beside precision, recall and support, to be printed."""
        names = [*self.classes, "precision", "recall", "support"]
        width = max(map(len, ("true \\ said", *names))) + 2
        lines = ["".join(text.rjust(width) for text in ("true \\ said", *names))]
        for i, name in enumerate(self.classes):
            cells = [str(count) for count in self.counts[i]]
            cells += [f"{self.precision[i]:.3f}", f"{self.recall[i]:.3f}", str(self.support[i])]
            lines.append("".join(text.rjust(width) for text in (name, *cells)))
        return "\n".join(lines)


def _share(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)
