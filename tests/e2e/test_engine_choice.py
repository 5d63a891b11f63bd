"""predict: which engine predicts is known, said, and checked."""

from pathlib import Path

import numpy as np
import pytest

from e2e.support.binary import EXIT_DONE, EXIT_MODEL, EXIT_USAGE, Erawise, read_report
from e2e.support.models import predict, train
from e2e.support.table import Table, assert_same_bits

pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated")

BITSLICED = [
    {}, {"objective": "binary:logistic"}, {"objective": "reg:logistic"},
    {"objective": "reg:absoluteerror"}, {"objective": "reg:squaredlogerror"},
    {"objective": "reg:pseudohubererror"}, {"n_estimators": 1, "max_depth": 1},
    {"n_estimators": 20, "max_depth": 9},
    {"n_estimators": 20, "max_leaves": 31, "max_depth": 0, "grow_policy": "lossguide"},
    {"n_estimators": 10, "num_parallel_tree": 3, "subsample": 0.5},
]
XGBOOST = [
    ({"objective": "count:poisson"}, "its objective is count:poisson"),
    ({"n_estimators": 10, "booster": "dart", "rate_drop": 0.5},
     "its trees have weights (dropout)"),
    ({"n_estimators": 10, "booster": "gblinear", "tree_method": None, "colsample_bytree": None,
      "max_depth": None}, "its booster is gblinear"),
]


def save(table: Table, path: Path, parameters: dict[str, object]) -> Path:
    target = table.target
    if str(parameters.get("objective", "")).startswith("binary"):
        target = (target > 0.5).astype(np.float32)
    train(table, target=target, **parameters).save_model(path)
    return path


def engine_of(erawise: Erawise, data: Path, model: Path, folder: Path, *flags: object) -> str:
    report = folder / "report.json"
    erawise.predict(data, model, "--report", report, *flags)
    return read_report(report)["engine"]


@pytest.mark.parametrize("parameters", BITSLICED, ids=str)
def test_bitsliced_takes_it(erawise: Erawise, table: Table, data: Path, tmp_path: Path,
                            parameters: dict[str, object]) -> None:
    model = save(table, tmp_path / "model.ubj", parameters)
    assert engine_of(erawise, data, model, tmp_path, "--self-check") == "bitsliced"


@pytest.mark.parametrize(("parameters", "reason"), XGBOOST, ids=str)
def test_libxgboost_has_to_and_the_log_says_why(
        erawise: Erawise, table: Table, data: Path, tmp_path: Path,
        parameters: dict[str, object], reason: str) -> None:
    model = save(table, tmp_path / "model.ubj", parameters)
    flags = ("predict", "--data", data, "--model", model, "--output", tmp_path / "out.csv")
    erawise(*flags).expect(EXIT_DONE, "engine xgboost, because", reason)
    erawise(*flags, "--engine", "bitsliced").expect(EXIT_MODEL, "does not take it", reason)


def test_a_self_check_says_that_it_passed(erawise: Erawise, data: Path, model: Path) -> None:
    flags = ("predict", "--data", data, "--model", model, "--output", "-")
    erawise(*flags, "--self-check").expect(EXIT_DONE, "self-check passed, 500 rows")
    assert "self-check" not in erawise(*flags).expect(EXIT_DONE).log


def test_inspect_compares_with_libxgboost(erawise: Erawise, model: Path) -> None:
    text = erawise("inspect", "--model", model).expect(EXIT_DONE).stdout.decode()
    assert "512 rows around its thresholds have the bits of libxgboost 3." in text


@pytest.mark.parametrize("target", ["AVX2", "SSE4", "SSE2"])
def test_every_vector_target_gives_the_same_bits(erawise: Erawise, table: Table, data: Path,
                                                 model: Path, tmp_path: Path,
                                                 target: str) -> None:
    output, report = tmp_path / "out.csv", tmp_path / "report.json"
    result = erawise("predict", "--data", data, "--model", model, "--output", output, "--report",
                     report, env={"ERAWISE_TARGET": target})
    if f"ERAWISE_TARGET is '{target}'" in result.log:
        pytest.skip(f"this machine has no {target}")
    result.expect(EXIT_DONE)
    assert read_report(report)["kernel"] == target
    assert_same_bits(output.read_bytes(), table, predict(model, table))


def test_an_unknown_vector_target_is_a_usage_error(erawise: Erawise, model: Path) -> None:
    erawise("inspect", "--model", model, env={"ERAWISE_TARGET": "MMX"}).expect(
        EXIT_USAGE, "ERAWISE_TARGET is 'MMX'; this machine has")
