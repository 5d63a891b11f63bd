"""Text and compressed files of other people's programs: read, or named as what they are."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from e2e.support.binary import EXIT_DATA, EXIT_DONE, EXIT_MEMORY, Erawise, read_report
from e2e.support.models import predict
from e2e.support.packing import xz
from e2e.support.table import Table, assert_same_bits, to_csv

FAULTS = Path(__file__).resolve().parents[1] / "fixtures" / "faults"
MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize("name", ["padded_numbers.csv", "unnamed_index.csv"])
def test_fixtures_give_the_predictions_of_xgboost(erawise: Erawise, name: str) -> None:
    output = erawise.predict(FAULTS / name, FAULTS / "small.ubj")
    found = pd.read_csv(io.BytesIO(output))["prediction"].to_numpy(dtype=np.float32)
    expected = np.loadtxt(FAULTS / "small.predictions.txt", dtype=np.float32)
    np.testing.assert_array_equal(found, expected)


def test_a_mark_before_a_quoted_header_changes_nothing(erawise: Erawise, tmp_path: Path) -> None:
    content = (FAULTS / "bom_quoted.csv").read_bytes()
    assert content.startswith(MARK + b'"')
    data = tmp_path / "data.csv"
    told = []
    for text in (content, content.removeprefix(MARK)):
        data.write_bytes(text)
        told.append(erawise("inspect", "--data", data).expect(EXIT_DONE).stdout)
    assert told[0] == told[1]


@pytest.mark.parametrize("name", ["", "index", "Unnamed: 0"])
def test_an_index_has_the_ids(erawise: Erawise, table: Table, model: Path, tmp_path: Path,
                              name: str) -> None:
    data = tmp_path / "data.csv"
    data.write_bytes(to_csv(table).replace(b"id,", f"{name},".encode(), 1))
    assert_same_bits(erawise.predict(data, model), table, predict(model, table))


def test_an_index_of_fastparquet_has_the_ids(erawise: Erawise, table: Table, model: Path,
                                             tmp_path: Path) -> None:
    data = tmp_path / "data.parquet"
    columns = {"era": table.eras, **table.frame.to_dict("list"), "index": table.ids}
    pq.write_table(pa.table(columns).cast(pa.schema(
        [(name, pa.string() if name in ("era", "index") else pa.float32()) for name in columns])),
        data)
    assert_same_bits(erawise.predict(data, model), table, predict(model, table))
    erawise("predict", "--data", data, "--model", model, "--output", "-").expect(
        EXIT_DONE, "no column 'id'; the ids are taken from the column 'index'")


def in_tar(content: bytes, kind: int) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=kind) as archive:
        member = tarfile.TarInfo("live.csv")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return file.getvalue()


def in_zip(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("live.csv", content)
    return file.getvalue()


FOREIGN = {
    "bz2": (bz2.compress, "is a bzip2 file: recompress it with xz"),
    "gz": (gzip.compress, "is a gzip file"),
    "lzma": (lambda text: lzma.compress(text, lzma.FORMAT_ALONE), "is a file of the old LZMA"),
    "zip": (in_zip, "is a zip archive"),
    "tar": (lambda text: in_tar(text, tarfile.PAX_FORMAT), "is a tar archive: unpack it"),
    "tar-gnu": (lambda text: in_tar(text, tarfile.GNU_FORMAT), "is a tar archive"),
    "tar.xz": (lambda text: xz(in_tar(text, tarfile.USTAR_FORMAT)), "in it is a tar archive"),
    "bz2.xz": (lambda text: xz(bz2.compress(text)), "in it is a bzip2 file"),
    "xz.xz": (lambda text: xz(xz(text)), "in it is an xz file"),
    "utf-16": (lambda text: text.decode().encode("utf-16"), "text in UTF-16: save it as UTF-8"),
    "cr": (lambda text: text.replace(b"\n", b"\r"), "carriage returns (CR) alone"),
    "semicolons": (lambda text: text.replace(b",", b";"), "separated by ;"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_other_formats_are_named(erawise: Erawise, table: Table, model: Path, tmp_path: Path,
                                 kind: str) -> None:
    pack, words = FOREIGN[kind]
    data = tmp_path / "data.csv"
    data.write_bytes(pack(to_csv(table.rows(0, 200))))
    erawise("predict", "--data", data, "--model", model).expect(EXIT_DATA, str(data), words)
    own = tmp_path / "own.csv"
    own.write_bytes(pack(b"id,prediction\n" + b"n1,0.5\n" * 100))
    good = tmp_path / "good.csv"
    good.write_bytes(to_csv(table.rows(0, 200)))
    erawise("score", "--predictions", own, "--data", good).expect(EXIT_DATA, str(own), words)


@pytest.mark.parametrize("value", ["inf", "-Infinity", "1e999"])
def test_an_infinite_value_is_no_fault_of_the_download(erawise: Erawise, table: Table, model: Path,
                                                       tmp_path: Path, value: str) -> None:
    data = tmp_path / "data.csv"
    data.write_bytes(to_csv(table, cells=lambda cell: value if cell == 0.75 else str(cell)))
    result = erawise("predict", "--data", data, "--model", model)
    result.expect(EXIT_DATA, "line 2 ", f"holds '{value}', which is infinite", "leave the field")
    assert "ownload" not in result.errors


def test_an_infinite_value_of_parquet_is_no_fault_of_the_download(
        erawise: Erawise, table: Table, model: Path, tmp_path: Path) -> None:
    data = tmp_path / "data.parquet"
    frame = table.frame.assign(feature_003=np.float32(-np.inf), id=table.ids, era=table.eras)
    frame.to_parquet(data)
    result = erawise("predict", "--data", data, "--model", model)
    result.expect(EXIT_DATA, "'feature_003'", "a value is infinite (-inf)", "write a number")
    assert "ownload" not in result.errors


LARGE = "--lzma2=preset=0,dict=64MiB"


@pytest.fixture
def later_dictionary(table: Table, tmp_path: Path) -> Path:
    """A second stream that takes more memory than the first."""
    content = to_csv(table)
    path = tmp_path / "data.csv.xz"
    path.write_bytes(xz(content[:100_000], "-0") + xz(content[100_000:], LARGE))
    return path


def test_a_later_stream_with_a_larger_dictionary_is_planned(
        erawise: Erawise, table: Table, model: Path, later_dictionary: Path, sanitized: bool,
        tmp_path: Path) -> None:
    arguments = ("predict", "--data", later_dictionary, "--model", model, "--memory-limit")
    limit = erawise(*arguments, "48MiB").expect(EXIT_MEMORY).named_limit
    report = tmp_path / "report.json"
    erawise(*arguments, limit, "--report", report).expect(EXIT_DONE)
    told = read_report(report)
    assert told["memory_plan"]["decompression"] > 64 * 2**20
    if not sanitized:
        assert told["peak_rss_bytes"] <= told["memory_limit_bytes"]
    assert_same_bits(erawise.predict(later_dictionary, model, "--memory-limit", limit), table,
                     predict(model, table))


def crc32(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(4, "little")


def with_unknown_check(stream: bytes) -> bytes:
    """The same with a check of type 2, which is reserved, in its header and its footer."""
    header, footer = bytearray(stream[:12]), bytearray(stream[-12:])
    header[7] = footer[9] = 2
    header[8:12] = crc32(bytes(header[6:8]))
    footer[0:4] = crc32(bytes(footer[4:10]))
    return bytes(header) + stream[12:-12] + bytes(footer)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_check_that_is_not_known_is_a_warning(erawise: Erawise, table: Table, model: Path,
                                                tmp_path: Path, threads: int) -> None:
    data = tmp_path / "data.csv.xz"
    data.write_bytes(with_unknown_check(xz(to_csv(table), "-1", "--check=crc32")))
    output = erawise.predict(data, model, "--threads", threads)
    assert_same_bits(output, table, predict(model, table))
    log = erawise("predict", "--data", data, "--model", model).expect(EXIT_DONE).log
    assert " WARN " in log and "what is read is not verified" in log


def test_long_ids_in_a_small_file_do_not_fill_the_memory(
        erawise: Erawise, table: Table, model: Path, tmp_path: Path, sanitized: bool) -> None:
    data, report = tmp_path / "data.csv.xz", tmp_path / "report.json"
    table = replace(table, ids=["x" * 60_000 + name for name in table.ids])
    data.write_bytes(xz(to_csv(table)))
    assert data.stat().st_size < 1_000_000  # and 180 MB of ids
    limit = () if sanitized else ("--memory-limit", "64MiB")
    assert_same_bits(erawise.predict(data, model, "--report", report, *limit), table,
                     predict(model, table))
    assert sanitized or read_report(report)["peak_rss_bytes"] <= 64 * 2**20


@pytest.mark.parametrize("column, size", [("id", 70_000), ("era", 300)])
def test_what_is_too_long_for_an_id_or_era_is_told(
        erawise: Erawise, table: Table, model: Path, tmp_path: Path, column: str,
        size: int) -> None:
    data = tmp_path / "data.csv"
    lines = to_csv(table).splitlines(keepends=True)
    fields = lines[2].split(b",")
    place = lines[0].split(b",").index(column.encode())
    fields[place] = b"x" * size
    data.write_bytes(b"".join([*lines[:2], b",".join(fields), *lines[3:]]))
    erawise("predict", "--data", data, "--model", model).expect(
        EXIT_DATA, "line 3", f"the {column} has {size} bytes")
