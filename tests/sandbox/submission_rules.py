"""Numerai's validation of a submission: headers, then ids, then values.

Order and wording are those of the official package `numerai-tools` (`submissions.py`); only
the messages about unreadable files are the sandbox's own. The file is streamed: memory holds
the live rows, however many other rows there are.
"""

import csv
import math
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.refusal import Refusal

HEADERS = (
    "invalid_submission_headers: headers must be one of ['id']"
    " and one of ['prediction', 'probability']"
)
NAN_IDS = "invalid_submission_ids: Submission must not contain NaNs in the id column."
DUPLICATES = "invalid_submission_ids: Duplicates detected in id for live period."
NOT_ENOUGH = (
    "invalid_submission_ids: Not enough stocks submitted."
    " Are you using the latest live ids or live universe?"
)
NAN_VALUES = "invalid_submission_values: submission must not contain NaNs"
RANGE = "invalid_submission_values: values must be between 0 and 1 exclusive"
DEVIATION = "invalid_submission_values: submission must have non-zero standard deviation"

# Cells that the official reader, pandas, takes for a missing value.
MISSING = frozenset(
    "|#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None"
    "|n/a|nan|null".split("|")
)
ABSOLUTE_TOLERANCE = 1e-8
RELATIVE_TOLERANCE = 1e-5
LISTED_INVALID_IDS = 100


@dataclass
class Accepted:
    """What is reported about a valid file; the list of dropped ids is cut off."""

    submitted_count: int = 0
    filtered_count: int = 0
    invalid_ids: list[str] = field(default_factory=list)


def _number(cell: str) -> float | None:
    """The value of a cell, NaN where it is missing, None where it is no number."""
    if cell.strip() in MISSING:
        return math.nan
    try:
        return float(cell)
    except ValueError:
        return None


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[str, str]]:
    for row in reader:
        if len(row) > 2:
            raise Refusal(f"Submission is not readable as CSV: {len(row)} fields in a row")
        if row:
            yield row[0], row[1] if len(row) == 2 else ""


def _check_values(values: list[float]) -> None:
    """Checks the values of the live rows."""
    if any(map(math.isnan, values)):
        raise Refusal(NAN_VALUES)
    low, high = min(values), max(values)
    above = low >= 0 or abs(low) <= ABSOLUTE_TOLERANCE
    below = high <= 1 or abs(high - 1) <= ABSOLUTE_TOLERANCE + RELATIVE_TOLERANCE
    if not (above and below):
        raise Refusal(RANGE)
    if len(values) > 1:
        mean = math.fsum(values) / len(values)
        variance = math.fsum((v - mean) ** 2 for v in values) / (len(values) - 1)
        deviation = math.sqrt(variance)
        if deviation <= ABSOLUTE_TOLERANCE + RELATIVE_TOLERANCE * deviation:
            raise Refusal(DEVIATION)


def _check_rows(reader: Iterator[list[str]], live_ids: Set[str]) -> Accepted:
    """Checks everything behind the header; a later rule waits until the earlier ones are met."""
    accepted = Accepted()
    values: dict[str, float] = {}
    duplicated = False
    no_number: str | None = None
    for identifier, cell in _rows(reader):
        if identifier in MISSING:
            raise Refusal(NAN_IDS)
        accepted.submitted_count += 1
        value = _number(cell)
        if value is None:
            no_number = no_number or cell
        if identifier in live_ids:
            duplicated = duplicated or identifier in values
            values[identifier] = math.nan if value is None else value
            continue
        accepted.filtered_count += 1
        if len(accepted.invalid_ids) < LISTED_INVALID_IDS:
            accepted.invalid_ids.append(identifier)
    if duplicated:
        raise Refusal(DUPLICATES)
    if len(values) < len(live_ids):
        raise Refusal(NOT_ENOUGH)
    if no_number is not None:
        raise Refusal(f"invalid_submission_values: '{no_number[:40]}' is not a number")
    _check_values(list(values.values()))
    return accepted


def _check_prediction_rows(reader: Iterator[list[str]]) -> dict[str, float]:
    """Checks everything behind the header of a file for the diagnostics; values by id."""
    values: dict[str, float] = {}
    duplicated = False
    for identifier, cell in _rows(reader):
        if identifier in MISSING:
            raise Refusal(NAN_IDS)
        value = _number(cell)
        if value is None:
            raise Refusal(f"invalid_submission_values: '{cell[:40]}' is not a number")
        duplicated = duplicated or identifier in values
        values[identifier] = value
    if duplicated:
        raise Refusal(DUPLICATES)
    if not values:
        raise Refusal(NOT_ENOUGH)
    _check_values(list(values.values()))
    return values


def _check_file[Result](path: Path, check_rows: Callable[[Iterator[list[str]]], Result]) -> Result:
    with open(path, encoding="utf-8-sig", newline="") as file:
        try:
            reader = csv.reader(file)
            if next(reader, []) not in (["id", "prediction"], ["id", "probability"]):
                raise Refusal(HEADERS)
            return check_rows(reader)
        except (UnicodeDecodeError, csv.Error) as error:
            raise Refusal(f"Submission is not readable as CSV: {error}") from None


def read_predictions(path: Path) -> list[tuple[str, float]]:
    """Ids and values of a file for the diagnostics, whatever its ids are; the same rules."""
    return list(_check_file(path, _check_prediction_rows).items())


def validate(path: Path, live_ids: Set[str]) -> Accepted:
    """Checks a file against the ids of the round; refuses with the first rule that it breaks."""
    return _check_file(path, lambda reader: _check_rows(reader, live_ids))
