"""predict: every kind of model gives what XGBRegressor.predict gives, to the bit."""

import json
from pathlib import Path

import numpy as np
import pytest

from e2e.support.binary import Erawise
from e2e.support.models import TREES, predict, train, train_with_early_stopping
from e2e.support.table import Table, assert_same_bits, make_table, to_csv

ENGINES = ("auto", "xgboost")
pytestmark = pytest.mark.filterwarnings("ignore:.*is deprecated")


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.mark.parametrize("suffix", ["ubj", "json"])
@pytest.mark.parametrize("named", [True, False], ids=["named", "unnamed"])
def test_file_formats_with_and_without_feature_names(
        erawise: Erawise, table: Table, data: Path, tmp_path: Path, suffix: str, named: bool,
        engine: str) -> None:
    path = tmp_path / f"model.{suffix}"
    train(table, named=named).save_model(path)
    output = erawise.predict(data, path, "--engine", engine)
    assert_same_bits(output, table, predict(path, table))


@pytest.mark.parametrize("objective", [
    "reg:squarederror", "binary:logistic", "reg:logistic", "reg:absoluteerror", "count:poisson",
    "reg:squaredlogerror"])
def test_objectives(erawise: Erawise, table: Table, data: Path, tmp_path: Path, objective: str,
                    engine: str) -> None:
    path = tmp_path / "model.ubj"
    target = (table.target > 0.5) if objective.startswith("binary") else table.target
    train(table, objective=objective, target=target.astype(np.float32)).save_model(path)
    output = erawise.predict(data, path, "--engine", engine)
    assert_same_bits(output, table, predict(path, table))


@pytest.mark.parametrize("parameters", [
    {"n_estimators": 1},
    {"n_estimators": 1, "max_depth": 1},
    {"n_estimators": 5, "base_score": 0.3},
    {"n_estimators": 20, "max_depth": 9},
    {"n_estimators": 20, "max_leaves": 31, "max_depth": 0, "grow_policy": "lossguide"},
    {"n_estimators": 10, "num_parallel_tree": 3, "subsample": 0.5},
    {"n_estimators": 10, "booster": "dart", "rate_drop": 0.2},
    {"n_estimators": 10, "booster": "gblinear", "tree_method": None, "colsample_bytree": None,
     "max_depth": None},
], ids=["one_tree", "one_stump", "base_score", "deep", "leafwise", "parallel_trees", "dart",
        "linear"])
def test_shapes(erawise: Erawise, table: Table, data: Path, tmp_path: Path,
                parameters: dict[str, object], engine: str) -> None:
    path = tmp_path / "model.ubj"
    train(table, **parameters).save_model(path)
    output = erawise.predict(data, path, "--engine", engine)
    assert_same_bits(output, table, predict(path, table))


def test_a_model_that_learnt_a_constant(erawise: Erawise, table: Table, data: Path,
                                        tmp_path: Path, engine: str) -> None:
    path = tmp_path / "model.ubj"
    train(table, target=np.full(len(table.ids), 0.5, dtype=np.float32)).save_model(path)
    expected = predict(path, table)
    assert len(set(expected)) == 1
    assert_same_bits(erawise.predict(data, path, "--engine", engine), table, expected)


@pytest.mark.parametrize("suffix", ["ubj", "json"])
def test_early_stopping_follows_the_wrapper_unless_all_trees_are_asked_for(
        erawise: Erawise, table: Table, data: Path, tmp_path: Path, suffix: str,
        engine: str) -> None:
    path = tmp_path / f"model.{suffix}"
    model = train_with_early_stopping(table)
    model.save_model(path)
    rounds = model.get_booster().num_boosted_rounds()
    assert model.best_iteration + 1 < rounds
    best = predict(path, table)
    everything = predict(path, table, iteration_range=(0, rounds))
    assert not np.array_equal(best, everything)
    assert_same_bits(erawise.predict(data, path, "--engine", engine), table, best)
    assert_same_bits(erawise.predict(data, path, "--engine", engine, "--all-trees"), table,
                     everything)


def test_early_stopping_counts_rounds_and_not_trees(erawise: Erawise, table: Table, data: Path,
                                                    tmp_path: Path, engine: str) -> None:
    path = tmp_path / "model.ubj"
    model = train(table, n_estimators=12, num_parallel_tree=2, subsample=0.5)
    model.get_booster().set_attr(best_iteration="4")
    model.save_model(path)
    expected = predict(path, table)
    assert np.array_equal(expected, predict(path, table, iteration_range=(0, 5)))
    assert_same_bits(erawise.predict(data, path, "--engine", engine), table, expected)


def test_missing_values_take_the_side_that_was_learnt(erawise: Erawise, table: Table,
                                                      tmp_path: Path, engine: str) -> None:
    generator = np.random.default_rng(11)
    holes = np.where(generator.random(table.values.shape) < 0.2, np.nan, table.values)
    with_holes = table.with_values(holes)
    path, data = tmp_path / "model.ubj", tmp_path / "holes.csv"
    train(with_holes, target=table.target).save_model(path)
    data.write_bytes(to_csv(with_holes))
    output = erawise.predict(data, path, "--engine", engine)
    assert_same_bits(output, with_holes, predict(path, with_holes))


def test_a_model_that_never_saw_missing_values_meets_them(
        erawise: Erawise, table: Table, model: Path, tmp_path: Path, engine: str) -> None:
    holes = table.with_column(4, np.full(len(table.ids), np.nan, dtype=np.float32))
    data = tmp_path / "holes.csv"
    data.write_bytes(to_csv(holes))
    output = erawise.predict(data, model, "--engine", engine)
    assert_same_bits(output, holes, predict(model, holes))


def test_a_model_of_some_of_the_features(erawise: Erawise, table: Table, data: Path,
                                         tmp_path: Path, engine: str) -> None:
    chosen = [17, 3, 28, 0, 9, 11, 12, 25, 20, 1, 2]
    part = Table(table.ids, table.eras, [table.features[i] for i in chosen],
                 table.values[:, chosen])
    path = tmp_path / "model.ubj"
    train(part).save_model(path)
    output = erawise.predict(data, path, "--engine", engine)
    assert_same_bits(output, table, predict(path, part))


def test_the_2020_shape_of_310_features(erawise: Erawise, tmp_path: Path, engine: str) -> None:
    wide = make_table(seed=5, rows=1500, features=310, eras=3)
    path, data = tmp_path / "model.ubj", tmp_path / "wide.csv"
    train(wide, colsample_bytree=0.1).save_model(path)
    data.write_bytes(to_csv(wide))
    assert_same_bits(erawise.predict(data, path, "--engine", engine), wide, predict(path, wide))


def test_the_report_tells_how_it_was_predicted(erawise: Erawise, table: Table, data: Path,
                                               model: Path, tmp_path: Path) -> None:
    report_file = tmp_path / "report.json"
    erawise.predict(data, model, "--engine", "xgboost", "--report", report_file)
    report = json.loads(report_file.read_text())
    assert report["engine"] == "xgboost"
    assert (report["rows"], report["eras"]) == (len(table.ids), 6)
    assert report["features_used"] == len(table.features)
    assert TREES == 60 and report["exit_code"] == 0 and report["error"] is None
