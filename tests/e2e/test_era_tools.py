"""Transforms, ensembles and scores equal the official formulas in numpy and scipy."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from e2e.support import lightgbm, scoring
from e2e.support.binary import (
    EXIT_DATA,
    EXIT_DISK,
    EXIT_DONE,
    EXIT_MEMORY,
    EXIT_USAGE,
    Erawise,
    read_report,
)
from e2e.support.models import predict, train
from e2e.support.packing import xz
from e2e.support.table import CODES, Table, make_table
from e2e.support.tournament import Tournament

SCALE = 4  # v5 data has 0 to 4
SET = "some"
SMALL_SET = "few"


class World:
    """Three models, and validation data as pandas writes it, with targets and a meta model."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.table = make_table(21, rows=3300, features=60, eras=5)
        values = self.table.values * SCALE
        values[:, 7] = values[:, 3]  # neutralisation meets features that say the same
        self.table = self.table.with_values(values)
        generator = np.random.default_rng(5)
        self.target = CODES[generator.integers(0, 5, len(self.table.ids))].copy()
        self.target[self.rows_of("eraX")] = np.nan
        self.meta = generator.random(len(self.table.ids)).astype(np.float32)
        self.models = {}
        for name, seed in (("alpha", 1), ("beta", 2), ("gamma", 3)):
            self.models[name] = folder / f"{name}.ubj"
            train(self.table, random_state=seed, colsample_bytree=0.3).save_model(
                self.models[name]
            )
        self.sets = {SET: self.table.features[2:40], SMALL_SET: self.table.features[:9]}
        (folder / "features.json").write_text(json.dumps({"feature_sets": self.sets}))
        self.data = folder / "validation.parquet"
        frame = pd.DataFrame(self.table.values.astype(np.int8), columns=self.table.features)
        frame.insert(0, "era", self.table.eras)
        frame["target"] = self.target
        frame.index = pd.Index(self.table.ids, name="id")
        frame.to_parquet(self.data)
        self.meta_model = folder / "meta_model.parquet"
        meta = pd.DataFrame({"era": self.table.eras, "numerai_meta_model": self.meta},
                            index=frame.index)
        meta.sample(frac=1, random_state=3).to_parquet(self.meta_model)

    @property
    def eras(self) -> list[str]:
        return list(dict.fromkeys(self.table.eras))

    def rows_of(self, era: str) -> np.ndarray:
        return np.flatnonzero(np.array(self.table.eras) == era)

    def features_of(self, feature_set: str, rows: np.ndarray) -> np.ndarray:
        places = [self.table.features.index(name) for name in self.sets[feature_set]]
        return self.table.values[np.ix_(rows, places)].astype(np.float64)

    def predictions(self, model: str = "alpha") -> np.ndarray:
        return predict(self.models[model], self.table).astype(np.float64)

    def by_era(self, transform: "callable") -> np.ndarray:
        """`transform(rows)` of each era, in the order of the data."""
        result = np.empty(len(self.table.ids))
        for era in self.eras:
            rows = self.rows_of(era)
            result[rows] = transform(rows)
        return result

    def write_predictions(self, values: np.ndarray, ids: list[str] | None = None) -> Path:
        path = self.folder / "own.csv"
        pd.DataFrame({"id": ids or self.table.ids, "prediction": values}).to_csv(path, index=False)
        return path


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("world"))


def written(output: Path) -> np.ndarray:
    return np.array([float(row["prediction"]) for row in csv.DictReader(output.open())])


def predicted(erawise: Erawise, world: World, tmp_path: Path, *arguments: object) -> np.ndarray:
    output = tmp_path / "predictions.csv"
    erawise("predict", "--data", world.data, "--output", output, *arguments).expect(EXIT_DONE)
    return written(output)


# --- transforms


def test_gauss_is_the_quantile_of_the_rank_with_unit_deviation(
    erawise: Erawise, world: World, tmp_path: Path
) -> None:
    raw = world.predictions()
    expected = world.by_era(lambda rows: scoring.variance_normalize(scoring.gaussian(raw[rows])))
    found = predicted(erawise, world, tmp_path, "--model", world.models["alpha"],
                      "--transform", "gauss")
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("proportion", [0.25, 1.0])
@pytest.mark.parametrize("feature_set", [SET, SMALL_SET])
def test_neutralisation_is_that_of_lstsq(
    erawise: Erawise, world: World, tmp_path: Path, feature_set: str, proportion: float
) -> None:
    raw = world.predictions()
    expected = world.by_era(
        lambda rows: scoring.neutralize(raw[rows], world.features_of(feature_set, rows),
                                        proportion)
    )
    found = predicted(erawise, world, tmp_path, "--model", world.models["alpha"],
                      "--transform", f"neutralize:{feature_set}:{proportion}")
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


def test_steps_are_done_in_their_order(erawise: Erawise, world: World, tmp_path: Path) -> None:
    raw = world.predictions()

    def steps(rows: np.ndarray) -> np.ndarray:
        gauss = scoring.variance_normalize(scoring.gaussian(raw[rows]))
        rest = scoring.neutralize(gauss, world.features_of(SET, rows), 0.5)
        return scoring.tie_kept_rank(rest)

    found = predicted(erawise, world, tmp_path, "--model", world.models["alpha"],
                      "--transform", f"gauss,neutralize:{SET}:0.5,rank")
    np.testing.assert_allclose(found, world.by_era(steps), rtol=0, atol=1e-12)


def test_threads_and_caps_give_the_same_bytes(
    erawise: Erawise, world: World, sanitized: bool, tmp_path: Path
) -> None:
    arguments = ("predict", "--data", world.data, "--model", world.models["alpha"],
                 "--transform", f"neutralize:{SET},rank")
    outputs = []
    for number, more in enumerate((("--threads", "1"), ("--threads", "4"),
                                   ("--threads", "2", "--memory-limit", "160MiB" if sanitized else "48MiB"))):
        output = tmp_path / f"{number}.csv"
        erawise(*arguments, "--output", output, *more).expect(EXIT_DONE)
        outputs.append(output.read_bytes())
    assert outputs[0] == outputs[1] == outputs[2]


def test_a_set_that_takes_too_much_is_refused_with_the_number(
    erawise: Erawise, world: World, tmp_path: Path
) -> None:
    arguments = ("predict", "--data", world.data, "--model", world.models["alpha"],
                 "--transform", f"neutralize:{SET},rank", "--output", tmp_path / "out.csv")
    refused = erawise(*arguments, "--memory-limit", "8MiB").expect(EXIT_MEMORY, "era at hand")
    erawise(*arguments, "--memory-limit", refused.named_limit).expect(EXIT_DONE)


def test_missing_feature_is_named(erawise: Erawise, world: World, tmp_path: Path) -> None:
    frame = pd.read_parquet(world.data)
    feature = world.sets[SET][4]
    frame[feature] = frame[feature].astype("Int8").where(np.arange(len(frame)) != 17)
    data = tmp_path / "holes.parquet"
    frame.to_parquet(data)
    arguments = ("predict", "--data", data, "--model", world.models["alpha"], "--output",
                 tmp_path / "out.csv", "--features-file", world.folder / "features.json",
                 "--transform", f"neutralize:{SET}")
    erawise(*arguments).expect(EXIT_DATA, feature, world.table.ids[17], "--null-value")
    erawise(*arguments, "--null-value", "2").expect(EXIT_DONE)


def test_unknown_set_and_missing_document_tell_what_to_do(
    erawise: Erawise, world: World, tmp_path: Path
) -> None:
    arguments = ("predict", "--data", world.data, "--model", world.models["alpha"], "--output",
                 tmp_path / "out.csv")
    erawise(*arguments, "--transform", "neutralize:most").expect(EXIT_USAGE, SET, SMALL_SET)
    erawise(*arguments, "--transform", f"neutralize:{SET}", "--features-file",
            tmp_path / "absent.json").expect(EXIT_DISK, "features.json")
    erawise(*arguments, "--transform", "neutralise").expect(EXIT_USAGE, "neutralize:SET")


# --- ensembles


def with_submission(world: World, tmp_path: Path, **submission: object) -> tuple[str, ...]:
    config = tmp_path / "erawise.json"
    config.write_text(json.dumps({"submissions": [{"model": "mine", **submission}]}))
    return ("--config", str(config), "--models-directory", str(world.folder),
            "--submission", "mine")


def test_ensemble_is_the_weighted_mean_of_ranks(
    erawise: Erawise, world: World, tmp_path: Path
) -> None:
    weights = {"alpha": 1.0, "beta": 2.5, "gamma": 0.5}
    raw = {name: world.predictions(name) for name in weights}
    expected = world.by_era(
        lambda rows: sum(weight * scoring.tie_kept_rank(raw[name][rows])
                         for name, weight in weights.items()) / sum(weights.values())
    )
    arguments = with_submission(
        world, tmp_path,
        ensemble=[{"file": f"{name}.ubj", "weight": weight} for name, weight in weights.items()],
    )
    found = predicted(erawise, world, tmp_path, *arguments)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-14)


def test_ensemble_of_gaussians_then_neutralised_and_ranked(
    erawise: Erawise, world: World, tmp_path: Path
) -> None:
    raw = {name: world.predictions(name) for name in ("alpha", "beta")}

    def mixed(rows: np.ndarray) -> np.ndarray:
        parts = [scoring.variance_normalize(scoring.gaussian(raw[name][rows])) for name in raw]
        rest = scoring.neutralize((parts[0] + 3 * parts[1]) / 4, world.features_of(SET, rows))
        return scoring.tie_kept_rank(rest)

    arguments = with_submission(
        world, tmp_path, blend="gauss", transform=f"neutralize:{SET},rank",
        ensemble=[{"file": "alpha.ubj"}, {"file": "beta.ubj", "weight": 3}],
    )
    found = predicted(erawise, world, tmp_path, *arguments)
    np.testing.assert_allclose(found, world.by_era(mixed), rtol=0, atol=1e-12)


def test_ensemble_of_xgboost_and_lightgbm(erawise: Erawise, tmp_path: Path) -> None:
    data = tmp_path / "rows.csv"
    data.write_bytes(lightgbm.tournament_csv("regression"))
    frame = pd.read_csv(data)
    features = [name for name in frame.columns if name.startswith("feature_")]
    table = Table(list(frame["id"]), list(frame["era"]), features,
                  frame[features].to_numpy(np.float32))
    train(table).save_model(tmp_path / "ours.ubj")
    raw = [predict(tmp_path / "ours.ubj", table), lightgbm.predictions("regression")]
    eras = np.array(table.eras)
    expected = np.empty(len(eras))
    for era in dict.fromkeys(table.eras):
        rows = eras == era
        expected[rows] = sum(scoring.tie_kept_rank(values[rows]) for values in raw) / 2
    (tmp_path / "theirs.txt").write_bytes(lightgbm.model_file("regression").read_bytes())
    config = tmp_path / "erawise.json"
    config.write_text(json.dumps({"submissions": [
        {"model": "both", "ensemble": [{"file": "ours.ubj"}, {"file": "theirs.txt"}]}]}))
    output = tmp_path / "both.csv"
    erawise("predict", "--data", data, "--config", config, "--models-directory", tmp_path,
            "--submission", "both", "--output", output).expect(EXIT_DONE)
    np.testing.assert_allclose(written(output), expected, rtol=0, atol=1e-14)


def test_run_submits_a_neutralised_ensemble(
    tournament: Tournament, table: Table, model: Path, tmp_path: Path
) -> None:
    """`run` downloads features.json by itself, since the transform needs it."""
    train(table, random_state=11).save_model(tournament.models / "second.ubj")
    features = table.features[:12]
    (tmp_path / "datasets" / "v1" / "features.json").write_text(
        json.dumps({"feature_sets": {"dozen": features}}))
    config = tmp_path / "erawise.json"
    config.write_text(json.dumps({"submissions": [{
        "model": "example_model", "transform": "neutralize:dozen:0.5,rank",
        "ensemble": [{"file": "example_model.ubj"}, {"file": "second.ubj"}]}]}))
    tournament.run("--config", config).expect(EXIT_DONE)
    [submission] = tournament.submissions
    assert submission["status"] == "on-time"
    raw = [predict(path, table).astype(np.float64)
           for path in (model, tournament.models / "second.ubj")]
    eras = np.array(table.eras)
    expected = np.empty(len(eras))
    for era in dict.fromkeys(table.eras):
        rows = eras == era
        mean = sum(scoring.tie_kept_rank(values[rows]) for values in raw) / 2
        exposures = table.values[rows][:, : len(features)].astype(np.float64)
        expected[rows] = scoring.tie_kept_rank(scoring.neutralize(mean, exposures, 0.5))
    np.testing.assert_allclose(written(tournament.output / "example_model.csv"), expected,
                               rtol=0, atol=1e-12)


def test_run_refuses_a_transform_that_does_not_end_in_ranks(tournament: Tournament) -> None:
    tournament.run("--transform", "gauss").expect(EXIT_USAGE, "rank has to be the last step")
    assert tournament.requests() == []


def test_unknown_submission_names_those_that_there_are(
    erawise: Erawise, world: World, tmp_path: Path
) -> None:
    arguments = list(with_submission(world, tmp_path, ensemble=[{"file": "alpha.ubj"}]))
    arguments[-1] = "yours"
    erawise("predict", "--data", world.data, *arguments).expect(EXIT_USAGE, "'mine'")


def test_one_model_of_an_ensemble_that_fails_ends_it(
    erawise: Erawise, world: World, tmp_path: Path
) -> None:
    (world.folder / "broken.ubj").write_bytes(b"{L")
    arguments = with_submission(
        world, tmp_path, ensemble=[{"file": "alpha.ubj"}, {"file": "broken.ubj"}]
    )
    output = tmp_path / "out.csv"
    run = erawise("predict", "--data", world.data, "--output", output, *arguments)
    run.expect(4, "mine", "broken.ubj")
    assert not output.exists()


# --- scores


def scores_of(run: "object") -> dict[str, object]:
    (scores,) = json.loads(run.stdout)
    return scores


def expected_scores(world: World, predictions: np.ndarray) -> dict[str, list[float]]:
    expected = {"corr": [], "mmc": [], "fnc": []}
    for era in world.eras[:-1]:  # the last one has no targets yet
        rows = world.rows_of(era)
        p, target = predictions[rows], world.target[rows].astype(np.float64)
        expected["corr"].append(scoring.numerai_corr(p, target))
        expected["mmc"].append(
            scoring.correlation_contribution(p, world.meta[rows].astype(np.float64), target)
        )
        expected["fnc"].append(
            scoring.feature_neutral_corr(p, world.features_of(SET, rows), target)
        )
    return expected


def assert_scores(scores: dict[str, object], world: World, predictions: np.ndarray) -> None:
    assert [era["era"] for era in scores["eras"]] == world.eras
    for kind, expected in expected_scores(world, predictions).items():
        found = [era[kind] for era in scores["eras"]]
        assert found[-1] is None
        np.testing.assert_allclose(found[:-1], expected, rtol=0, atol=1e-9, err_msg=kind)
        for key, value in scoring.summary(np.array(expected)).items():
            assert scores[kind][key] == pytest.approx(value, abs=1e-8), f"{kind} {key}"


SCORE_FLAGS = ("--fnc-set", SET, "--format", "json")


def test_scores_of_a_file_equal_the_official_formulas(erawise: Erawise, world: World) -> None:
    own = np.random.default_rng(9).random(len(world.table.ids))
    run = erawise("score", "--predictions", world.write_predictions(own), "--data", world.data,
                  "--meta-model", world.meta_model, *SCORE_FLAGS).expect(EXIT_DONE)
    assert_scores(scores_of(run), world, own)


def test_backtest_scores_what_predict_writes(
    erawise: Erawise, world: World, tmp_path: Path
) -> None:
    output = tmp_path / "kept.csv"
    run = erawise("backtest", "--data", world.data, "--model", world.models["alpha"], "--output",
                  output, "--meta-model", world.meta_model, *SCORE_FLAGS).expect(EXIT_DONE)
    raw = world.predictions()
    np.testing.assert_array_equal(written(output).astype(np.float32), raw.astype(np.float32))
    assert_scores(scores_of(run), world, raw)


def test_backtest_of_a_neutralised_ensemble(
    erawise: Erawise, world: World, tmp_path: Path
) -> None:
    raw = {name: world.predictions(name) for name in ("alpha", "beta")}
    mixed = world.by_era(
        lambda rows: scoring.neutralize(
            sum(scoring.tie_kept_rank(raw[name][rows]) for name in raw) / 2,
            world.features_of(SMALL_SET, rows), 0.5)
    )
    arguments = with_submission(
        world, tmp_path, transform=f"neutralize:{SMALL_SET}:0.5",
        ensemble=[{"file": "alpha.ubj"}, {"file": "beta.ubj"}],
    )
    run = erawise("backtest", "--data", world.data, *arguments, "--meta-model", world.meta_model,
                  *SCORE_FLAGS).expect(EXIT_DONE)
    assert_scores(scores_of(run), world, mixed)


def test_order_of_the_predictions_does_not_matter(erawise: Erawise, world: World) -> None:
    own = np.random.default_rng(9).random(len(world.table.ids))
    order = np.random.default_rng(1).permutation(len(own))
    shuffled = world.write_predictions(own[order], [world.table.ids[row] for row in order])
    run = erawise("score", "--predictions", shuffled, "--data", world.data, "--meta-model",
                  world.meta_model, *SCORE_FLAGS).expect(EXIT_DONE)
    assert_scores(scores_of(run), world, own)


def test_eras_that_were_not_predicted_are_left_out(erawise: Erawise, world: World) -> None:
    own = np.random.default_rng(9).random(len(world.table.ids))
    rows = world.rows_of(world.eras[1])
    some = world.write_predictions(own[rows], [world.table.ids[row] for row in rows])
    scores = scores_of(erawise("score", "--predictions", some, "--data", world.data, "--format",
                               "json").expect(EXIT_DONE))
    assert [era["era"] for era in scores["eras"]] == [world.eras[1]]
    assert scores["eras"][0]["corr"] == pytest.approx(
        scoring.numerai_corr(own[rows], world.target[rows].astype(np.float64)), abs=1e-9
    )
    assert scores["mmc"] is None


def test_rows_that_are_missing_up_to_a_fifth(erawise: Erawise, world: World) -> None:
    own = np.random.default_rng(9).random(len(world.table.ids))
    rows = world.rows_of(world.eras[0])
    for share, is_scored in ((0.15, True), (0.25, False)):
        left = rows[int(share * len(rows)):]
        some = world.write_predictions(own[left], [world.table.ids[row] for row in left])
        scores = scores_of(erawise("score", "--predictions", some, "--data", world.data,
                                   "--format", "json").expect(EXIT_DONE))
        holes = np.where(np.isin(rows, left), own[rows], np.nan)
        if is_scored:
            expected = scoring.numerai_corr(holes, world.target[rows].astype(np.float64))
            assert scores["eras"][0]["corr"] == pytest.approx(expected, abs=1e-9)
        else:
            assert scores["eras"][0]["corr"] is None


def test_table_and_csv_show_the_same_numbers(erawise: Erawise, world: World) -> None:
    own = np.random.default_rng(9).random(len(world.table.ids))
    command = ("score", "--predictions", world.write_predictions(own), "--data", world.data)
    table = erawise(*command).expect(EXIT_DONE).stdout.decode()
    rows = list(csv.DictReader(io.StringIO(
        erawise(*command, "--format", "csv").expect(EXIT_DONE).stdout.decode())))
    assert [row["era"] for row in rows] == world.eras
    for row in rows[:-1]:
        assert f"{float(row['corr']):.6f}" in table
    assert rows[-1]["corr"] == ""
    assert "max drawdown" in table
    assert "MMC" not in table, "there is no meta model"


def test_report_and_page_have_the_scores(erawise: Erawise, world: World, tmp_path: Path) -> None:
    report, page = tmp_path / "report.json", tmp_path / "page.html"
    erawise("backtest", "--data", world.data, "--model", world.models["beta"], "--report", report,
            "--report-html", page).expect(EXIT_DONE)
    (scores,) = read_report(report)["scores"]
    assert scores["name"] == "beta.ubj"
    assert scores["corr"]["eras"] == len(world.eras) - 1
    text = page.read_text()
    assert "CORR of beta.ubj on target" in text
    assert "aria-label='Cumulative CORR'" in text


def test_what_cannot_be_scored_is_said(erawise: Erawise, world: World, tmp_path: Path) -> None:
    own = world.write_predictions(np.arange(len(world.table.ids)) / 7)
    command = ("score", "--predictions", own, "--data", world.data)
    erawise(*command, "--target", "target_60").expect(EXIT_DATA, "'target_60'", "--target may be")
    erawise("score", "--predictions", tmp_path / "absent.csv", "--data",
            world.data).expect(EXIT_DISK, "absent.csv")
    other = tmp_path / "other.csv"
    other.write_text("id,prediction\nsomebody,0.5\n")
    erawise("score", "--predictions", other, "--data", world.data).expect(EXIT_DATA, "none of its")
    other.write_text("id,prediction\nsomebody,high\n")
    erawise("score", "--predictions", other, "--data", world.data).expect(EXIT_DATA, "'high'")
    other.write_text(f"id,prediction\nx,1\n{world.table.ids[0]},2\n{world.table.ids[0]},3\n")
    erawise("score", "--predictions", other, "--data", world.data).expect(EXIT_DATA, "twice")


FIRST, LAST, EARLY, LATE = 0, -1, 10, 3000


@pytest.mark.parametrize("place", [0, 1, 11, 1500, 3299, 3300])
@pytest.mark.parametrize("row", [FIRST, EARLY, LATE, LAST])
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_duplicate_is_found_and_named_wherever_it_is(
    erawise: Erawise, world: World, tmp_path: Path, place: int, row: int, form: str
) -> None:
    ids = list(world.table.ids)
    twice = ids[row]
    first = ids.index(twice)
    ids.insert(place, twice)
    frame = pd.DataFrame({"id": ids, "prediction": np.arange(len(ids)) / 7})
    own = tmp_path / f"own.{form}"
    frame.to_csv(own, index=False) if form == "csv" else frame.to_parquet(own, index=False)
    places = sorted([place, first + (place <= first)])
    names = [n + 1 + (form == "csv") for n in places]
    words = f"the id '{twice}' is there twice, in the {'lines' if form == 'csv' else 'rows'} "
    words += f"{names[0]} and {names[1]}"
    erawise("score", "--predictions", own, "--data", world.data).expect(EXIT_DATA, words)
    erawise("score", "--predictions", world.write_predictions(np.arange(len(ids) - 1) / 7),
            "--data", world.data, "--meta-model", own).expect(EXIT_DATA, words)


def test_a_packed_file_of_predictions_is_planned(
    erawise: Erawise, world: World, tmp_path: Path
) -> None:
    own = tmp_path / "own.csv.xz"
    text = world.write_predictions(np.arange(len(world.table.ids)) / 7).read_bytes()
    own.write_bytes(xz(text, "--lzma2=preset=0,dict=64MiB"))
    command = ("score", "--predictions", own, "--data", world.data, "--memory-limit")
    limit = erawise(*command, "60MiB").expect(EXIT_MEMORY).named_limit
    erawise(*command, limit).expect(EXIT_DONE)


def test_null_value_does_not_fill_targets(erawise: Erawise, world: World) -> None:
    own = world.write_predictions(np.random.default_rng(9).random(len(world.table.ids)))
    run = erawise("score", "--predictions", own, "--data", world.data, "--null-value", "2",
                  "--format", "json").expect(EXIT_DONE)
    assert scores_of(run)["eras"][-1]["corr"] is None
