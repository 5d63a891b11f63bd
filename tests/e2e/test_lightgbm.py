"""LightGBM's text models: the numbers of the real library to the last bit, or exit 4 with the
line."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from e2e.support.binary import (
    EXIT_DONE,
    EXIT_MEMORY,
    EXIT_MODEL,
    Erawise,
    files_below,
    read_report,
)
from e2e.support.lightgbm import (
    MODELS,
    as_table,
    assert_same_bits,
    model_file,
    predictions,
    tournament_csv,
)
from e2e.support.models import predict, train
from e2e.support.packing import xz
from e2e.support.table import Table, ranks, read_output
from e2e.support.table import assert_same_bits as assert_same_float32_bits
from e2e.support.tournament import Tournament


@pytest.fixture
def live(tmp_path: Path) -> Path:
    path = tmp_path / "live.csv"
    path.write_bytes(tournament_csv("regression"))
    return path


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("threads", [1, 2])
def test_predictions_are_lightgbms(erawise: Erawise, tmp_path: Path, name: str,
                                   threads: int) -> None:
    data, report = tmp_path / "live.csv", tmp_path / "report.json"
    data.write_bytes(tournament_csv(name))
    output = erawise.predict(data, model_file(name), "--threads", threads, "--report", report)
    assert_same_bits(output, predictions(name))
    assert read_report(report)["engine"] == "bitsliced"


@pytest.mark.parametrize("target", ["AVX2", "SSE4", "SSE2"])
def test_every_vector_target_gives_the_same_bits(erawise: Erawise, live: Path, tmp_path: Path,
                                                 target: str) -> None:
    output = tmp_path / "out.csv"
    result = erawise("predict", "--data", live, "--model", model_file("deep"), "--output", output,
                     env={"ERAWISE_TARGET": target})
    if f"ERAWISE_TARGET is '{target}'" in result.log:
        pytest.skip(f"this machine has no {target}")
    result.expect(EXIT_DONE)
    assert_same_bits(output.read_bytes(), predictions("deep"))


def test_ranks_are_those_of_the_float64_predictions(erawise: Erawise, live: Path) -> None:
    output = erawise.predict(live, model_file("regression"), "--transform", "rank")
    expected = ranks(as_table("regression"), predictions("regression"))
    assert list(read_output(output)["prediction"]) == pytest.approx(list(expected), abs=0)


def test_the_name_of_the_file_does_not_matter(erawise: Erawise, live: Path,
                                              tmp_path: Path) -> None:
    for suffix in ("lgb", "ubj"):
        model = tmp_path / f"model.{suffix}"
        model.write_bytes(model_file("dart").read_bytes())
        assert_same_bits(erawise.predict(live, model), predictions("dart"))


def test_names_that_lightgbm_made_up_are_matched_by_position(erawise: Erawise, live: Path,
                                                             tmp_path: Path) -> None:
    lines = model_file("regression").read_text().split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("feature_names="))
    lines[at] = "feature_names=" + " ".join(f"Column_{i}" for i in range(60))
    model = tmp_path / "model.txt"
    model.write_text("\n".join(lines))
    assert_same_bits(erawise.predict(live, model), predictions("regression"))
    few = tmp_path / "few.csv"
    few.write_text("id,era,data_type,feature_a\nn1,era1,live,1\n")
    erawise("predict", "--data", few, "--model", model, "--output", "-").expect(
        EXIT_MODEL, "carries no feature names and has 60 features, but the data has 1")


def test_a_feature_that_the_data_lacks_is_a_model_error(erawise: Erawise, tmp_path: Path) -> None:
    data = tmp_path / "live.csv"
    data.write_bytes(tournament_csv("regression", {"feature_charisma14": "feature_new"}))
    erawise("predict", "--data", data, "--model", model_file("regression"), "--output",
            "-").expect(EXIT_MODEL, "feature_charisma14")


def test_a_self_check_compares_with_the_walk_and_says_so(erawise: Erawise, live: Path) -> None:
    erawise("predict", "--data", live, "--model", model_file("deep"), "--output", "-",
            "--self-check").expect(EXIT_DONE, "self-check passed, 100 rows have the bits of a "
                                              "plain walk over its trees (no library")


def test_inspect_describes_and_checks_the_model(erawise: Erawise) -> None:
    text = erawise("inspect", "--model", model_file("forest")).expect(EXIT_DONE).stdout.decode()
    assert "booster   lightgbm (average of its trees), objective regression" in text
    assert "engine    bitsliced" in text
    assert "512 rows around its thresholds have the bits of a plain walk" in text


@pytest.mark.parametrize(("change", "reason"), [
    (("num_cat=0", "num_cat=1"), "splits on categories"),
    (("is_linear=0", "is_linear=1"), "linear leaves"),
    (("version=v4", "version=v9"), "the version is 'v9'"),
    (("objective=regression", "objective=multiclassova"), "multiclassova"),
    (("left_child=1", "left_child=1000"), "the child 1000"),
    (("threshold=", "threshold=x"), "is no number"),
])
def test_what_cannot_be_predicted_is_exit_4_with_the_reason(
        erawise: Erawise, live: Path, tmp_path: Path, change: tuple[str, str],
        reason: str) -> None:
    model = tmp_path / "model.txt"
    model.write_text(model_file("regression").read_text().replace(*change))
    result = erawise("predict", "--data", live, "--model", model, "--output",
                     tmp_path / "out.csv").expect(EXIT_MODEL, reason)
    assert "multiclassova" in reason or re.search(r"line \d+ of the LightGBM model", result.log)
    assert not (tmp_path / "out.csv").exists()


def test_several_values_per_row_are_exit_4(erawise: Erawise, live: Path) -> None:
    erawise("predict", "--data", live, "--model", model_file("multiclass"), "--output",
            "-").expect(EXIT_MODEL, "5 values per row")


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_a_truncated_model_is_exit_4(erawise: Erawise, live: Path, tmp_path: Path,
                                     share: float) -> None:
    content = model_file("regression").read_bytes()
    model = tmp_path / "model.txt"
    model.write_bytes(content[:int(share * content.index(b"end of trees"))])
    erawise("predict", "--data", live, "--model", model, "--output", "-").expect(
        EXIT_MODEL, "model.txt")


def test_the_reference_engine_cannot_be_asked_for(erawise: Erawise, live: Path) -> None:
    erawise("predict", "--data", live, "--model", model_file("deep"), "--output", "-", "--engine",
            "xgboost").expect(EXIT_MODEL, "libxgboost does not read LightGBM models")


def test_a_model_that_is_too_large_for_the_cap_is_exit_12(erawise: Erawise, live: Path,
                                                          sanitized: bool, tmp_path: Path) -> None:
    """150 MiB of text, 3 million nodes: the trees are compiled as they are read."""
    text = model_file("deep").read_text()
    begin, end = text.index("Tree=0"), text.index("end of trees")
    trees = re.split(r"(?m)^Tree=\d+\n", text[begin:end])[1:]
    model = tmp_path / "large.txt"
    header = re.sub(r"(?m)^tree_sizes=.*\n", "", text[:begin])
    count = 6000
    with model.open("w") as file:
        file.write(header)
        for i in range(count):
            file.write(f"Tree={i}\n{trees[i % len(trees)]}")
        file.write("end of trees\n")
    arguments = ("predict", "--data", live, "--model", model, "--output", "-")
    refused = erawise(*arguments, "--memory-limit", "48MiB").expect(EXIT_MEMORY)
    assert files_below(erawise.folder) == set()
    report = tmp_path / "report.json"
    erawise(*arguments, "--memory-limit", refused.named_limit, "--report", report).expect(EXIT_DONE)
    told = read_report(report)
    # No cap can count the shadow memory of a sanitizer.
    assert sanitized or told["peak_rss_bytes"] <= told["memory_limit_bytes"]


def test_one_run_submits_models_of_both_libraries(
        make_tournament: Callable[..., Tournament], tmp_path: Path) -> None:
    """In one pass over the data."""
    content = tournament_csv("regression")
    header, *rows = [line.split(",") for line in content.decode().splitlines()]
    table = Table([row[0] for row in rows], [row[1] for row in rows], header[3:],
                  np.array([row[3:] for row in rows], dtype=np.float32))
    model = tmp_path / "alpha.ubj"
    train(table, n_estimators=20).save_model(model)
    tournament = make_tournament(models=("alpha", "beta"), content=xz(content))
    (tournament.models / "example_model.ubj").unlink()
    tournament.add_model(model, "alpha.ubj")
    tournament.add_model(model_file("regression"), "beta.txt")
    (tournament.models / "notes.txt").write_text("what I have tried\n")
    tournament.run("--dry-run").expect(EXIT_DONE, "notes.txt is passed over")

    config = tmp_path / "config.json"
    config.write_text(json.dumps({"submissions": [
        {"model": "alpha", "ensemble": [{"file": "alpha.ubj"}], "transform": "none"},
        {"model": "beta", "ensemble": [{"file": "beta.txt"}], "transform": "none"}]}))
    tournament.run("--config", config, "--dry-run").expect(EXIT_DONE)
    assert_same_float32_bits((tournament.output / "alpha.csv").read_bytes(), table,
                             predict(model, table))
    assert_same_bits((tournament.output / "beta.csv").read_bytes(), predictions("regression"))
