"""Which parameters matter: functional ANOVA (Hutter, Hoos, Leyton-Brown 2014), as Optuna has it.

A random forest is fitted to the points' mean values; a parameter's importance is the share of the forest's variance
over the whole space that this parameter explains alone. All parameters count where the sweep file's distributions put
them: a step in a log-uniform one is a step of its logarithm.
"""

from __future__ import annotations

from collections.abc import Sequence

from train.sweeps.config import Sweep
from train.sweeps.search import Trial, import_optuna, point_values, study_of

FEWEST_POINTS = 6
"""With fewer a forest has nothing to go by."""


def importances(sweep: Sweep, trials: Sequence[Trial], seed: int = 0) -> dict[str, float]:
    """The importance of each searched parameter, 0 to 1, the greatest first.

    Nothing for fewer than `FEWEST_POINTS` points with a value, or if all values are the same.

    Raises:
        HomeError: Optuna is not installed.
    """
    optuna = import_optuna()
    if sweep.file.metric is None:
        return {}
    judged = [trial for trial in trials if trial.value is not None]  # imputed values would measure failures
    values = point_values(sweep.file.metric, judged)
    if len(values) < FEWEST_POINTS or len(set(values.values())) == 1:
        return {}
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=seed)
    found: dict[str, float] = evaluator.evaluate(study_of(sweep, values, []))
    return found
