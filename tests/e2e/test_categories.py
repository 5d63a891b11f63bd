"""predict: categories are coded as XGBoost codes them, by the levels that the model keeps."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xgboost

from e2e.support.binary import EXIT_DONE, EXIT_MODEL, Erawise, read_report
from e2e.support.faults import fault, predictions_of
from e2e.support.table import Table, assert_same_bits, cell, make_table, read_output, to_csv

pytestmark = pytest.mark.filterwarnings("ignore")

COLUMN = 2


def whole_number(value: np.float32) -> str:
    return cell(value) if np.isnan(value) or value % 1 else str(int(value))


def make_rows(levels: list[float], *, missing: bool = False) -> Table:
    """300 rows whose third feature has these levels, none of them in order."""
    table = make_table(seed=4, rows=300, features=5, eras=3)
    generator = np.random.default_rng(9)
    column = generator.choice(np.array(levels, dtype=np.float32), 300)
    if missing:
        column[::7] = np.nan
    return table.with_column(COLUMN, column)


def frame_of(table: Table, dtype: str, order: list[float] | None = None) -> pd.DataFrame:
    """The third feature as a category of this type; `order` is that of the levels."""
    frame = table.frame
    column = frame.columns[COLUMN]
    levels = order if order is not None else sorted(set(frame[column].dropna()))
    codes = [-1 if np.isnan(value) else levels.index(value) for value in frame[column]]
    frame[column] = pd.Categorical.from_codes(codes, categories=pd.Index(levels, dtype=dtype))
    return frame


def train(frame: pd.DataFrame, table: Table, path: Path, **parameters: object) -> np.ndarray:
    """Saves a model of the frame, and returns what it predicts for it."""
    target = table.target + 0.3 * (np.nan_to_num(table.values[:, COLUMN], nan=1) % 3)
    model = xgboost.XGBRegressor(n_estimators=15, max_depth=4, enable_categorical=True,
                                 tree_method="hist", n_jobs=1, **parameters)
    model.fit(frame, target)
    model.save_model(path)
    loaded = xgboost.XGBRegressor()
    loaded.load_model(path)
    return loaded.predict(frame)


def write(table: Table, folder: Path) -> Path:
    path = folder / "rows.csv"
    path.write_bytes(to_csv(table, cells=whole_number))
    return path


LEVELS = {
    "from zero on": ([0, 1, 2, 3, 4], "int64"),
    "sparse": ([0, 2, 4], "int64"),
    "one that is not zero": ([3], "int64"),
    "negative": ([-3, -1, 5], "int64"),
    "bytes": ([-128, 0, 127], "int8"),
    "unsigned bytes": ([1, 200, 255], "uint8"),
    "shorts": ([-300, 7, 30_000], "int16"),
    "four bytes": ([-70_000, 0, 16_777_216], "int32"),
    "many": (list(range(1, 400, 3)), "int64"),
}


@pytest.mark.parametrize("suffix", ["ubj", "json"])
@pytest.mark.parametrize("missing", [False, True], ids=["complete", "missing"])
@pytest.mark.parametrize("name", LEVELS)
def test_values_are_coded_by_the_levels_of_the_model(
        erawise: Erawise, tmp_path: Path, name: str, missing: bool, suffix: str) -> None:
    levels, dtype = LEVELS[name]
    table = make_rows(levels, missing=missing)
    model, report = tmp_path / f"model.{suffix}", tmp_path / "report.json"
    expected = train(frame_of(table, dtype), table, model)
    output = erawise.predict(write(table, tmp_path), model, "--report", report, "--self-check")
    assert_same_bits(output, table, expected)
    has_splits = len(levels) > 1 or missing
    assert read_report(report)["engine"] == ("xgboost" if has_splits else "bitsliced")


@pytest.mark.parametrize("threads", [1, 3])
def test_the_order_of_the_levels_is_that_of_training(erawise: Erawise, tmp_path: Path,
                                                     threads: int) -> None:
    table = make_rows([1, 2, 3, 4])
    model = tmp_path / "model.ubj"
    expected = train(frame_of(table, "int64", [3, 1, 4, 2]), table, model)
    output = erawise.predict(write(table, tmp_path), model, "--threads", threads, "--self-check")
    assert_same_bits(output, table, expected)


def test_the_fixture_has_its_predictions(erawise: Erawise) -> None:
    output = erawise.predict(fault("categories.parquet"), fault("categories.ubj"), "--self-check")
    predictions = read_output(output)["prediction"].to_numpy(dtype=np.float32)
    assert np.array_equal(predictions, predictions_of("categories"))


@pytest.mark.parametrize("suffix", ["ubj", "json"])
@pytest.mark.parametrize("value", [1, -1, 5, 0.5])
def test_a_level_that_the_model_does_not_know_is_named(
        erawise: Erawise, tmp_path: Path, suffix: str, value: float) -> None:
    table = make_rows([0, 2, 4])
    model = tmp_path / f"model.{suffix}"
    train(frame_of(table, "int64"), table, model)
    column = table.values[:, COLUMN].copy()
    column[123] = value
    other = table.with_column(COLUMN, column)
    result = erawise("predict", "--data", write(other, tmp_path), "--model", model, "--output",
                     tmp_path / "out.csv")
    result.expect(EXIT_MODEL, f"feature 'feature_002' has the value {value}", "(0, 2, 4)",
                  f"row '{table.ids[123]}'")
    assert not (tmp_path / "out.csv").exists()
    with pytest.raises(Exception, match="category not in the training set|floating"):
        booster = xgboost.XGBRegressor()
        booster.load_model(model)
        booster.predict(frame_of(other, "int64" if value % 1 == 0 else "float64"))


@pytest.mark.parametrize("suffix", ["ubj", "json"])
def test_levels_that_are_texts_are_refused_where_a_tree_asks_for_them(
        erawise: Erawise, tmp_path: Path, suffix: str) -> None:
    table = make_rows([0, 1, 2])
    frame = table.frame
    column = frame.columns[COLUMN]
    frame[column] = pd.Categorical(frame[column].astype(int).astype(str))
    model = tmp_path / f"model.{suffix}"
    train(frame, table, model)
    erawise("predict", "--data", write(table, tmp_path), "--model", model, "--output",
            tmp_path / "out.csv").expect(EXIT_MODEL, "feature 'feature_002'", "texts")


def test_levels_of_a_feature_that_no_tree_asks_for_do_not_matter(
        erawise: Erawise, tmp_path: Path) -> None:
    table = make_rows([0, 1, 2])
    frame = table.frame
    column = frame.columns[COLUMN]
    frame[column] = pd.Categorical(["same"] * len(frame))
    model = tmp_path / "model.ubj"
    expected = train(frame, table, model)
    assert_same_bits(erawise.predict(write(table, tmp_path), model, "--self-check"), table,
                     expected)


def test_a_feature_that_is_only_split_as_a_number_is_coded_too(
        erawise: Erawise, tmp_path: Path) -> None:
    table = make_rows([0, 2, 4])
    model = tmp_path / "model.json"
    train(frame_of(table, "int64"), table, model)
    document = json.loads(model.read_text())
    for tree in document["learner"]["gradient_booster"]["model"]["trees"]:
        for i, kind in enumerate(tree["split_type"]):
            if kind == 1:
                tree["split_type"][i], tree["split_conditions"][i] = 0, 1.5
        tree.update(categories=[], categories_nodes=[], categories_segments=[],
                    categories_sizes=[])
    model.write_text(json.dumps(document))
    booster = xgboost.Booster(model_file=model)
    expected = booster.inplace_predict(frame_of(table, "int64"))
    assert not np.array_equal(expected, booster.inplace_predict(table.values,
                                                                validate_features=False))
    result = erawise("predict", "--data", write(table, tmp_path), "--model", model, "--output",
                     tmp_path / "out.csv", "--self-check").expect(
                         EXIT_DONE, "because it codes categories", "self-check passed")
    assert result.exit_code == EXIT_DONE
    assert_same_bits((tmp_path / "out.csv").read_bytes(), table, expected)


def test_codes_that_were_trained_as_such_stay_what_they_are(erawise: Erawise,
                                                            tmp_path: Path) -> None:
    table = make_rows([0, 2, 4])
    types = ["c" if i == COLUMN else "q" for i in range(len(table.features))]
    matrix = xgboost.DMatrix(table.values, label=table.target, feature_types=types,
                             feature_names=table.features, enable_categorical=True)
    booster = xgboost.train({"max_depth": 4, "nthread": 1}, matrix, 15)
    model = tmp_path / "model.ubj"
    booster.save_model(model)
    assert_same_bits(erawise.predict(write(table, tmp_path), model), table,
                     booster.predict(matrix))


def test_models_that_keep_no_levels_deserve_a_warning(erawise: Erawise, tmp_path: Path) -> None:
    table = make_rows([0, 1, 2])
    model = tmp_path / "model.json"
    train(frame_of(table, "int64"), table, model)
    document = json.loads(model.read_text())
    del document["learner"]["gradient_booster"]["model"]["cats"]
    model.write_text(json.dumps(document))
    erawise("predict", "--data", write(table, tmp_path), "--model", model, "--output",
            tmp_path / "out.csv").expect(EXIT_DONE, "WARN", "splits on categories, but does not")
