"""The binary, small tournaments and models that last for the session."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.support.binary import Erawise, is_sanitized  # noqa: E402
from e2e.support.models import train  # noqa: E402
from e2e.support.packing import xz  # noqa: E402
from e2e.support.table import Table, make_table, to_csv  # noqa: E402
from e2e.support.tournament import (  # noqa: E402
    Tournament,
    live_ids,
    make_account,
    published,
)
from sandbox import Sandbox  # noqa: E402
from sandbox.account import SCOPES  # noqa: E402


@pytest.fixture(scope="session")
def binary() -> Path:
    path = Path(os.environ.get("ERAWISE_BINARY", "build/dev/src/erawise")).resolve()
    assert path.is_file(), f"{path} is missing; ERAWISE_BINARY names the binary under test"
    return path


@pytest.fixture(scope="session")
def sanitized(binary: Path) -> bool:
    return is_sanitized(binary)


@pytest.fixture
def erawise(binary: Path, tmp_path: Path) -> Erawise:
    folder = tmp_path / "out"
    folder.mkdir()
    return Erawise(binary, folder)


@pytest.fixture(scope="session")
def table() -> Table:
    """3000 rows of 30 features in 6 eras."""
    return make_table(seed=786, rows=3000, features=30, eras=6)


@pytest.fixture(scope="session")
def fixtures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fixtures")


@pytest.fixture(scope="session")
def data(table: Table, fixtures: Path) -> Path:
    path = fixtures / "live.csv"
    path.write_bytes(to_csv(table))
    return path


@pytest.fixture(scope="session")
def model(table: Table, fixtures: Path) -> Path:
    """60 trees with feature names, UBJSON."""
    path = fixtures / "example_model.ubj"
    train(table).save_model(path)
    return path


@pytest.fixture(scope="session")
def live_data(table: Table) -> bytes:
    """What the sandbox offers for download."""
    return xz(to_csv(table))


@pytest.fixture
def make_tournament(erawise: Erawise, table: Table, live_data: bytes, model: Path,
                    tmp_path: Path) -> Iterator[Callable[..., Tournament]]:
    """Starts a sandbox with an account; its model `example_model` has a file."""
    with ExitStack() as stack:

        def make(models: Sequence[str] = ("example_model",), scopes: Sequence[str] = SCOPES,
                 content: bytes = live_data) -> Tournament:
            sandbox = stack.enter_context(Sandbox(
                published(tmp_path, content), live_ids(table),
                account=make_account(models, scopes)))
            made = Tournament(erawise, sandbox, tmp_path)
            made.add_model(model)
            return made

        yield make


@pytest.fixture
def tournament(make_tournament: Callable[..., Tournament]) -> Tournament:
    return make_tournament()
