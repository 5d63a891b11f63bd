"""Model files as people have them: told by content, read as XGBoost reads them, or named as what
they are."""

import bz2
import gzip
import io
import json
import lzma
import pickle
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
import xgboost

from e2e.support.binary import EXIT_DONE, EXIT_MODEL, Erawise, read_report
from e2e.support.faults import fault, predictions_of
from e2e.support.lightgbm import model_file, tournament_csv
from e2e.support.lightgbm import predictions as lightgbm_predictions
from e2e.support.models import predict, train, train_with_early_stopping
from e2e.support.table import Table, assert_same_bits, read_output
from e2e.support.tournament import Tournament

pytestmark = pytest.mark.filterwarnings("ignore")

MARK = b"\xef\xbb\xbf"
LEGACY = Path(__file__).resolve().parents[1] / "fixtures" / "legacy"


@pytest.mark.parametrize(("model", "data"), [
    ("logitraw.ubj", "logitraw.parquet"), ("minus_infinity.json", "logitraw.parquet"),
    ("logistic_all_0.ubj", "logistic_intercept.parquet")])
@pytest.mark.parametrize("engine", ["auto", "xgboost"])
def test_what_was_once_wrong_has_its_predictions(erawise: Erawise, model: str, data: str,
                                                 engine: str) -> None:
    output = erawise.predict(fault(data), fault(model), "--engine", engine)
    predictions = read_output(output)["prediction"].to_numpy(dtype=np.float32)
    assert np.array_equal(predictions, predictions_of(model.split(".")[0]))


def test_thresholds_that_are_no_finite_numbers(erawise: Erawise, table: Table, data: Path,
                                               tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    train(table, n_estimators=12).save_model(path)
    document = json.loads(path.read_text())
    special = [float("-inf"), float("inf"), float("nan")]
    changed = 0
    for tree in document["learner"]["gradient_booster"]["model"]["trees"]:
        for node, left in enumerate(tree["left_children"]):
            if left != -1 and node % 2 == 0:
                tree["split_conditions"][node] = special[changed % 3]
                changed += 1
    path.write_text(json.dumps(document))
    assert "-Infinity" in path.read_text() and "NaN" in path.read_text()
    expected = predict(path, table)
    booster = xgboost.Booster(model_file=path)
    booster.save_model(tmp_path / "model.ubj")
    for name in ("model.json", "model.ubj"):
        output = erawise.predict(data, tmp_path / name, "--engine", "bitsliced", "--self-check")
        assert_same_bits(output, table, expected)


@pytest.mark.parametrize("parameters", [{}, {"objective": "count:poisson"}], ids=str)
@pytest.mark.parametrize(("saved", "called"), [("json", "ubj"), ("ubj", "json"), ("json", "xgb"),
                                               ("ubj", "model"), ("json", "txt")])
def test_a_file_is_told_by_its_content_by_both_engines(
        erawise: Erawise, table: Table, data: Path, tmp_path: Path, saved: str, called: str,
        parameters: dict[str, object]) -> None:
    path = tmp_path / f"model.{saved}"
    train(table, n_estimators=5, **parameters).save_model(path)
    expected = predict(path, table)
    other = path.rename(tmp_path / f"other.{called}")
    assert_same_bits(erawise.predict(data, other), table, expected)


@pytest.mark.parametrize("parameters", [{}, {"objective": "count:poisson"}], ids=str)
def test_a_byte_order_mark_before_xgboosts_json(erawise: Erawise, table: Table, data: Path,
                                                tmp_path: Path,
                                                parameters: dict[str, object]) -> None:
    path = tmp_path / "model.json"
    train(table, n_estimators=5, **parameters).save_model(path)
    expected = predict(path, table)
    path.write_bytes(MARK + path.read_bytes())
    assert_same_bits(erawise.predict(data, path), table, expected)


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_a_byte_order_mark_before_lightgbms_text(erawise: Erawise, tmp_path: Path,
                                                 newline: bytes) -> None:
    path, data = tmp_path / "model.txt", tmp_path / "rows.csv"
    path.write_bytes(MARK + model_file("regression").read_bytes().replace(b"\n", newline))
    data.write_bytes(tournament_csv("regression"))
    output = read_output(erawise.predict(data, path))["prediction"].to_numpy(dtype=np.float64)
    assert np.array_equal(output, lightgbm_predictions("regression"))


def test_a_binary_model_whose_first_byte_is_a_brace(erawise: Erawise, tmp_path: Path) -> None:
    content = bytearray((LEGACY / "xgboost-1.7.4-60trees.model").read_bytes())
    assert content[:4] == b"binf"
    data = LEGACY / "rows.csv"
    for second in (b'"', b"L", b"i", b"\n", b"\x00"):
        content[4:8] = b"{" + second + content[6:8]
        whole, bare = tmp_path / "whole.model", tmp_path / "bare.model"
        whole.write_bytes(content)
        bare.write_bytes(content[4:])
        rows = tmp_path / "rows.csv"
        rows.write_bytes(tournament_rows(data))
        assert erawise.predict(rows, bare) == erawise.predict(rows, whole)


def tournament_rows(data: Path) -> bytes:
    lines = data.read_text().splitlines()
    return "\n".join([f"id,era,{lines[0]}", *(f"n{i},era1,{line}" for i, line in
                                              enumerate(lines[1:])), ""]).encode()


@pytest.mark.parametrize("base_score", ["[ 5.0E-1 ]", " 5E-1", "[\t5E-1\n]", "(5E-1)", "5.0E-1"])
def test_base_scores_as_libxgboost_reads_them(erawise: Erawise, table: Table, data: Path,
                                              tmp_path: Path, base_score: str) -> None:
    path = tmp_path / "model.json"
    train(table, n_estimators=5, base_score=0.5).save_model(path)
    document = json.loads(path.read_text())
    document["learner"]["learner_model_param"]["base_score"] = base_score
    path.write_text(json.dumps(document))
    expected = predict(path, table)
    output = erawise.predict(data, path, "--engine", "bitsliced")
    assert_same_bits(output, table, expected)


@pytest.mark.parametrize("base_score", ["[5E-1,5E-1]", "[]", "5E-1x", "half", "NaN", "[Infinity]"])
def test_base_scores_that_are_none(erawise: Erawise, table: Table, data: Path, tmp_path: Path,
                                   base_score: str) -> None:
    path = tmp_path / "model.json"
    train(table, n_estimators=5).save_model(path)
    document = json.loads(path.read_text())
    document["learner"]["learner_model_param"]["base_score"] = base_score
    path.write_text(json.dumps(document))
    for engine in ("auto", "xgboost"):
        erawise("predict", "--data", data, "--model", path, "--output", "-", "--engine",
                engine).expect(EXIT_MODEL)


@pytest.mark.parametrize("suffix", ["ubj", "json"])
@pytest.mark.parametrize("booster", ["gbtree", "dart"])
def test_softmax_gives_the_number_of_the_class(erawise: Erawise, table: Table, data: Path,
                                               tmp_path: Path, suffix: str, booster: str) -> None:
    path, report = tmp_path / f"model.{suffix}", tmp_path / "report.json"
    matrix = xgboost.DMatrix(table.frame, (table.target * 4).astype(np.int32))
    xgboost.train({"objective": "multi:softmax", "num_class": 5, "booster": booster, "nthread": 1},
                  matrix, 4).save_model(path)
    expected = xgboost.Booster(model_file=path).predict(matrix)
    assert len(set(expected)) > 2
    assert_same_bits(erawise.predict(data, path, "--report", report), table, expected)
    assert read_report(report)["engine"] == "xgboost"
    erawise("inspect", "--model", path).expect(EXIT_DONE)


@pytest.mark.parametrize("suffix", ["ubj", "json"])
def test_two_features_of_one_name(erawise: Erawise, table: Table, data: Path, tmp_path: Path,
                                  suffix: str) -> None:
    path = tmp_path / "model.json"
    train(table, n_estimators=3).save_model(path)
    document = json.loads(path.read_text())
    document["learner"]["feature_names"][17] = table.features[4]
    path.write_text(json.dumps(document))
    if suffix == "ubj":
        xgboost.Booster(model_file=path).save_model(tmp_path / "model.ubj")
    for engine in ("auto", "xgboost"):
        erawise("predict", "--data", data, "--model", tmp_path / f"model.{suffix}", "--output",
                "-", "--engine", engine).expect(
                    EXIT_MODEL, f"features 4 and 17 (counted from 0) are both called "
                                f"'{table.features[4]}'")


def test_two_features_of_one_name_in_lightgbm(erawise: Erawise, tmp_path: Path) -> None:
    path, data = tmp_path / "model.txt", tmp_path / "rows.csv"
    data.write_bytes(tournament_csv("regression"))
    lines = model_file("regression").read_text().split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("feature_names="))
    names = lines[at].removeprefix("feature_names=").split(" ")
    names[3] = names[1]
    lines[at] = "feature_names=" + " ".join(names)
    path.write_text("\n".join(lines))
    erawise("predict", "--data", data, "--model", path, "--output", "-").expect(
        EXIT_MODEL, "features 1 and 3 (counted from 0)", f"'{names[1]}'")


def test_two_features_of_one_name_in_the_fixture(erawise: Erawise) -> None:
    erawise("inspect", "--model", fault("duplicate_names.json")).expect(
        EXIT_MODEL, "features 0 and 1 (counted from 0)", "'feature_word0_x_y'")


def joblib_zlib() -> bytes:
    return zlib.compress(pickle.dumps({"a": list(range(1000))}), 3)


def archive(kind: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w") as file:
            file.writestr("model.ubj", content)
    else:
        with tarfile.open(fileobj=buffer, mode="w") as file:
            info = tarfile.TarInfo("model.ubj")
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture(scope="module")
def booster_bytes(table: Table) -> bytes:
    return bytes(train(table, n_estimators=3).get_booster().save_raw("ubj"))


OTHERS = {
    **{f"pickle {protocol}": (lambda content, p=protocol: pickle.dumps(
        {"model": content, "more": list(range(300))}, p), "Python pickle")
       for protocol in (2, 3, 4, 5)},
    "pickle of a booster": (lambda content: pickle.dumps(
        xgboost.Booster(model_file=bytearray(content))), "Python pickle"),
    "joblib": (lambda content: joblib_zlib(), "joblib"),
    "bz2": (bz2.compress, "bunzip2"),
    "gz": (gzip.compress, "gunzip"),
    "xz": (lzma.compress, "unxz"),
    "lzma": (lambda content: lzma.compress(content, format=lzma.FORMAT_ALONE), "unlzma"),
    "zst": (lambda content: b"\x28\xb5\x2f\xfd" + content, "unzstd"),
    "zip": (lambda content: archive("zip", content), "zip archive"),
    "tar": (lambda content: archive("tar", content), "tar xf"),
    "parquet": (lambda content: b"PAR1" + content + b"PAR1", "Parquet data"),
    "npy": (lambda content: b"\x93NUMPY\x01\x00" + content, "NumPy array"),
    "h5": (lambda content: b"\x89HDF\r\n\x1a\n" + content, "HDF5"),
    "cbm": (lambda content: b"CBM1" + struct.pack("<I", 99) + content, "CatBoost"),
    "html": (lambda content: b"<!DOCTYPE html><html>404</html>", "web page"),
    "lfs": (lambda content: b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n",
            "git lfs pull"),
    "dump": (lambda content: b"booster[0]:\n0:[feature_1<0.5] yes=1,no=2\n", "text dump"),
    "utf16": (lambda content: '{"learner": {}}'.encode("utf-16"), "UTF-16"),
    "empty": (lambda content: b"", "the file is empty"),
}


@pytest.mark.parametrize("suffix", ["ubj", "json", "model", "txt"])
@pytest.mark.parametrize("kind", OTHERS)
def test_other_files_are_named_as_what_they_are(erawise: Erawise, data: Path, tmp_path: Path,
                                                booster_bytes: bytes, kind: str,
                                                suffix: str) -> None:
    make, name = OTHERS[kind]
    path = tmp_path / f"model.{suffix}"
    path.write_bytes(make(booster_bytes))
    result = erawise("predict", "--data", data, "--model", path, "--output", "-")
    result.expect(EXIT_MODEL, str(path), name)
    assert "damaged" not in result.errors


def test_trees_behind_the_best_iteration_deserve_a_warning(erawise: Erawise, table: Table,
                                                           data: Path, tmp_path: Path) -> None:
    path, longer = tmp_path / "model.ubj", tmp_path / "longer.ubj"
    model = train_with_early_stopping(table)
    model.get_booster()[: model.best_iteration + 1].save_model(path)
    more = xgboost.XGBRegressor(n_estimators=10, n_jobs=1)
    more.fit(table.frame, table.target, xgb_model=str(path))
    more.get_booster().set_attr(best_iteration=str(model.best_iteration))
    more.save_model(longer)
    flags = ("--output", tmp_path / "out.csv")
    assert " WARN" not in erawise("predict", "--data", data, "--model", path, *flags).expect(
        EXIT_DONE).log
    result = erawise("predict", "--data", data, "--model", longer, *flags).expect(EXIT_DONE)
    warnings = [line for line in result.log.splitlines() if " WARN" in line]
    assert len(warnings) == 1
    assert "its last 10 of" in warnings[0]
    assert "--all-trees" in warnings[0]
    assert " WARN" not in erawise("predict", "--data", data, "--model", longer, "--all-trees",
                                  *flags).expect(EXIT_DONE).log


def test_a_prediction_that_is_not_finite_is_refused_unless_it_is_asked_for(
        erawise: Erawise, table: Table, data: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    train(table, n_estimators=3).save_model(path)
    document = json.loads(path.read_text())
    tree = document["learner"]["gradient_booster"]["model"]["trees"][0]
    leaf = tree["left_children"].index(-1)
    for value, text in ((float("inf"), "inf"), (float("-inf"), "-inf"), (float("nan"), "nan")):
        tree["split_conditions"][leaf] = value
        path.write_text(json.dumps(document))
        expected = predict(path, table)
        first = table.ids[int(np.flatnonzero(~np.isfinite(expected))[0])]
        flags = ("predict", "--data", data, "--model", path, "--output", tmp_path / "out.csv")
        erawise(*flags).expect(EXIT_MODEL, f"the prediction of row '{first}' is {text}")
        assert not (tmp_path / "out.csv").exists()
        erawise(*flags, "--non-finite", "keep").expect(EXIT_DONE)
        got = read_output((tmp_path / "out.csv").read_bytes())["prediction"]
        assert np.array_equal(got.to_numpy(dtype=np.float32), expected, equal_nan=True)
        (tmp_path / "out.csv").unlink()


def test_files_whose_names_begin_with_a_dot_are_no_models(tournament: Tournament) -> None:
    (tournament.models / "._example_model.ubj").write_bytes(b"\x00\x05\x16\x07\x00\x02\x00\x00")
    (tournament.models / ".hidden.json").write_bytes(b"{}")
    tournament.run().expect(EXIT_DONE)
    assert len(tournament.submissions) == 1
