"""Models of every objective, booster and intercept, and what libxgboost predicts with them.

Each objective is trained once for each booster; intercepts, and forests without trees, are then
written into the model's document, since training would refuse or replace many of them.
"""

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xgboost

from e2e.support.table import Table

OBJECTIVES = [
    "reg:squarederror", "reg:linear", "reg:squaredlogerror", "reg:logistic",
    "reg:pseudohubererror", "reg:absoluteerror", "reg:quantileerror", "reg:expectileerror",
    "binary:logistic", "binary:logitraw", "binary:hinge", "count:poisson", "survival:cox",
    "survival:aft", "multi:softmax", "multi:softprob", "rank:ndcg", "rank:map", "rank:pairwise",
    "reg:gamma", "reg:tweedie",
]
# As files have them; None leaves what training chose.
BASE_SCORES = [None, "0", "5E-1", "1E0", "2E0", "-2E0", "[3E-1]", "[1E-9]"]
MORE_BASE_SCORES = ["[5E-1]", "[ 5.0E-1 ]", "[9.9999999E-1]", "[0E0]", "[1E0]", "[-2E0]"]
# `old dart` is how the files of XGBoost before 3.3 have it.
BOOSTERS = ["gbtree", "dart", "old dart", "gblinear"]
CLASSES = 3


@dataclass(frozen=True)
class Case:
    """A model document and a name that tells its place in the matrix."""

    name: str
    document: dict
    has_trees: bool
    objective: str

    @property
    def is_plain_forest(self) -> bool:
        """Trees that are added as they are."""
        booster = self.document["learner"]["gradient_booster"]
        return (booster["name"] == "gbtree" and self.has_trees
                and set(booster.get("weight_drop", [])) <= {1})

    def save(self, path: Path) -> Path:
        path.write_text(json.dumps(self.document))
        return path


def _labels(objective: str, table: Table) -> np.ndarray:
    target = table.target
    if objective.startswith("multi"):
        return (target * 4).astype(np.int32) % CLASSES
    if objective.startswith("binary") or objective == "rank:map":
        return (target > 0.5).astype(np.float32)
    if objective.startswith("rank"):
        return (target * 4).astype(np.int32)
    return target + (0.5 if objective in ("reg:gamma", "survival:cox") else 0)


def _train(objective: str, booster: str, table: Table, rounds: int) -> dict:
    parameters = {"objective": objective, "booster": booster.split()[-1], "nthread": 1,
                  "verbosity": 0,
                  "max_depth": 3}
    if booster.endswith("dart"):
        parameters["one_drop"] = 1
    if booster == "gblinear":
        del parameters["max_depth"]
    if objective.startswith("multi"):
        parameters["num_class"] = CLASSES
    if objective in ("reg:quantileerror", "reg:expectileerror"):
        parameters[objective.removeprefix("reg:").removesuffix("error") + "_alpha"] = 0.4
    labels = _labels(objective, table)
    matrix = xgboost.DMatrix(table.values, label=labels)
    if objective.startswith("rank"):
        matrix.set_group([len(labels) // 2, len(labels) - len(labels) // 2])
    if objective == "survival:aft":
        matrix.set_float_info("label_lower_bound", labels + 1)
        matrix.set_float_info("label_upper_bound", labels + 2)
    model = xgboost.train(parameters, matrix, rounds)
    return json.loads(model.save_raw("json"))


def _without_trees(document: dict) -> dict:
    bare = copy.deepcopy(document)
    booster = bare["learner"]["gradient_booster"]
    booster.pop("weight_drop", None)
    booster["model"].update(trees=[], tree_info=[], iteration_indptr=[0])
    booster["model"]["gbtree_model_param"]["num_trees"] = "0"
    return bare


def _as_old_dart(document: dict) -> dict:
    """Dart was a booster around a gbtree."""
    booster = document["learner"]["gradient_booster"]
    weights = booster.pop("weight_drop", [])
    document["learner"]["gradient_booster"] = {"name": "dart", "gbtree": booster,
                                               "weight_drop": weights}
    return document


def base_scores_of(booster: str) -> list[str | None]:
    """More of them where the own engine has to know what they mean."""
    return BASE_SCORES + (MORE_BASE_SCORES if booster == "gbtree" else [])


def make_cases(objective: str, booster: str, table: Table) -> Iterator[Case]:
    trained = _train(objective, booster, table, rounds=3)
    bare = _train(objective, booster, table, rounds=0) if booster == "gblinear" else (
        _without_trees(trained))
    for document, has_trees in ((trained, True), (bare, False)):
        for base_score in base_scores_of(booster):
            case = copy.deepcopy(document)
            if base_score is not None:
                case["learner"]["learner_model_param"]["base_score"] = base_score
            if booster == "old dart":
                case = _as_old_dart(case)
            yield Case(f"{objective}, {booster}, base_score {base_score}, "
                       f"{'3 rounds' if has_trees else 'no rounds'}",
                       case, has_trees, objective)


def libxgboost_predicts(model: Path, table: Table) -> np.ndarray | None:
    """One value per row or several; None where the library refuses the model."""
    booster = xgboost.Booster({"nthread": 1, "verbosity": 0})
    try:
        booster.load_model(model)
        return booster.predict(xgboost.DMatrix(table.values, nthread=1))
    except xgboost.core.XGBoostError:
        return None
