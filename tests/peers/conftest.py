"""The binary under test."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.support.binary import Erawise  # noqa: E402


@pytest.fixture
def erawise(tmp_path: Path) -> Erawise:
    binary = Path(os.environ.get("ERAWISE_BINARY", "build/dev/src/erawise")).resolve()
    assert binary.is_file(), f"{binary} is missing; ERAWISE_BINARY names the binary under test"
    folder = tmp_path / "out"
    folder.mkdir()
    return Erawise(binary, folder)
