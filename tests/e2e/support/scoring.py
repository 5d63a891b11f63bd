"""Numerai's transforms and scores in numpy and scipy, by the formulas of numerai-tools."""

import numpy as np
from scipy.stats import norm, rankdata

Array = np.ndarray


def tie_kept_rank(values: Array) -> Array:
    return (rankdata(values) - 0.5) / len(values)


def gaussian(values: Array) -> Array:
    return norm.ppf(tie_kept_rank(values))


def variance_normalize(values: Array) -> Array:
    return values / values.std(ddof=0)


def neutralize(values: Array, features: Array, proportion: float = 1.0) -> Array:
    matrix = np.column_stack([features, np.ones(len(features))])
    coefficients = np.linalg.lstsq(matrix, values, rcond=1e-6)[0]
    return values - proportion * matrix @ coefficients


def signed_power(values: Array) -> Array:
    return np.sign(values) * np.abs(values) ** 1.5


def numerai_corr(predictions: Array, targets: Array) -> float:
    centred = targets - np.nanmean(targets)
    there = ~np.isnan(predictions) & ~np.isnan(targets)
    powers = signed_power(gaussian(predictions[there]))
    return np.corrcoef(powers, signed_power(centred[there]))[0, 1]


def correlation_contribution(predictions: Array, meta_model: Array, targets: Array) -> float:
    there = ~np.isnan(predictions) & ~np.isnan(targets) & ~np.isnan(meta_model)
    p, m, t = gaussian(predictions[there]), gaussian(meta_model[there]), targets[there]
    rest = p - m * (m @ p) / (m @ m)
    t = 4 * t if ((t >= 0) & (t <= 1)).all() else t
    return (t - t.mean()) @ rest / len(t)


def feature_neutral_corr(predictions: Array, features: Array, targets: Array) -> float:
    rest = neutralize(gaussian(predictions), features)
    return numerai_corr(variance_normalize(rest), targets)


def summary(scores: Array) -> dict[str, float]:
    sums = scores.cumsum()
    return {
        "mean": scores.mean(),
        "std": scores.std(ddof=0),
        "sharpe": scores.mean() / scores.std(ddof=0),
        "max_drawdown": (np.maximum.accumulate(sums) - sums).max(),
    }
