"""What fastparquet writes is read as it was meant."""

from pathlib import Path

import fastparquet
import numpy as np
import pandas as pd
import pytest
import xgboost

from e2e.support.binary import Erawise

ROWS = 150_000  # more than a window has


@pytest.mark.parametrize("flags", [(), ("--memory-limit", "32MiB"), ("--threads", "1")])
def test_columns_of_categories_keep_their_own_dictionary(
    erawise: Erawise, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    """It writes indices of a whole byte for the shortest dictionary, so that they are no planes."""
    generator = np.random.default_rng(7)
    frame = pd.DataFrame({
        "feature_a": generator.integers(0, 5, ROWS).astype(np.float64),
        "feature_b": generator.integers(0, 5, ROWS) + 10.0,
    })
    target = frame["feature_a"] * 3 + frame["feature_b"] ** 2
    model = xgboost.XGBRegressor(n_estimators=5, max_depth=4, tree_method="hist", n_jobs=1)
    model.fit(frame, target)
    model.save_model(tmp_path / "model.ubj")

    data = frame.astype("category")
    data.insert(0, "id", [f"n{row:07x}" for row in range(ROWS)])
    data.insert(1, "era", np.repeat([f"{era:04}" for era in range(30)], ROWS // 30))
    fastparquet.write(tmp_path / "data.parquet", data, row_group_offsets=[0],
                      object_encoding="utf8", has_nulls=False)
    text = erawise.predict(tmp_path / "data.parquet", tmp_path / "model.ubj", *flags).decode()
    found = np.array([line.split(",")[1] for line in text.splitlines()[1:]], dtype=np.float32)
    np.testing.assert_array_equal(found, model.predict(frame))
