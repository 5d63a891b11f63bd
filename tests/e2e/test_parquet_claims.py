"""What a Parquet file says of itself is no reason to set memory aside: counts, lengths and widths are
bounded by what its bytes can hold. Each of these files has a few kilobytes and claims gigabytes."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from e2e.support import parquet_file as layout
from e2e.support.binary import EXIT_DATA, EXIT_DONE, EXIT_MEMORY, Erawise
from e2e.support.models import predict, train
from e2e.support.parquet_file import ParquetFile
from e2e.support.table import Table, assert_same_bits
from e2e.support.thrift import INT32, INT64

FAULTS = Path(__file__).parents[1] / "fixtures" / "faults"
MOST_MIB = 48
"""Of a run in a container of 64 MiB, which has some for the kernel."""

MANY, MOST = 150_000_000, 2**31 - 1
ROWS = 5000
PEAK = re.compile(r"peak RSS ([\d.]+) MiB")

Change = Callable[[ParquetFile], None]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "model.ubj"
    draw = np.random.default_rng(1).random((200, 2), np.float32)
    train(Table([str(row) for row in range(200)], ["1"] * 200, ["feature_a", "feature_b"], draw),
          n_estimators=3).save_model(path)
    return path


@pytest.fixture
def refuse(erawise: Erawise, model: Path, tmp_path: Path, sanitized: bool):
    """The file is refused for what it is, and never took more memory than it is worth."""

    def run(content: bytes) -> None:
        data = tmp_path / "data.parquet"
        data.write_bytes(content)
        for arguments in ((), ("--memory-limit", "64MiB")):
            result = erawise("predict", "--data", data, "--model", model, "--output",
                             tmp_path / "predictions.csv", *arguments)
            assert result.exit_code in (EXIT_DATA, EXIT_MEMORY), result.log
            assert "data.parquet" in result.errors or "a limit of" in result.errors, result.log
            assert sanitized or float(PEAK.search(result.last_line)[1]) < MOST_MIB, result.log

    return run


def file(**options: object) -> ParquetFile:
    buffer = io.BytesIO()
    table = pa.table({
        "id": pa.array([f"n{row % 7:04}" for row in range(ROWS)]),
        "era": pa.array(["0001"] * ROWS),
        "feature_a": pa.array([row % 5 for row in range(ROWS)], pa.int8()),
        "feature_b": pa.array([row % 999 / 8 for row in range(ROWS)]),
    })
    pq.write_table(table, buffer, **options)
    return ParquetFile(buffer.getvalue())


def dictionary(column: str) -> Change:
    def change(content: ParquetFile) -> None:
        page = next(content.pages(column))
        page.header[layout.PAGE_DICTIONARY][1][layout.COUNT] = (INT32, MANY)

    change.__name__ = f"entries-of-a-dictionary-{column}"
    return change


def page_field(column: str, kind: int, number: int, value: int = MOST) -> Change:
    def change(content: ParquetFile) -> None:
        for page in content.pages(column):
            if kind in page.header:
                page.header[kind][1][number] = (INT32, value)

    change.__name__ = f"page-{kind}-{number}-{column}"
    return change


def unpacked(column: str) -> Change:
    def change(content: ParquetFile) -> None:
        for page in content.pages(column):
            page.header[layout.PAGE_UNPACKED] = (INT32, MOST)

    change.__name__ = f"unpacked-{column}"
    return change


def rows_of_everything(rows: int) -> Change:
    """The group, the file, and every chunk agree on them; pages are what they were."""
    def change(content: ParquetFile) -> None:
        content.metadata[layout.ROWS] = (INT64, rows)
        content.metadata[layout.GROUPS][1][1][0][layout.GROUP_ROWS] = (INT64, rows)
        for chunk in content.groups[0]:
            chunk.force(layout.CHUNK_VALUES, rows)

    change.__name__ = f"rows-{rows}"
    return change


def width_of_fixed_bytes(width: int) -> Change:
    def change(content: ParquetFile) -> None:
        element = content.element("id")
        element[layout.TYPE] = (INT32, 7)
        element[layout.WIDTH] = (INT32, width)
        element.pop(layout.CONVERTED, None)
        element.pop(layout.LOGICAL, None)
        for chunk in content.chunks("id"):
            chunk.force(1, 7, INT32)

    change.__name__ = f"width-{width}"
    return change


def length_of_a_text(content: ParquetFile) -> None:
    page = next(content.pages("id"))
    page.body = MOST.to_bytes(4, "little") + page.body[4:]


CODECS = ("none", "snappy", "zstd")
V1, V2 = "1.0", "2.0"


def claims() -> list:
    """Changes, the version of pages that has the field, and the codec."""
    anywhere = [dictionary("id"), dictionary("feature_a"), dictionary("feature_b"),
                rows_of_everything(2**31 - 1), rows_of_everything(2**39),
                width_of_fixed_bytes(0), width_of_fixed_bytes(MOST)]
    first = [page_field(column, layout.PAGE_V1, layout.COUNT) for column in ("id", "feature_a")]
    second = [page_field(column, layout.PAGE_V2, number) for column in ("id", "feature_a")
              for number in (layout.COUNT, layout.V2_LEVELS, layout.V2_REPETITION)]
    packed = [unpacked("id"), unpacked("feature_a"), unpacked("feature_b")]
    cases = [(change, version, codec) for codec in CODECS for changes, versions in
             ((anywhere, (V1, V2)), (first, (V1,)), (second, (V2,)),
              (packed if codec != "none" else [], (V1, V2)))
             for change in changes for version in versions]
    return [pytest.param(*case, id=f"{case[0].__name__}-v{case[1][0]}-{case[2]}") for case in cases]


@pytest.mark.parametrize(("change", "version", "codec"), claims())
def test_a_claim_sets_nothing_aside(refuse, change: Change, version: str, codec: str) -> None:
    content = file(compression=codec, data_page_version=version)
    before = content.write()
    change(content)
    assert content.write() != before, "there is no such field"
    refuse(content.write())


def test_the_length_of_a_text(refuse) -> None:
    content = file(compression="none")
    length_of_a_text(content)
    refuse(content.write())


def test_ids_of_no_width_and_a_dictionary_of_millions(erawise: Erawise, sanitized: bool) -> None:
    for arguments in ((), ("--memory-limit", "64MiB")):
        result = erawise("inspect", "--data", FAULTS / "zero_width_ids.parquet", *arguments)
        result.expect(EXIT_DATA)
        assert sanitized or float(PEAK.search(result.last_line)[1]) < MOST_MIB


@pytest.mark.parametrize("column", ["id", "era"])
@pytest.mark.parametrize("options", [
    {}, {"use_dictionary": False, "column_encoding": "DELTA_BYTE_ARRAY"}], ids=["dictionary", "prefixes"])
def test_one_long_text_in_many_rows(refuse, column: str, options: dict) -> None:
    """A dictionary, or prefixes, have it once."""
    buffer = io.BytesIO()
    text = "x" * 500_000
    texts = {name: pa.array([text] * ROWS) if name == column else pa.array(["1"] * ROWS)
             for name in ("id", "era")}
    if "column_encoding" in options:
        options = {**options, "column_encoding": dict.fromkeys(texts, "DELTA_BYTE_ARRAY")}
    pq.write_table(pa.table({**texts, "feature_a": pa.array([1.0] * ROWS),
                             "feature_b": pa.array([1.0] * ROWS)}), buffer, **options)
    assert len(buffer.getvalue()) < 2_000_000
    refuse(buffer.getvalue())


@pytest.mark.parametrize("encoding", ["DICTIONARY", "DELTA_BYTE_ARRAY"])
@pytest.mark.parametrize("threads", [1, 2])
def test_ids_that_are_long_are_read_a_few_at_a_time(
    erawise: Erawise, model: Path, tmp_path: Path, sanitized: bool, encoding: str, threads: int
) -> None:
    """In one row group and in several, with eras that end within them."""
    rows = 3000
    ids = [f"{'x' * 20_000}{row % 3}" for row in range(rows)]
    table = pa.table({"id": ids, "era": [f"{row // 700}" for row in range(rows)],
                      "feature_a": pa.array([row % 5 / 4 for row in range(rows)], pa.float32()),
                      "feature_b": pa.array([row % 7 / 4 for row in range(rows)], pa.float32())})
    options = {} if encoding == "DICTIONARY" else {
        "use_dictionary": ["feature_a"], "column_encoding": {"id": encoding}}
    data, output = tmp_path / "data.parquet", tmp_path / "predictions.csv"
    pq.write_table(table, data, row_group_size=1700, **options)
    limit = 64 + (1024 if sanitized else 0)  # shadow memory
    result = erawise("predict", "--data", data, "--model", model, "--output", output,
                     "--threads", threads, "--memory-limit", f"{limit}MiB")
    result.expect(EXIT_DONE, "3000 rows in 5 eras")
    assert sanitized or float(PEAK.search(result.last_line)[1]) < MOST_MIB, result.log
    values = np.column_stack([table["feature_a"], table["feature_b"]])
    expected = Table(ids, ["1"] * rows, ["feature_a", "feature_b"], values)
    assert_same_bits(output.read_bytes(), expected, predict(model, expected))


def test_a_footer_of_long_names_and_deep_groups(erawise: Erawise, tmp_path: Path,
                                                sanitized: bool) -> None:
    """Names of nested columns are not kept with those of all their parents."""
    kind: pa.DataType = pa.struct([(f"leaf{i}", pa.int32()) for i in range(300)])
    for level in range(300):
        kind = pa.struct([(f"level{level}" * 60, kind)])
    buffer = io.BytesIO()
    pq.write_table(pa.table({"id": ["a"], "era": ["1"], "feature_a": [1.0],
                             "deep": pa.nulls(1, kind)}), buffer, store_schema=False)
    data = tmp_path / "data.parquet"
    data.write_bytes(buffer.getvalue())
    result = erawise("inspect", "--data", data).expect(EXIT_DONE)
    assert sanitized or float(PEAK.search(result.last_line)[1]) < MOST_MIB
