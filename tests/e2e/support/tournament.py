"""An account's whole world in a folder: sandbox, data set, models, and runs against them."""

import hashlib
import io
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from e2e.support.binary import Erawise, Result, Running, files_below, read_report
from e2e.support.table import Table
from sandbox import Sandbox
from sandbox.account import SCOPES, Account, Model

DATASET = "v1/live.csv.xz"
SECRET = "SECRETKEYOFTHEUSER"
PUBLIC = "PUBLICIDOFTHEUSER"


def make_account(models: Sequence[str] = ("example_model",),
                 scopes: Sequence[str] = SCOPES) -> Account:
    return Account(PUBLIC, SECRET, tuple(scopes), tuple(Model.parse(name) for name in models))


class Tournament:
    """Runs the binary against a sandbox; retries are quick, and rounds are not waited for."""

    def __init__(self, erawise: Erawise, sandbox: Sandbox, folder: Path) -> None:
        self.erawise = erawise
        self.sandbox = sandbox
        self.models = folder / "models"
        self.data = folder / "data"
        self.output = self.data / "output"
        self.report_file = folder / "report.json"
        self.models.mkdir()

    def add_model(self, file: Path, name: str = "example_model.ubj") -> None:
        shutil.copyfile(file, self.models / name)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **self.sandbox.environment,
            "ERAWISE_DATA_VERSION": DATASET.split("/")[0],
            "ERAWISE_DATA_FILE": DATASET.split("/")[1],
            "ERAWISE_DATA_DIRECTORY": str(self.data),
            "ERAWISE_MODELS_DIRECTORY": str(self.models),
            "ERAWISE_REPORT": str(self.report_file),
            "ERAWISE_RETRY_INITIAL_SECONDS": "0.1",
            "ERAWISE_RETRY_MAXIMUM_SECONDS": "0.1",
            "ERAWISE_RETRY_BUDGET_SECONDS": "60",
            "ERAWISE_SCHEDULE_WAIT": "0s",
        }

    def run(self, *arguments: object, env: Mapping[str, str | None] | None = None) -> Result:
        """`erawise run`; a variable that is None is left out."""
        return self.call("run", *arguments, env=env)

    def call(self, *arguments: object, env: Mapping[str, str | None] | None = None) -> Result:
        self.report_file.unlink(missing_ok=True)
        result = self.erawise(*arguments, env=self._environment_with(env))
        self._check_secrecy(result)
        return result

    def start(self, *arguments: object, env: Mapping[str, str | None] | None = None) -> Running:
        return self.erawise.start(*arguments, env=self._environment_with(env))

    def fault(self, action: str, **keys: object) -> None:
        """Scripts a fault of the sandbox, see tests/sandbox/README.md."""
        self.sandbox.add_fault(action, **keys)

    @property
    def report(self) -> dict:
        return read_report(self.report_file)

    @property
    def submissions(self) -> list[dict]:
        return self.sandbox.state()["submissions"]

    @property
    def uploads(self) -> list[dict]:
        return self.sandbox.state()["uploads"]

    def requests(self, *, field: str | None = None, method: str | None = None) -> list[dict]:
        """What crossed the wire, in its order: all requests, or those of a GraphQL field."""
        return [r for r in self.sandbox.state()["requests"]
                if (field is None or field in r["fields"])
                and (method is None or r["method"] == method)]

    def _environment_with(self, given: Mapping[str, str | None] | None) -> dict[str, str]:
        merged = {**self.environment, **(given or {})}
        return {name: value for name, value in merged.items() if value is not None}

    def _check_secrecy(self, result: Result) -> None:
        """Neither key nor signatures are shown or kept, whatever happens."""
        kept = [path.read_bytes() for path in self.data.rglob("*.json")]
        if self.report_file.exists():
            kept.append(self.report_file.read_bytes())
        shown = b"\n".join([result.stdout, result.log.encode(), *kept])
        for secret in (SECRET, PUBLIC, "X-Amz-Signature", "X-Amz-Credential"):
            assert secret.encode() not in shown, f"'{secret}' in {shown.decode()}"


def published(folder: Path, content: bytes) -> Path:
    """A folder of data sets with the live data."""
    file = folder / "datasets" / DATASET
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    return folder / "datasets"


def live_ids(table: Table) -> list[str]:
    return [i for i, era in zip(table.ids, table.eras, strict=True) if era == "eraX"]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def assert_ranks(content: bytes, table: Table, ranks: pd.Series) -> None:
    """A submission with all rows of the table, in its order, and these values."""
    frame = pd.read_csv(io.BytesIO(content), dtype={"id": str}, float_precision="round_trip")
    assert list(frame["id"]) == table.ids
    np.testing.assert_allclose(frame["prediction"], ranks, rtol=1e-15, atol=0)


def assert_no_part_files(folder: Path) -> None:
    left = {name for name in files_below(folder) if ".part" in name or ".tmp" in name}
    assert left == set()
