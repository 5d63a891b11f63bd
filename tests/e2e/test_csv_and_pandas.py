"""CSV in every form: what is read is what pandas reads, or the refusal names line and column."""

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xgboost

from e2e.support.binary import EXIT_DATA, EXIT_DONE, Erawise
from e2e.support.csv_variants import (
    ODDITIES,
    make_variant,
    names_its_place,
    read_with_pandas,
)

ROUNDS = 14  # files of each oddity


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A linear model whose predictions are the values of feature_a; 0 where it is missing."""
    path = tmp_path_factory.mktemp("identity") / "identity.json"
    frame = pd.DataFrame({"feature_a": np.linspace(0, 1, 9, dtype=np.float32)})
    model = xgboost.XGBRegressor(booster="gblinear", n_estimators=1, base_score=0)
    model.fit(frame, frame["feature_a"]).save_model(path)
    document = json.loads(path.read_text())
    document["learner"]["gradient_booster"]["model"]["weights"] = [1.0, 0.0]
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def read(erawise: Erawise, identity: Path, tmp_path: Path):
    """Ids and values as erawise reads them, or its refusal."""

    def run(content: bytes) -> tuple[list[str], np.ndarray] | str:
        data, output = tmp_path / "data.csv", tmp_path / "values.csv"
        data.write_bytes(content)
        result = erawise("predict", "--data", data, "--model", identity, "--output", output)
        if result.exit_code != EXIT_DONE:
            return result.expect(EXIT_DATA).errors
        frame = pd.read_csv(io.BytesIO(output.read_bytes()), dtype={"id": str},
                            float_precision="round_trip")
        return list(frame["id"]), frame["prediction"].to_numpy(dtype=np.float32)

    return run


def is_same(found: tuple[list[str], np.ndarray], expected: tuple[list[str], np.ndarray]) -> bool:
    values = np.nan_to_num(expected[1], nan=0)
    return found[0] == expected[0] and np.array_equal(found[1].view(np.uint32),
                                                      values.view(np.uint32))


@pytest.mark.parametrize("first", range(len(ODDITIES)),
                         ids=[f"{i}-{name or 'usual'}" for i, name in enumerate(ODDITIES)])
def test_the_same_values_or_a_refusal_that_names_the_place(read, first: int) -> None:
    for seed in range(first, ROUNDS * len(ODDITIES), len(ODDITIES)):
        variant = make_variant(seed)
        found = read(variant.content)
        expected = read_with_pandas(variant.content)
        if isinstance(found, str):
            assert not variant.is_usual, f"{seed}: {variant.content!r} is refused: {found}"
            assert names_its_place(found), f"{seed}: {variant.content!r}: {found}"
        else:
            assert expected is not None, f"{seed}: {variant.content!r}: pandas reads no numbers"
            assert is_same(found, expected), f"{seed}: {variant.content!r}: {found}, {expected}"


@pytest.mark.parametrize("text", ["", "#N/A", "<NA>", "None", "-1.#IND", "null"])
def test_what_pandas_takes_for_missing_is_missing(read, text: str) -> None:
    ids, values = read(f"id,era,feature_a\na,1,{text}\nb,1,0.5\n".encode())
    assert ids == ["a", "b"]
    assert list(values) == [0, 0.5]


def test_a_line_is_as_long_as_the_message_says(read) -> None:
    def text_of(size: int) -> bytes:
        return b"id,era,feature_a,comment\na,1,0.5," + b"x" * (size - 9) + b"\nb,1,2,\n"

    ids, values = read(text_of(4 * 2**20))
    assert ids == ["a", "b"]
    assert list(values) == [0.5, 2]
    assert "line 2 is longer than 4.0 MiB" in read(text_of(4 * 2**20 + 1))
