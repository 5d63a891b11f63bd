"""Models trained by the real XGBoost, and what it predicts with the files it reads back."""

from pathlib import Path

import numpy as np
import xgboost

from e2e.support.table import Table

TREES = 60


def train(table: Table, *, named: bool = True, target: np.ndarray | None = None,
          **parameters: object) -> xgboost.XGBRegressor:
    """A small model; without names it learns from an array in place of a frame."""
    settings = {"n_estimators": TREES, "max_depth": 5, "learning_rate": 0.1,
                "colsample_bytree": 0.5, "tree_method": "hist", "random_state": 7, "n_jobs": 1}
    model = xgboost.XGBRegressor(**{**settings, **parameters})
    features = table.frame if named else table.values
    return model.fit(features, table.target if target is None else target)


def train_with_early_stopping(table: Table) -> xgboost.XGBRegressor:
    """A model that keeps trees behind its best iteration."""
    noise = np.random.default_rng(3).permutation(table.target)
    model = xgboost.XGBRegressor(n_estimators=TREES, max_depth=4, learning_rate=0.5,
                                 early_stopping_rounds=10, random_state=7, n_jobs=1)
    mixed = np.where(np.arange(len(noise)) % 2, table.target, noise)
    return model.fit(table.frame, mixed, eval_set=[(table.frame, table.target)], verbose=False)


def predict(model_file: Path, table: Table, **options: object) -> np.ndarray:
    """XGBRegressor.predict with the file, as a user would type it."""
    model = xgboost.XGBRegressor(n_jobs=1)
    model.load_model(model_file)
    names = model.get_booster().feature_names
    return model.predict(table.frame[names] if names else table.values, **options)
