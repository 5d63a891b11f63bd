"""Damaged files and what must hold when they are met."""

from pathlib import Path

from e2e.support.binary import Erawise, Result, files_below

KEPT = "an older result\n"


def spread(size: int, number: int) -> list[int]:
    """Positions over the whole of a file, its first and last bytes among them."""
    return sorted({0, 1, 5, 6, 11, 12, 13, size - 13, size - 12, size - 2, size - 1}
                  | {size * i // number for i in range(1, number)})


def predict_badly(erawise: Erawise, data: Path, model: Path, *arguments: object) -> Result:
    """Predicts over an older result, which a run that fails must leave alone."""
    output = erawise.folder / "predictions.csv"
    output.write_text(KEPT)
    result = erawise("predict", "--data", data, "--model", model, "--output", output, *arguments)
    if result.exit_code != 0:
        assert output.read_text() == KEPT
        assert files_below(erawise.folder) == {"predictions.csv"}
    return result
