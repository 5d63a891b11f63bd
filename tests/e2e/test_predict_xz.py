"""predict: compressed data gives the same predictions as plain data, in every packing."""

from pathlib import Path

import pytest

from e2e.support.binary import Erawise
from e2e.support.models import predict
from e2e.support.packing import xz, xz_in_blocks, xz_in_streams
from e2e.support.table import Table, assert_same_bits


@pytest.fixture
def check(erawise: Erawise, table: Table, model: Path, tmp_path: Path):
    def run(content: bytes, name: str = "data.csv.xz") -> None:
        data = tmp_path / name
        data.write_bytes(content)
        for threads in (1, 4):
            output = erawise.predict(data, model, "--threads", threads)
            assert_same_bits(output, table, predict(model, table))

    return run


@pytest.mark.parametrize("preset", ["-0", "-6", "-9e"])
def test_presets(check, data: Path, preset: str) -> None:
    check(xz(data.read_bytes(), preset))


@pytest.mark.parametrize("integrity", ["none", "crc32", "crc64", "sha256"])
def test_integrity_checks(check, data: Path, integrity: str) -> None:
    check(xz(data.read_bytes(), "-1", f"--check={integrity}"))


@pytest.mark.parametrize("streams", [2, 7])
def test_concatenated_streams(check, data: Path, streams: int) -> None:
    check(xz_in_streams(data.read_bytes(), streams))


def test_padding_between_and_behind_streams(check, data: Path) -> None:
    text = data.read_bytes()
    check(xz(text[:10_000]) + bytes(8) + xz(text[10_000:]) + bytes(4))


@pytest.mark.parametrize("block_bytes", [5_000, 100_000])
def test_several_blocks(check, data: Path, block_bytes: int) -> None:
    content = data.read_bytes()
    assert len(content) > 3 * block_bytes
    check(xz_in_blocks(content, block_bytes))


def test_the_content_tells_the_format_and_not_the_name(check, data: Path) -> None:
    check(xz(data.read_bytes()), "data.csv")
    check(data.read_bytes(), "plain.csv.xz")
