"""Inputs on which an earlier version was wrong, and what libxgboost predicts for them."""

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "faults"


def fault(name: str) -> Path:
    return FOLDER / name


def predictions_of(name: str) -> np.ndarray:
    """One value per row, in the order of the data."""
    lines = (FOLDER / f"{name}.predictions.txt").read_text().split()
    return np.array([float(line) for line in lines], dtype=np.float32)
