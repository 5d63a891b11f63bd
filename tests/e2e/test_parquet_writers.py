"""What pyarrow reads is read, whoever wrote it and whatever lies beside the columns in use; what is
not read is named as what it is, and nobody is sent to download a file that is as it should be."""

import datetime
import decimal
import io
import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from e2e.support import parquet_file as layout
from e2e.support.binary import EXIT_DATA, EXIT_DONE, Erawise, Result
from e2e.support.models import predict, train
from e2e.support.parquet import arrow_table
from e2e.support.parquet_file import Page, ParquetFile
from e2e.support.table import Table, assert_same_bits, make_table, rows_of
from e2e.support.thrift import BINARY, FALSE, INT32, INT64, LIST, STRUCT, TRUE

FAULTS = Path(__file__).parents[1] / "fixtures" / "faults"


@pytest.fixture(scope="module")
def table() -> Table:
    plain = make_table(21, rows=900, features=6, eras=3)
    values = plain.values.copy()
    values[:, 1] = np.random.default_rng(3).random(900)  # no codes
    values[::7, 2] = np.nan
    return plain.with_values(values)


@pytest.fixture(scope="module")
def model(table: Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("model") / "model.ubj"
    train(table).save_model(file)
    return file


@pytest.fixture
def run(erawise: Erawise, model: Path, tmp_path: Path) -> Callable[..., Result]:
    def run(content: bytes, *arguments: object) -> Result:
        data = tmp_path / "data.parquet"
        data.write_bytes(content)
        return erawise("predict", "--data", data, "--model", model, "--output",
                       tmp_path / "predictions.csv", *arguments)

    return run


@pytest.fixture
def assert_right(run, table: Table, model: Path, tmp_path: Path) -> Callable[[bytes], Result]:
    """Also with as little memory as will do, where pages are read in slices."""

    def check(content: bytes) -> Result:
        expected = predict(model, table)
        least = run(content, "--memory-limit", "2MiB").named_limit
        for limit in (least, "1GiB"):
            result = run(content, "--memory-limit", limit).expect(EXIT_DONE)
            assert_same_bits((tmp_path / "predictions.csv").read_bytes(), table, expected)
        return result

    return check


def pack(table: pa.Table, **options: object) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **{"row_group_size": 500, **options})
    return buffer.getvalue()


class TestFilesThatWereRefused:
    @pytest.mark.parametrize("name", ["int_id_byte_stream_split", "fastparquet_has_nulls_infer"])
    def test_predict_what_xgboost_does(self, erawise: Erawise, name: str) -> None:
        output = erawise.predict(FAULTS / f"{name}.parquet", FAULTS / "small.ubj")
        ids, predictions = rows_of(output)
        assert list(predictions) == [np.float32(line) for line in
                                     (FAULTS / "small.predictions.txt").read_text().split()]
        assert len(set(ids)) == 40

    def test_a_boolean_for_a_repetition_means_that_there_may_be_nulls(
        self, erawise: Erawise
    ) -> None:
        """pyarrow 26 takes the levels in front of such texts for the first of them."""
        output = erawise.predict(FAULTS / "fastparquet_has_nulls_infer.parquet",
                                 FAULTS / "small.ubj")
        assert rows_of(output)[0] == [f"n{row:04}" for row in range(40)]

    def test_a_row_group_without_rows(self, erawise: Erawise) -> None:
        told = erawise("inspect", "--data", FAULTS / "empty_row_group.parquet").expect(EXIT_DONE)
        assert b"groups    3 of 0 to 20 rows" in told.stdout
        erawise.predict(FAULTS / "empty_row_group.parquet", FAULTS / "small.ubj")

    @pytest.mark.parametrize(("name", "text"), [
        ("encrypted_columns", "column 'feature_word0_x_y' is encrypted"),
        ("decimal", "column 'feature_word0_x_y' (number 3) is of type INT32 (DECIMAL)"),
        ("zero_width_ids", "FIXED_LEN_BYTE_ARRAY of 0 bytes"),
    ])
    def test_what_is_not_read_is_named(self, erawise: Erawise, name: str, text: str) -> None:
        result = erawise("inspect", "--data", FAULTS / f"{name}.parquet").expect(EXIT_DATA, text)
        assert "download" not in result.log


FLAT = ("id", "era", "data_type", "feature_000", "feature_001", "feature_002", "feature_003",
        "feature_004", "feature_005")


def data_pages(file: ParquetFile):
    for name in FLAT:
        yield from (page for page in file.pages(name) if layout.PAGE_DICTIONARY not in page.header)


def repetition_levels(file: ParquetFile) -> None:
    """Two bytes of them, all zero, in columns that repeat nothing."""
    for page in data_pages(file):
        page.header[layout.PAGE_V2][1][layout.V2_REPETITION] = (INT32, 2)
        page.header[layout.PAGE_UNPACKED] = (INT32, page.header[layout.PAGE_UNPACKED][1] + 2)
        page.body = b"\0\0" + page.body


def levels_of_required_columns(file: ParquetFile) -> None:
    for page in data_pages(file):
        page.header[layout.PAGE_V2][1][layout.V2_LEVELS] = (INT32, 3)
        page.header[layout.PAGE_UNPACKED] = (INT32, page.header[layout.PAGE_UNPACKED][1] + 3)
        page.body = b"\x80\x10\x01" + page.body


def no_rows_in_page_headers(file: ParquetFile) -> None:
    for page in data_pages(file):
        page.header[layout.PAGE_V2][1][layout.V2_ROWS] = (INT32, 0)


def no_unpacked_size(file: ParquetFile) -> None:
    for name in FLAT:
        for chunk in file.chunks(name):
            chunk.force(layout.CHUNK_UNPACKED, 0)


def pages_of_a_kind_to_come(file: ParquetFile) -> None:
    for name in FLAT:
        for chunk in file.chunks(name):
            page = Page({layout.PAGE_KIND: (INT32, 9), layout.PAGE_UNPACKED: (INT32, 5)}, b"later")
            chunk.pages = [page] + [part for own in chunk.pages for part in (own, page)]


def dictionaries_where_data_should_begin(file: ParquetFile) -> None:
    """As writers did that knew no offset of dictionaries."""
    file.write()
    for name in FLAT:
        for chunk in file.chunks(name):
            if layout.DICTIONARY_OFFSET in chunk.metadata:
                chunk.force(layout.DATA_OFFSET, chunk.metadata[layout.DICTIONARY_OFFSET][1])
                chunk.force(layout.DICTIONARY_OFFSET, 0)


def uncounted_dictionary_headers(file: ParquetFile) -> None:
    """parquet-mr, before it knew better: the chunk ends some bytes too early."""
    file.metadata[6] = (BINARY, b"parquet-mr version 1.2.8 (build 1)")
    file.write()
    for name in FLAT:
        for chunk in file.chunks(name):
            chunk.force(layout.CHUNK_PACKED, chunk.metadata[layout.CHUNK_PACKED][1] - 15)


def deprecated_levels_where_there_are_none(file: ParquetFile) -> None:
    for page in data_pages(file):
        page.header[layout.PAGE_V1][1][layout.V1_LEVEL_ENCODING] = (INT32, 4)  # BIT_PACKED


def empty_file_names(file: ParquetFile) -> None:
    for group in file.groups:
        for chunk in group:
            chunk.fields[layout.PATH] = (BINARY, b"")


def annotations_to_come(file: ParquetFile) -> None:
    for element in file.elements[1:]:
        element.pop(layout.CONVERTED, None)
        element[layout.LOGICAL] = (STRUCT, {99: (STRUCT, {})})


def children_of_leaves(file: ParquetFile) -> None:
    for element in file.elements[1:]:
        element[layout.CHILDREN] = (INT32, 0)


def booleans_for_repetitions(file: ParquetFile) -> None:
    for element in file.elements[1:]:
        optional = element[layout.REPETITION][1] == 1
        element[layout.REPETITION] = (TRUE if optional else FALSE, optional)


def groups_without_columns(file: ParquetFile) -> None:
    file.metadata[layout.GROUPS][1][1].insert(
        0, {layout.CHUNKS: (LIST, (STRUCT, [])), layout.GROUP_BYTES: (INT64, 0),
            layout.GROUP_ROWS: (INT64, 0)})


def a_long_name_of_the_writer(file: ParquetFile) -> None:
    file.metadata[6] = (BINARY, b"a writer of many words " * 5000)


def what_nobody_reads_is_foreign(file: ParquetFile) -> None:
    for chunk in file.chunks("target"):
        chunk.force(layout.CHUNK_CODEC, 42, INT32)
        chunk.force(layout.CHUNK_VALUES, 5)
        chunk.force(layout.CHUNK_ENCODINGS, (INT32, [42]), LIST)
        chunk.fields[8] = (STRUCT, {2: (STRUCT, {1: (LIST, (BINARY, [b"target"]))})})


V2 = {"data_page_version": "2.0"}


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip"])
@pytest.mark.parametrize(("change", "options"), [
    (repetition_levels, V2), (no_rows_in_page_headers, V2), (no_unpacked_size, {}),
    (pages_of_a_kind_to_come, {}), (dictionaries_where_data_should_begin, {}),
    (uncounted_dictionary_headers, {}), (empty_file_names, {}), (annotations_to_come, {}),
    (children_of_leaves, {}), (booleans_for_repetitions, {}), (groups_without_columns, {}),
    (a_long_name_of_the_writer, {}), (what_nobody_reads_is_foreign, {}),
], ids=lambda value: getattr(value, "__name__", ""))
def test_what_writers_make_of_the_format(assert_right, table: Table, codec: str, change,
                                         options: dict) -> None:
    file = ParquetFile(pack(arrow_table(table), compression=codec, store_schema=False, **options))
    change(file)
    assert_right(file.write())


@pytest.mark.parametrize("change", [levels_of_required_columns, repetition_levels,
                                    deprecated_levels_where_there_are_none],
                         ids=lambda value: value.__name__)
def test_what_writers_make_of_columns_without_nulls(run, tmp_path: Path, table: Table, model: Path,
                                                    change) -> None:
    whole = table.with_values(np.nan_to_num(table.values, nan=0.5))
    options = {} if change is deprecated_levels_where_there_are_none else V2
    file = ParquetFile(pack(arrow_table(whole, optional=False), store_schema=False, **options))
    change(file)
    run(file.write()).expect(EXIT_DONE)
    assert_same_bits((tmp_path / "predictions.csv").read_bytes(), whole, predict(model, whole))


def nested(levels: int) -> pa.DataType:
    kind: pa.DataType = pa.int32()
    for level in range(levels):
        kind = pa.struct([(f"level{level}", kind)])
    return kind


def with_columns(table: Table, columns: dict[str, pa.Array]) -> pa.Table:
    """Some in front of the table's own, some between, some behind."""
    result = arrow_table(table)
    for index, (name, column) in enumerate(columns.items()):
        result = result.add_column(index * 3 % (result.num_columns + 1), name, column)
    return result


@pytest.fixture(scope="module")
def columns(table: Table) -> dict[str, pa.Array]:
    """What may lie beside the columns in use."""
    rows = range(len(table.ids))
    return {
        "list": pa.array([[1, 2, 3][:row % 4] for row in rows]),
        "map": pa.array([[("a", row)] * (row % 3) for row in rows],
                        pa.map_(pa.string(), pa.int32())),
        "struct": pa.array([{"id": row, "feature_000": {"era": [str(row)]}} for row in rows]),
        "lists": pa.array([[[row]] * 3 for row in rows]),
        "deep": pa.nulls(len(rows), nested(60)),
        "n" * 10_000: pa.nulls(len(rows), pa.string()),
        "decimal": pa.array([decimal.Decimal(row) for row in rows]),
        "moment": pa.array([datetime.datetime(2026, 1, 1)] * len(rows)),
        "infinite": pa.array(np.full(len(rows), np.inf)),
    }


class TestColumnsThatNobodyReads:
    @pytest.mark.parametrize("version", ["1.0", "2.0"])
    def test_are_no_matter(self, assert_right, table: Table, columns, version: str) -> None:
        assert_right(pack(with_columns(table, columns), data_page_version=version))

    def test_are_told_by_inspect(self, erawise: Erawise, table: Table, columns,
                                 tmp_path: Path) -> None:
        data = tmp_path / "data.parquet"
        data.write_bytes(pack(with_columns(table, columns)))
        told = erawise("inspect", "--data", data).expect(EXIT_DONE).stdout.decode()
        for text in ("2 x a list of INT64", "1 x a map", "2 x a struct", "columns   19",
                     "900 in 3 eras"):
            assert text in told, told

    def test_may_have_the_same_name(self, assert_right, table: Table) -> None:
        column = pa.nulls(len(table.ids), pa.int8())
        twice = arrow_table(table).append_column("x", column).append_column("x", column)
        assert_right(pack(twice))

    def test_a_name_that_is_there_twice_is_refused_where_it_is_used(self, run,
                                                                    table: Table) -> None:
        whole = arrow_table(table)
        for name in ("feature_003", "id", "era"):
            run(pack(whole.append_column(name, whole[name]))).expect(
                EXIT_DATA, f"names column '{name}' twice, as columns", "and 11")


class TestFeaturesThatAreNoNumbers:
    @pytest.mark.parametrize(("column", "text"), [
        (pa.array([[1.5]]), "a list of DOUBLE"),
        (pa.array([{"a": 1}]), "a struct"),
        (pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int8())), "a map"),
        (pa.array([decimal.Decimal("1.5")]), "FIXED_LEN_BYTE_ARRAY of 1 bytes (DECIMAL)"),
        (pa.array([datetime.date(2026, 1, 1)]), "INT32 (DATE)"),
        (pa.array([datetime.time(1)]), "INT64 (TIME)"),
        (pa.array([datetime.datetime(2026, 1, 1)]), "INT64 (TIMESTAMP)"),
        (pa.array(["x"]), "BYTE_ARRAY (text)"),
    ], ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "")
    def test_are_named_as_what_they_are(self, run, table: Table, column: pa.Array,
                                        text: str) -> None:
        index = arrow_table(table).schema.get_field_index("feature_003")
        rows = pa.concat_arrays([column] * len(table.ids))
        changed = arrow_table(table).set_column(index, "feature_003", rows)
        result = run(pack(changed)).expect(EXIT_DATA, f"column 'feature_003' (number {index + 1})",
                                           text)
        assert "download" not in result.log

    @pytest.mark.parametrize("value", [np.inf, -np.inf, 1e300])
    @pytest.mark.parametrize("dictionary", [True, False])
    def test_infinite_values_are_no_damage(self, run, table: Table, value: float,
                                           dictionary: bool) -> None:
        whole = arrow_table(table, feature_type=pa.float64())
        index = whole.schema.get_field_index("feature_003")
        column = pa.array([value] * len(table.ids))
        result = run(pack(whole.set_column(index, "feature_003", column),
                          use_dictionary=dictionary)).expect(EXIT_DATA, "feature_003", "infinite")
        assert "download" not in result.log


def as_uuid(number: int) -> bytes:
    return number.to_bytes(16, "big")


class TestIdsAndEras:
    """Of every type and encoding that says which row, or which time, it is."""

    @pytest.mark.parametrize("encoding", ["PLAIN", "DICTIONARY", "BYTE_STREAM_SPLIT",
                                          "DELTA_BINARY_PACKED", "DELTA_BYTE_ARRAY",
                                          "DELTA_LENGTH_BYTE_ARRAY"])
    @pytest.mark.parametrize("kind", [
        pa.int8(), pa.int32(), pa.int64(), pa.uint16(), pa.uint64(), pa.binary(16), pa.uuid(),
        pa.string(), pa.large_string(), pa.binary()], ids=str)
    def test_ids(self, run, table: Table, tmp_path: Path, kind: pa.DataType, encoding: str) -> None:
        is_number = pa.types.is_integer(kind)
        is_fixed = pa.types.is_fixed_size_binary(kind) or kind == pa.uuid()
        takes = {"BYTE_STREAM_SPLIT": is_number or is_fixed, "DELTA_BINARY_PACKED": is_number,
                 "DELTA_BYTE_ARRAY": not is_number,
                 "DELTA_LENGTH_BYTE_ARRAY": not is_number and not is_fixed}
        if not takes.get(encoding, True):
            return  # pyarrow does not write it
        rows = len(table.ids) if kind != pa.int8() else 100
        numbers = [(row * 37 + 5) % rows for row in range(rows)]
        if is_number:
            ids = pa.array(numbers, kind)
            expected = [str(number) for number in numbers]
        elif kind == pa.uuid():
            ids = pa.array([as_uuid(number << 60) for number in numbers], pa.binary(16)).cast(kind)
            expected = [str(uuid.UUID(int=number << 60)) for number in numbers]
        else:
            expected = [f"n{number:015x}" for number in numbers]
            ids = pa.array(expected).cast(pa.binary()).cast(kind)
        part = arrow_table(table.rows(0, rows))
        changed = part.set_column(part.schema.get_field_index("id"), "id", ids)
        options = {} if encoding == "DICTIONARY" else {
            "use_dictionary": table.features, "column_encoding": {"id": encoding}}
        run(pack(changed, **options)).expect(EXIT_DONE)
        assert rows_of((tmp_path / "predictions.csv").read_bytes())[0] == expected

    @pytest.mark.parametrize(("kind", "texts"), [
        (pa.date32(), ["2026-01-01", "2026-01-08", "1969-12-25"]),
        (pa.timestamp("ms"), ["2026-01-01", "2026-01-08T06:30:00", "1969-12-25T23:59:59.5"]),
        (pa.timestamp("us"), ["2026-01-01", "2026-01-08T06:30:00", "1969-12-25T23:59:59.5"]),
        (pa.timestamp("ns"), ["2026-01-01", "2026-01-08T06:30:00", "1969-12-25T23:59:59.5"]),
        (pa.int64(), ["1", "2", "3"]), (pa.binary(4), ["0001", "0002", "0003"]),
    ], ids=str)
    @pytest.mark.parametrize("dictionary", [True, False])
    def test_eras(self, erawise: Erawise, table: Table, tmp_path: Path, kind: pa.DataType,
                  texts: list[str], dictionary: bool) -> None:
        if pa.types.is_temporal(kind):
            moments = [datetime.datetime.fromisoformat(text) for text in texts]
            values = pa.array(moments, pa.timestamp("us")).cast(kind)
        elif pa.types.is_integer(kind):
            values = pa.array([int(text) for text in texts], kind)
        else:
            values = pa.array([text.encode() for text in texts], kind)
        eras = values.take(pa.array([row * 3 // len(table.ids) for row in range(len(table.ids))]))
        whole = arrow_table(table)
        changed = whole.set_column(whole.schema.get_field_index("era"), "era", eras)
        data = tmp_path / "data.parquet"
        data.write_bytes(pack(changed, use_dictionary=dictionary))
        told = erawise("inspect", "--data", data).expect(EXIT_DONE).stdout.decode()
        for text in texts:
            assert f"    {text} " in told, told


def test_halves_that_share_prefixes(run, table: Table, model: Path, tmp_path: Path) -> None:
    values = table.values.copy()
    values[:, 1] = np.float16(values[:, 1])
    halves = table.with_values(values)
    run(pack(arrow_table(halves, feature_type=pa.float16()), use_dictionary=["era"],
             column_encoding={name: "DELTA_BYTE_ARRAY" for name in table.features})
        ).expect(EXIT_DONE)
    assert_same_bits((tmp_path / "predictions.csv").read_bytes(), halves, predict(model, halves))
