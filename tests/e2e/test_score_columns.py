"""Which column of a file is scored, with all its digits, and what eras with few rows have."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from e2e.support import scoring
from e2e.support.binary import EXIT_DATA, EXIT_DONE, EXIT_USAGE, Erawise, read_report
from e2e.support.models import train
from e2e.support.table import make_table

ROWS, ERAS = 600, 3
SMALL_ERA = 8
FEATURES = 20
SET = "some"


class World:
    """Validation data whose last era has fewer rows than features, and columns of predictions."""

    def __init__(self, folder: Path) -> None:
        generator = np.random.default_rng(2)
        self.folder = folder
        table = make_table(3, rows=ROWS + SMALL_ERA, features=FEATURES, eras=1)
        eras = np.repeat([f"{1 + era:04}" for era in range(ERAS)], ROWS // ERAS).tolist()
        self.table = table.with_eras(eras + ["0004"] * SMALL_ERA)
        rows = len(self.table.ids)
        self.frame = pd.DataFrame(self.table.values, columns=self.table.features,
                                  index=pd.Index(self.table.ids, name="id"))
        self.frame.insert(0, "era", self.table.eras)
        self.frame["target"] = generator.random(rows)
        self.data = folder / "validation.parquet"
        self.frame.to_parquet(self.data)
        # As float32 all of them are equal.
        self.columns = pd.DataFrame(
            {name: 0.5 + generator.random(rows) * 1e-9 for name in
             ("v5_lgbm_ender20", "numerai_meta_model", "v5_rain")}, index=self.frame.index)
        self.columns.insert(0, "era", self.table.eras)
        self.columns["note"] = "text"
        (folder / "features.json").write_text(
            json.dumps({"feature_sets": {SET: self.table.features}}))
        self.model = folder / "alpha.ubj"
        train(self.table, n_estimators=20).save_model(self.model)

    def write(self, form: str, columns: list[str]) -> Path:
        path = self.folder / f"{'_'.join(columns)}.{form}"
        frame = self.columns[columns]
        frame.to_csv(path) if form == "csv" else frame.to_parquet(path)
        return path

    def rows_of(self, era: str) -> np.ndarray:
        return (self.frame["era"] == era).to_numpy()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("columns"))


ALL = ["era", "v5_lgbm_ender20", "numerai_meta_model", "v5_rain", "note"]
FORMS = pytest.mark.parametrize("form", ["csv", "parquet"])


def scores_of(run: "object") -> dict[str, object]:
    (scores,) = json.loads(run.stdout)
    return scores


@FORMS
@pytest.mark.parametrize("column", ["v5_lgbm_ender20", "v5_rain"])
def test_the_named_column_is_scored_with_all_its_digits(
    erawise: Erawise, world: World, form: str, column: str
) -> None:
    run = erawise("score", "--predictions", world.write(form, ALL), "--prediction-column", column,
                  "--data", world.data, "--format", "json").expect(EXIT_DONE)
    for era in scores_of(run)["eras"]:
        rows = world.rows_of(era["era"])
        expected = scoring.numerai_corr(world.columns.loc[rows, column].to_numpy(),
                                        world.frame.loc[rows, "target"].to_numpy())
        assert era["corr"] == pytest.approx(expected, abs=1e-12)


@FORMS
def test_several_columns_are_listed_until_one_is_named(
    erawise: Erawise, world: World, form: str
) -> None:
    several, one = world.write(form, ALL), world.write(form, ["era", "v5_rain", "note"])
    names = ("'v5_lgbm_ender20', 'numerai_meta_model', 'v5_rain'",)
    data = ("--data", world.data)
    for arguments, flag in (
        (("--predictions", several), "--prediction-column"),
        (("--predictions", one, "--meta-model", several), "--meta-model-column"),
    ):
        run = erawise("score", *arguments, *data).expect(EXIT_DATA, *names, flag, "3 columns")
        assert "'note'" not in run.errors and "'era'" not in run.errors
        erawise("score", *arguments, flag, "v4_rain", *data).expect(EXIT_DATA, "'v4_rain'", *names)
    erawise("score", "--predictions", one, *data).expect(EXIT_DONE)


def test_a_nameless_index_is_no_second_column(erawise: Erawise, world: World) -> None:
    path = world.folder / "numbered.csv"
    world.columns[["v5_rain"]].reset_index().to_csv(path)
    erawise("score", "--predictions", path, "--data", world.data).expect(EXIT_DONE)


def test_a_column_of_texts_is_named_in_vain(erawise: Erawise, world: World) -> None:
    for form in ("csv", "parquet"):
        erawise("score", "--predictions", world.write(form, ALL), "--prediction-column", "note",
                "--data", world.data).expect(EXIT_DATA, "number")


def test_a_column_without_a_file_is_a_usage_error(erawise: Erawise, world: World) -> None:
    erawise("score", "--predictions", world.write("csv", ["v5_rain"]), "--data", world.data,
            "--meta-model-column", "v5_rain").expect(EXIT_USAGE, "--meta-model names none")


@FORMS
@pytest.mark.parametrize(
    ("column", "kind", "other"),
    [("v5_lgbm_ender20", "bmc", "mmc"), ("numerai_meta_model", "mmc", "bmc")],
)
def test_what_is_added_to_a_benchmark_is_bmc(
    erawise: Erawise, world: World, tmp_path: Path, form: str, column: str, kind: str, other: str
) -> None:
    report, page = tmp_path / "report.json", tmp_path / "page.html"
    command = ("score", "--predictions", world.write(form, ALL), "--prediction-column", "v5_rain",
               "--meta-model", world.write(form, ALL), "--meta-model-column", column, "--data",
               world.data)
    table = erawise(*command, "--report", report, "--report-html", page).expect(EXIT_DONE)
    (scores,) = read_report(report)["scores"]
    assert scores["meta_model_column"] == column
    assert scores[other] is None
    for era in scores["eras"]:
        rows = world.rows_of(era["era"])
        expected = scoring.correlation_contribution(
            world.columns.loc[rows, "v5_rain"].to_numpy(),
            world.columns.loc[rows, column].to_numpy(), world.frame.loc[rows, "target"].to_numpy())
        assert era[kind] == pytest.approx(expected, abs=1e-12)
        assert era[other] is None
    text = table.stdout.decode()
    assert f"{kind.upper()} against {column}" in text
    assert other.upper() not in text
    assert f"{kind.upper()} of " in page.read_text() and f"against {column}" in page.read_text()
    assert other.upper() not in page.read_text()
    rows = erawise(*command, "--format", "csv").expect(EXIT_DONE).stdout.decode().splitlines()
    assert rows[0].split(",") == ["name", "target", "era", "rows", "corr", "mmc", "fnc", "bmc"]


# --- no more rows than features


def test_an_era_with_few_rows_has_no_fnc_and_is_not_in_its_mean(
    erawise: Erawise, world: World
) -> None:
    run = erawise("score", "--predictions", world.write("csv", ["v5_rain"]), "--data", world.data,
                  "--fnc-set", SET, "--format", "json")
    run.expect(EXIT_DONE, "era '0004' has no FNC", f"{SMALL_ERA} rows", f"{FEATURES} features")
    scores = scores_of(run)
    values = [era["fnc"] for era in scores["eras"]]
    assert values[-1] is None and None not in values[:-1]
    assert scores["eras"][-1]["corr"] is not None
    assert scores["fnc"]["eras"] == ERAS
    assert scores["fnc"]["mean"] == pytest.approx(np.mean(values[:-1]))


def test_a_file_is_not_written_where_neutralising_leaves_noise(
    erawise: Erawise, world: World, tmp_path: Path
) -> None:
    output = tmp_path / "predictions.csv"
    command = ("--data", world.data, "--model", world.model, "--transform",
               f"neutralize:{SET}:0.5,rank")
    for flags in (("predict", "--output", output), ("backtest", "--output", output)):
        erawise(*flags, *command).expect(EXIT_DATA, "era '0004'", f"{SMALL_ERA} rows",
                                         f"{FEATURES} features", f"'{SET}'")
        assert not output.exists()
    run = erawise("backtest", *command, "--format", "json").expect(EXIT_DONE, "'0004' has no scores")
    scores = scores_of(run)
    assert [era["corr"] is None for era in scores["eras"]] == [False] * ERAS + [True]
    assert scores["corr"]["eras"] == ERAS
