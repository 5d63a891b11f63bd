"""Models that cannot be read or do not fit the data: exit 4, and nothing is left behind."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

from e2e.support.binary import EXIT_DISK, EXIT_DONE, EXIT_MODEL, Erawise, Result
from e2e.support.models import train
from e2e.support.spoil import predict_badly
from e2e.support.table import Table

ENGINES = ("auto", "xgboost")


@pytest.fixture
def attempt(erawise: Erawise, data: Path, tmp_path: Path):
    def run(content: bytes, suffix: str = "ubj", *arguments: object) -> Result:
        path = tmp_path / f"model.{suffix}"
        path.write_bytes(content)
        result = predict_badly(erawise, data, path, *arguments)
        if result.exit_code != EXIT_DONE:
            assert f"model.{suffix}" in result.errors
        return result

    return run


@pytest.fixture(scope="module")
def contents(table: Table, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A small model in both formats."""
    folder = tmp_path_factory.mktemp("models")
    model = train(table, n_estimators=4, max_depth=3)
    found = {}
    for suffix in ("ubj", "json"):
        model.save_model(folder / f"m.{suffix}")
        found[suffix] = (folder / f"m.{suffix}").read_bytes()
    return found


@pytest.mark.parametrize("suffix", ["ubj", "json"])
@pytest.mark.parametrize("engine", ENGINES)
def test_truncated_anywhere(attempt, contents: dict[str, bytes], suffix: str,
                            engine: str) -> None:
    content = contents[suffix]
    lengths = {0, 1, 2, 9, len(content) - 1, *(len(content) * i // 6 for i in range(1, 6))}
    for length in sorted(lengths):
        attempt(content[:length], suffix, "--engine", engine).expect(EXIT_MODEL)


@pytest.mark.parametrize("suffix", ["ubj", "json"])
@pytest.mark.parametrize("engine", ENGINES)
def test_flipped_bits_are_refused_or_survived(attempt, contents: dict[str, bytes], suffix: str,
                                              engine: str) -> None:
    generator = random.Random(12)
    for _ in range(20):
        spoilt = bytearray(contents[suffix])
        spoilt[generator.randrange(len(spoilt))] ^= 1 << generator.randrange(8)
        result = attempt(bytes(spoilt), suffix, "--engine", engine)
        assert result.exit_code in (EXIT_DONE, EXIT_MODEL)


def test_huge_counts_take_no_memory(attempt, contents: dict[str, bytes]) -> None:
    content = contents["ubj"]
    for marker in (b"#L", b"SL", b"{L"):
        at = content.find(marker)
        while 0 <= at < len(content) // 2:
            spoilt = content[: at + 2] + b"\x7f" * 8 + content[at + 10:]
            attempt(spoilt, "ubj", "--memory-limit", "1GiB").expect(EXIT_MODEL)
            at = content.find(marker, at + len(content) // 8)


@pytest.mark.parametrize("content", [
    b"", b"\n", b"{", b"{}", b"[]", b"null", b"garbage", b"{\"learner\": {}}", bytes(1000),
    b"binf\x00\x00\x00\x3f", b"<html>not found</html>", b"{L" + b"\xff" * 8,
    b'{"learner": ' + b"[" * 100_000], ids=range(13))
@pytest.mark.parametrize("suffix", ["ubj", "json"])
def test_garbage(attempt, content: bytes, suffix: str) -> None:
    attempt(content, suffix).expect(EXIT_MODEL)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("key", "value"), [
    ("left_children", 10_000), ("right_children", -7), ("left_children", 0),
    ("split_indices", 5_000), ("split_indices", 30), ("split_indices", -1)])
def test_indices_beyond_the_tree_or_the_features(attempt, contents: dict[str, bytes], key: str,
                                                 value: int, engine: str) -> None:
    document = json.loads(contents["json"])
    tree = document["learner"]["gradient_booster"]["model"]["trees"][0]
    tree[key][0] = value
    attempt(json.dumps(document).encode(), "json", "--engine", engine).expect(EXIT_MODEL)


@pytest.mark.parametrize(("key", "value"), [
    ("num_feature", "0"), ("num_feature", "29"), ("num_feature", "4000000000"),
    ("num_feature", "many"), ("base_score", "half"), ("num_class", "3")])
@pytest.mark.parametrize("engine", ENGINES)
def test_parameters_that_cannot_be(attempt, contents: dict[str, bytes], key: str, value: str,
                                   engine: str) -> None:
    document = json.loads(contents["json"])
    document["learner"]["learner_model_param"][key] = value
    attempt(json.dumps(document).encode(), "json", "--engine", engine).expect(EXIT_MODEL)


def test_a_model_of_several_classes(attempt, table: Table, tmp_path: Path) -> None:
    path = tmp_path / "classes.ubj"
    train(table, objective="multi:softprob", num_class=5, n_estimators=2,
          target=(table.target * 4).astype(np.int32)).save_model(path)
    attempt(path.read_bytes()).expect(EXIT_MODEL, "5 values per row")


def test_without_names_the_number_of_features_must_agree(attempt, table: Table,
                                                         tmp_path: Path) -> None:
    part = Table(table.ids, table.eras, table.features[:29], table.values[:, :29])
    path = tmp_path / "unnamed.ubj"
    train(part, named=False, n_estimators=2).save_model(path)
    attempt(path.read_bytes()).expect(EXIT_MODEL, "29 features", "the data has 30", "names")


def test_a_model_of_other_data_names_what_is_missing(attempt, table: Table,
                                                     tmp_path: Path) -> None:
    renamed = Table(table.ids, table.eras, [f"feature_new_{i}" for i in range(30)], table.values)
    path = tmp_path / "other.ubj"
    train(renamed, n_estimators=2).save_model(path)
    attempt(path.read_bytes()).expect(EXIT_MODEL, "30 of its 30 features", "'feature_new_0'",
                                      "trained on")


def test_a_model_that_is_not_there(erawise: Erawise, data: Path, tmp_path: Path) -> None:
    predict_badly(erawise, data, tmp_path / "nothing.ubj").expect(
        EXIT_DISK, "nothing.ubj", "No such file")


def test_a_folder_in_the_place_of_a_model(erawise: Erawise, data: Path, tmp_path: Path) -> None:
    result = predict_badly(erawise, data, tmp_path)
    assert result.exit_code in (EXIT_DISK, EXIT_MODEL)
    assert str(tmp_path) in result.errors
