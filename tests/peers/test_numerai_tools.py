"""Scores and transforms equal those of numerai-tools, the official package, era by era."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xgboost
from numerai_tools import scoring

from e2e.support.binary import EXIT_DATA, EXIT_DONE, Erawise

MOST = 1e-12
FEATURES = [f"feature_{i}" for i in range(24)]
SET = "some"
FEW = "few"
SETS = {SET: FEATURES, FEW: FEATURES[:3]}
PREDICTIONS, META, BENCHMARK = "prediction", "numerai_meta_model", "v5_lgbm_ender20"


def with_ties(values: np.ndarray) -> np.ndarray:
    return np.round(values, 1)


def with_gaps(values: np.ndarray, every: int) -> np.ndarray:
    values = values.copy()
    values[3::every] = np.nan
    return values


def very_close(values: np.ndarray) -> np.ndarray:
    """Different as float64, equal as float32."""
    return 0.5 + values * 1e-11


# What an era's predictions are made into; the other columns take theirs from the same list.
SHAPES = {
    "plain": lambda v: v,
    "ties": with_ties,
    "gaps": lambda v: with_gaps(v, 9),
    "very close": very_close,
    "ties and gaps": lambda v: with_gaps(with_ties(v), 7),
    "tiny": lambda v: v * 1e-300,
    "skewed": lambda v: np.exp(8 * v),
    "two values": lambda v: (v > 0.3).astype(np.float64),
    "constant": lambda v: np.full_like(v, 0.1),
    "gaps of a quarter": lambda v: with_gaps(v, 4),
}
ROWS = (6, 14, 24, 25, 26, 60, 300, 900)  # the third and fourth: as many as features, and one more


@dataclass
class World:
    """Forty eras, each with a shape of its own for predictions, meta model, benchmark, targets."""

    frame: pd.DataFrame
    data: Path
    predictions: Path
    benchmarks: Path
    flags: tuple[object, ...]

    def eras(self) -> dict[str, pd.DataFrame]:
        return dict(iter(self.frame.groupby("era", sort=True)))


def make_frame() -> pd.DataFrame:
    generator = np.random.default_rng(4)
    shapes = list(SHAPES.values())
    parts = []
    for era in range(40):
        rows = ROWS[era % len(ROWS)]
        part = pd.DataFrame(generator.integers(0, 5, (rows, len(FEATURES))), columns=FEATURES)
        part["era"] = f"{era + 1:04}"
        # Targets in five steps, as Numerai has them, and other ones; the last are not known yet.
        part["target"] = generator.integers(0, 5, rows) / 4
        part["target_fine"] = generator.normal(size=rows)
        part.loc[2::17, ["target", "target_fine"]] = np.nan
        latent = generator.random((rows, 3))
        for column, offset in ((PREDICTIONS, 0), (META, 3), (BENCHMARK, 6)):
            shape = shapes[(era + offset * (1 + era // len(shapes))) % len(shapes)]
            part[column] = shape(0.7 * latent[:, offset // 3] + 0.3 * latent[:, 0])
        parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    frame.loc[frame["era"] == "0040", ["target", "target_fine"]] = np.nan
    frame.index = pd.Index([f"n{row:08x}" for row in range(len(frame))], name="id")
    return frame


@pytest.fixture(scope="module", params=["parquet", "csv"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("peers")
    frame = make_frame()
    (folder / "features.json").write_text(json.dumps({"feature_sets": SETS}))

    def write(name: str, columns: list[str]) -> Path:
        path = folder / f"{name}.{request.param}"
        if request.param == "csv":
            frame[columns].to_csv(path)
        else:
            frame[columns].to_parquet(path)
        return path

    data = write("data", ["era", *FEATURES, "target", "target_fine"])
    return World(frame, data, write("predictions", [PREDICTIONS, BENCHMARK]),
                 write("benchmarks", ["era", META, BENCHMARK]),
                 ("--data", data, "--format", "json", "--fnc-set", SET))


def or_none(score: "callable") -> float | None:
    """What the package says; None where it stops, or has no number."""
    try:
        value = float(score())
    except AssertionError:
        return None
    return value if np.isfinite(value) else None


def official(era: pd.DataFrame, target: str, meta_model: str) -> dict[str, float | None]:
    predictions, targets = era[[PREDICTIONS]], era[target]
    if targets.isna().all():
        return {"corr": None, "contribution": None, "fnc": None}
    scores = {
        "corr": or_none(lambda: scoring.numerai_corr(predictions, targets).iloc[0]),
        "contribution": or_none(
            lambda: scoring.correlation_contribution(predictions, era[meta_model], targets).iloc[0]
        ),
        "fnc": None,
    }
    if len(era) > len(FEATURES) + 1:  # otherwise it is the rank of rounding noise
        scores["fnc"] = or_none(
            lambda: scoring.feature_neutral_corr(predictions, era[FEATURES], targets).iloc[0]
        )
    return scores


class Differences:
    """The worst of each kind, and how many values were compared."""

    def __init__(self) -> None:
        self.worst: dict[str, float] = {}
        self.counts: dict[str, int] = {}
        self.without: dict[str, int] = {}

    def add(self, kind: str, found: float | None, expected: float | None, where: str) -> None:
        if expected is None:
            assert found is None, f"{kind} of {where}: {found}, and officially there is none"
            self.without[kind] = self.without.get(kind, 0) + 1
            return
        assert found is not None, f"{kind} of {where}: none, and officially {expected}"
        difference = abs(found - expected)
        self.worst[kind] = max(self.worst.get(kind, 0.0), difference)
        self.counts[kind] = self.counts.get(kind, 0) + 1

    def expect_small(self, least: int) -> None:
        for kind, worst in self.worst.items():
            print(f"{kind}: worst difference {worst:.1e} of {self.counts[kind]} eras, "
                  f"{self.without.get(kind, 0)} without a value in both")
        assert all(worst <= MOST for worst in self.worst.values()), self.worst
        assert all(count >= least for count in self.counts.values()), self.counts


@pytest.mark.parametrize("target", ["target", "target_fine"])
@pytest.mark.parametrize(("meta_model", "kind"), [(META, "mmc"), (BENCHMARK, "bmc")])
def test_scores_of_every_era_are_the_official_ones(
    erawise: Erawise, world: World, target: str, meta_model: str, kind: str
) -> None:
    run = erawise("score", "--predictions", world.predictions, "--prediction-column", PREDICTIONS,
                  "--meta-model", world.benchmarks, "--meta-model-column", meta_model, "--target",
                  target, *world.flags).expect(EXIT_DONE)
    (scores,) = json.loads(run.stdout)
    found = {era["era"]: era for era in scores["eras"]}
    differences = Differences()
    for name, era in world.eras().items():
        expected = official(era, target, meta_model)
        differences.add("corr", found[name]["corr"], expected["corr"], name)
        differences.add(kind, found[name][kind], expected["contribution"], name)
        differences.add("fnc", found[name]["fnc"], expected["fnc"], name)
        assert found[name]["mmc" if kind == "bmc" else "bmc"] is None
    differences.expect_small(least=8)


def test_summaries_are_the_official_ones(erawise: Erawise, world: World) -> None:
    run = erawise("score", "--predictions", world.predictions, "--prediction-column", PREDICTIONS,
                  *world.flags).expect(EXIT_DONE)
    (scores,) = json.loads(run.stdout)
    differences = Differences()
    for kind in ("corr", "fnc"):
        values = pd.Series([era[kind] for era in scores["eras"]], dtype=np.float64).dropna()
        assert scores[kind]["eras"] == len(values)
        differences.add("sharpe", scores[kind]["sharpe"], scoring.sharpe_ratio(values), kind)
        differences.add("mean", scores[kind]["mean"], values.mean(), kind)
    differences.expect_small(least=2)


# --- transforms


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    frame = make_frame()
    regressor = xgboost.XGBRegressor(n_estimators=60, max_depth=4, tree_method="hist", n_jobs=1)
    regressor.fit(frame[FEATURES], frame["era"].astype(int) % 7 + frame[FEATURES[0]] ** 2)
    path = tmp_path_factory.mktemp("model") / "alpha.ubj"
    regressor.save_model(path)
    return path


def predicted(
    erawise: Erawise, world: World, model: Path, folder: Path, transform: str
) -> pd.DataFrame:
    output = folder / "predictions.csv"
    erawise("predict", "--data", world.data, "--model", model, "--output", output, "--transform",
            transform).expect(EXIT_DONE)
    rows = list(csv.DictReader(output.open()))
    # The model's own values are float32, written as short as that allows.
    number = np.float32 if transform == "none" else np.float64
    values = pd.DataFrame({"p": np.array([row["prediction"] for row in rows], dtype=number)},
                          index=[row["id"] for row in rows])
    return values.loc[world.frame.index].astype(np.float64)


TRANSFORMS = {
    "rank": lambda p, _: scoring.tie_kept_rank(p),
    "gauss": lambda p, _: scoring.variance_normalize(scoring.gaussian(scoring.tie_kept_rank(p))),
    "neutralize:few": lambda p, f: scoring.neutralize(p, f),
    "neutralize:few:0.25": lambda p, f: scoring.neutralize(p, f, 0.25),
    "gauss,neutralize:few:0.5": lambda p, f: scoring.neutralize(
        scoring.variance_normalize(scoring.gaussian(scoring.tie_kept_rank(p))), f, 0.5),
}


@pytest.mark.parametrize("transform", list(TRANSFORMS))
def test_transforms_of_every_era_are_the_official_ones(
    erawise: Erawise, world: World, model: Path, tmp_path: Path, transform: str
) -> None:
    raw = predicted(erawise, world, model, tmp_path, "none")
    found = predicted(erawise, world, model, tmp_path, transform)
    worst = 0.0
    for era in world.eras().values():
        expected = TRANSFORMS[transform](raw.loc[era.index], era[SETS[FEW]])
        difference = (found.loc[era.index] - expected).abs().to_numpy().max()
        worst = max(worst, float(difference))
    print(f"{transform}: worst difference {worst:.1e} of 40 eras")
    assert worst <= MOST


def test_an_era_without_more_rows_than_features_is_not_neutralised(
    erawise: Erawise, world: World, model: Path, tmp_path: Path
) -> None:
    output = tmp_path / "predictions.csv"
    erawise("predict", "--data", world.data, "--model", model, "--output", output, "--transform",
            f"neutralize:{SET},rank").expect(EXIT_DATA, "era '0001'", "6 rows", "24 features")
    assert not output.exists()
    run = erawise("backtest", "--data", world.data, "--model", model, "--format", "json",
                  "--transform", f"neutralize:{SET}").expect(EXIT_DONE, "rounding noise")
    (scores,) = json.loads(run.stdout)
    for era, frame in zip(scores["eras"], world.eras().values(), strict=True):
        assert (era["corr"] is None) == (
            len(frame) <= len(FEATURES) + 1 or frame["target"].isna().all()
        )
