"""Parquet in every layout gives the bytes that the same table gives as CSV."""

import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from e2e.support.binary import (
    EXIT_DATA,
    EXIT_DONE,
    EXIT_MEMORY,
    EXIT_MODEL,
    EXIT_USAGE,
    Erawise,
    read_report,
)
from e2e.support.models import predict, train
from e2e.support.parquet import LAYOUTS, Layout, arrow_table, pack_frame
from e2e.support.table import Table, assert_same_bits, make_table, to_csv

SLICED = re.compile(r"(\d+) were read in slices")
SPILLED = re.compile(r"[\d.]+ [KM]iB of planes went through")
PAGES = re.compile(r"(\d+) of (\d+) pages of features went straight to bit planes")


def with_nulls(table: Table) -> Table:
    """One feature with a null here and there, one with runs of them, one of nothing else."""
    values = table.values.copy()
    values[::7, 3] = np.nan
    values[100:1500, 5] = np.nan
    values[:, 8] = np.nan
    return table.with_values(values)


@pytest.fixture(scope="module")
def plain() -> Table:
    return make_table(11, rows=2300, features=20, eras=3)


@pytest.fixture(scope="module")
def model(plain: Table, tmp_path_factory: pytest.TempPathFactory) -> dict[float, Path]:
    """Models by the scale of the features."""
    folder = tmp_path_factory.mktemp("models")
    files = {}
    for scale in (1, 4):
        scaled = with_nulls(plain).with_values(with_nulls(plain).values * scale)
        files[scale] = folder / f"model{scale}.ubj"
        train(scaled).save_model(files[scale])
    return files


def count_pages(log: str) -> tuple[int, int]:
    fast, pages = PAGES.search(log).groups()
    return int(fast), int(pages)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_every_layout_predicts_the_same_bits(
    erawise: Erawise, plain: Table, model: dict[float, Path], layout: Layout, tmp_path: Path
) -> None:
    table = with_nulls(plain) if layout.has_nulls else plain
    data = tmp_path / "data.parquet"
    data.write_bytes(layout.pack(table))
    expected = predict(model[layout.scale], table.with_values(table.values * layout.scale))
    output = tmp_path / "predictions.csv"
    command = ("predict", "--data", data, "--model", model[layout.scale], "--output", output)
    least = erawise(*command, "--memory-limit", "2MiB").expect(EXIT_MEMORY).named_limit
    for arguments in (("--threads", "1"), ("--threads", "2"), ("--memory-limit", least)):
        run = erawise(*command, *arguments).expect(EXIT_DONE)
        assert_same_bits(output.read_bytes(), table, expected)
        fast, pages = count_pages(run.log)
        assert pages > 0
        # A chunk of nulls alone has no dictionary, and what is not there needs no values.
        assert (fast == pages) == layout.fast, f"{fast} of {pages} pages"


@pytest.mark.parametrize("levels", [(5, 12), (5, 12, 40), (12, 5), (40, 5)], ids=str)
@pytest.mark.parametrize("pack", ["csv", "row-groups", "pages"])
def test_levels_that_come_later_in_the_file(
    erawise: Erawise, tmp_path: Path, levels: tuple[int, ...], pack: str
) -> None:
    """In all features, whichever of them is looked at first: what came before stays as it was."""
    draw, rows = np.random.default_rng(5), 8000
    parts = np.array_split(np.arange(rows), len(levels))
    table = make_table(16, rows, features=20, eras=4).with_values(np.concatenate(
        [draw.integers(0, count, (len(part), 20)) / 8
         for count, part in zip(levels, parts, strict=True)]).astype(np.float32))
    model, data, output = (tmp_path / name for name in ("model.ubj", "data", "p.csv"))
    train(table).save_model(model)
    options = {"row_group_size": 300} if pack == "row-groups" else {"max_rows_per_page": 300}
    data.write_bytes(to_csv(table) if pack == "csv" else
                     Layout(pack, write=options).pack(table))
    for threads in (1, 2):
        erawise("predict", "--data", data, "--model", model, "--output", output, "--threads",
                threads).expect(EXIT_DONE)
        assert_same_bits(output.read_bytes(), table, predict(model, table))


@pytest.fixture(scope="module")
def long_table() -> Table:
    rows = 60_000
    table = make_table(12, rows, features=600, eras=7)
    values = table.values
    values[::5, 1] = np.nan  # nulls
    values[:, 2] = np.random.default_rng(4).random(rows)  # no codes
    values[rows // 2:, 3] *= 3  # levels that the first rows do not have
    return table


@pytest.fixture(scope="module")
def long_model(long_table: Table, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("model") / "model.ubj"
    train(long_table.rows(0, 2000), n_estimators=400).save_model(file)
    return file


ROWS_PER_RUN = 504
"""Values of a packed run, as Arrow writes them: 63 groups of eight."""


def repeat_far_back(page: bytes) -> bytes:
    """A page of as many bytes, whose last run, equal to its first one, is a copy of that."""
    run = ROWS_PER_RUN * 3 // 8
    last = page[-run:]
    first = page.index(last)
    assert first < len(page) - run - 65_536, "it is not there, or not far back"
    # The last literal of the block: its length in two bytes, one less than it is.
    size = next(size for size in range(run, 65_536) if page[-size - 3:-size] ==
                bytes([61 << 2]) + (size - 1).to_bytes(2, "little"))
    literal, distance = page[-size:], len(page) - run - first - 3
    copies = b"".join(bytes([(count - 1) << 2 | 3]) + distance.to_bytes(4, "little")
                      for count in (64, 64, run - 128))
    # What is saved is lost again in literals of one byte each.
    short = run - len(copies)
    head = literal[:-run - short]
    singles = b"".join(bytes([0, byte]) for byte in literal[-run - short:-run])
    return (page[:-size - 3] + bytes([61 << 2]) + (len(head) - 1).to_bytes(2, "little") + head +
            singles + copies)


class TestPagesThatAreLargerThanTheWindow:
    """One page per column and row group: pages are read in slices, or rows pass through a file."""

    @staticmethod
    def pack(table: Table, path: Path, **options: object) -> Path:
        rows = len(table.ids)
        pq.write_table(arrow_table(table), path,
                       **{"row_group_size": rows, "max_rows_per_page": rows,
                          "data_page_size": 2**31 - 1, "dictionary_pagesize_limit": 2**20,
                          **options})
        return path

    @pytest.mark.parametrize(("options", "way"), [
        ({}, SLICED), ({"compression": "none"}, SLICED), 
        ({"data_page_version": "2.0", "write_page_checksum": True}, SLICED),
        ({"row_group_size": 45_000, "write_page_checksum": True}, SLICED),
        ({"compression": "zstd"}, SPILLED),
        ({"row_group_size": 45_000, "compression": "zstd"}, SPILLED)],
        ids=["snappy", "uncompressed", "v2", "two-groups", "zstd", "two-groups-zstd"])
    def test_the_least_memory_gives_the_same_bits(
        self, erawise: Erawise, long_table: Table, long_model: Path, sanitized: bool, tmp_path: Path,
        options: dict[str, object], way: re.Pattern[str]
    ) -> None:
        data = self.pack(long_table, tmp_path / "data.parquet", **options)
        expected = predict(long_model, long_table)
        output, report = tmp_path / "predictions.csv", tmp_path / "report.json"
        command = ("predict", "--data", data, "--model", long_model, "--output", output,
                   "--report", report, "--work-directory", tmp_path)
        for threads in (1, 2):
            arguments = (*command, "--threads", threads, "--memory-limit")
            least = erawise(*arguments, "2MiB").expect(EXIT_MEMORY).named_limit
            for limit in (least, "1GiB"):
                run = erawise(*arguments, limit).expect(EXIT_DONE)
                if limit == least:
                    assert way.search(run.log), run.log
                assert_same_bits(output.read_bytes(), long_table, expected)
                told = read_report(report)
                assert (told["bytes_spilled"] > 0) == (limit == least and way == SPILLED)
                assert sanitized or told["peak_rss_bytes"] <= told["memory_limit_bytes"]
        assert list(tmp_path.glob(".erawise-spill*")) == []

    @pytest.mark.parametrize(("options", "way"), [
        ({}, SLICED), ({"compression": "none"}, SLICED),
        ({"data_page_version": "2.0", "use_dictionary": False}, SPILLED),
        ({"compression": "zstd"}, SPILLED)],
        ids=["snappy", "uncompressed", "v2-without-dictionary", "zstd"])
    def test_large_pages_of_ids_are_read_in_pieces(
        self, erawise: Erawise, tmp_path: Path, options: dict[str, object], way: re.Pattern[str]
    ) -> None:
        table = make_table(13, 200_000, features=4, eras=30)
        model = tmp_path / "model.ubj"
        train(table.rows(0, 2000)).save_model(model)
        data = self.pack(table, tmp_path / "data.parquet", write_page_checksum=True, **options)
        output = tmp_path / "predictions.csv"
        run = erawise("predict", "--data", data, "--model", model, "--output", output,
                      "--work-directory", tmp_path).expect(EXIT_DONE)
        assert way.search(run.log), run.log
        assert_same_bits(output.read_bytes(), table, predict(model, table))

    def test_a_null_that_comes_late_takes_another_plane(
        self, erawise: Erawise, long_table: Table, tmp_path: Path
    ) -> None:
        """Eight levels fill three planes: a window has to be decoded once more, in the midst of
        slices."""
        values = long_table.values.copy()
        values[:, 4] = np.random.default_rng(5).integers(8, size=len(values)) / 8
        values[len(values) * 2 // 3, 4] = np.nan
        table = long_table.with_values(values)
        model, data = tmp_path / "model.ubj", tmp_path / "data.parquet"
        train(table.rows(0, 2000)).save_model(model)
        self.pack(table, data)
        output = tmp_path / "predictions.csv"
        command = ("predict", "--data", data, "--model", model, "--output", output)
        least = erawise(*command, "--memory-limit", "2MiB").expect(EXIT_MEMORY).named_limit
        # A little more than the least: that is for the planes that the first rows told of.
        limit = f"{int(least.removesuffix('MiB')) + 2}MiB"
        run = erawise(*command, "--memory-limit", limit).expect(EXIT_DONE)
        assert int(SLICED.search(run.log)[1]) > len(table.features), "decoded once more"
        assert_same_bits(output.read_bytes(), table, predict(model, table))

    @pytest.mark.parametrize("column", ["id", "feature_003"])
    def test_damage_in_large_pages_is_found(
        self, erawise: Erawise, tmp_path: Path, column: str
    ) -> None:
        table = make_table(14, 200_000, features=12, eras=30)
        values = table.values
        values[:, 3] = np.minimum(values[:, 3], 0.75)  # of four values: every code is one
        model = tmp_path / "model.ubj"
        train(table.rows(0, 2000)).save_model(model)
        data = self.pack(table, tmp_path / "data.parquet", write_page_checksum=True)
        group = pq.ParquetFile(data).metadata.row_group(0)
        chunk = next(c for c in map(group.column, range(group.num_columns))
                     if c.path_in_schema == column)
        content = bytearray(data.read_bytes())
        content[chunk.dictionary_page_offset + chunk.total_compressed_size - 5] ^= 1
        data.write_bytes(content)
        output = tmp_path / "out.csv"
        erawise("predict", "--data", data, "--model", model, "--output", output,
                "--work-directory", tmp_path).expect(EXIT_DATA, f"column '{column}'",
                                                     "page at byte", "checksum")
        assert not output.exists()

    def test_a_page_that_repeats_what_lies_far_back_is_read_whole(
        self, erawise: Erawise, tmp_path: Path
    ) -> None:
        """Snappy's writers do not repeat what lies more than 64 KiB back; the format allows it."""
        rows = 397 * ROWS_PER_RUN
        table = make_table(15, rows, features=1, eras=3)
        table.values[-ROWS_PER_RUN:] = table.values[:ROWS_PER_RUN]
        model, data = tmp_path / "model.ubj", tmp_path / "data.parquet"
        train(table.rows(0, 2000)).save_model(model)
        self.pack(table, data)
        chunk = next(c for c in map(pq.ParquetFile(data).metadata.row_group(0).column, range(4))
                     if c.path_in_schema == table.features[0])
        content = data.read_bytes()
        first, end = chunk.data_page_offset, chunk.dictionary_page_offset + chunk.total_compressed_size
        data.write_bytes(content[:first] + repeat_far_back(content[first:end]) + content[end:])
        assert (pq.read_table(data, columns=table.features) ==
                pq.read_table(io.BytesIO(content), columns=table.features))
        output = tmp_path / "predictions.csv"
        run = erawise("predict", "--data", data, "--model", model, "--output", output,
                      "--work-directory", tmp_path).expect(EXIT_DONE)
        assert SLICED.search(run.log), run.log
        assert_same_bits(output.read_bytes(), table, predict(model, table))

    def test_a_folder_in_memory_is_no_place_for_it(
        self, erawise: Erawise, long_table: Table, long_model: Path, tmp_path: Path
    ) -> None:
        data = self.pack(long_table, tmp_path / "data.parquet", compression="zstd")
        output = tmp_path / "predictions.csv"
        command = ("predict", "--data", data, "--model", long_model, "--output", output,
                   "--threads", 1, "--work-directory", "/dev/shm")
        least = erawise(*command, "--memory-limit", "2MiB").expect(EXIT_MEMORY).named_limit
        run = erawise(*command, "--memory-limit", least).expect(EXIT_DONE, "tmpfs",
                                                                "--work-directory")
        assert SPILLED.search(run.log) is None
        assert_same_bits(output.read_bytes(), long_table, predict(long_model, long_table))


class TestColumnsThatSayWhatARowIs:
    @pytest.fixture
    def run(self, erawise: Erawise, plain: Table, model: dict[float, Path], tmp_path: Path):
        def run(content: bytes, *arguments: object):
            (tmp_path / "data.parquet").write_bytes(content)
            return erawise("predict", "--data", tmp_path / "data.parquet", "--model", model[1],
                           "--output", tmp_path / "predictions.csv", *arguments)

        return run

    @pytest.fixture
    def frame(self, plain: Table) -> pd.DataFrame:
        frame = plain.frame
        frame.insert(0, "era", plain.eras)
        frame.insert(1, "data_type",
                     ["live" if era == "eraX" else "test" for era in plain.eras])
        return frame.set_index(pd.Index(plain.ids, name="id"))

    def test_ids_are_pandas_index(self, run, plain: Table, frame: pd.DataFrame,
                                  model: dict[float, Path], tmp_path: Path) -> None:
        run(pack_frame(frame)).expect(EXIT_DONE, "2300 rows in 3 eras")
        assert_same_bits((tmp_path / "predictions.csv").read_bytes(), plain,
                         predict(model[1], plain))

    def test_ids_are_an_index_without_a_name(self, run, plain: Table, frame: pd.DataFrame,
                                             model: dict[float, Path], tmp_path: Path) -> None:
        content = pack_frame(frame.rename_axis(None))
        assert b"__index_level_0__" in content
        run(content).expect(EXIT_DONE)
        assert_same_bits((tmp_path / "predictions.csv").read_bytes(), plain,
                         predict(model[1], plain))

    @pytest.mark.parametrize("kind", ["int16", "int64", "category"])
    def test_eras_are_numbers_or_categories(self, run, plain: Table, frame: pd.DataFrame,
                                            kind: str, tmp_path: Path) -> None:
        numbers = [7 if era == "eraX" else int(era.removeprefix("era")) for era in plain.eras]
        frame["era"] = pd.Series(numbers, frame.index).astype(kind)
        run(pack_frame(frame), "--transform", "rank").expect(EXIT_DONE, "2300 rows in 3 eras")

    @pytest.mark.parametrize("encoding", ["PLAIN", "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"])
    def test_texts_in_every_encoding(self, run, plain: Table, model: dict[float, Path],
                                     encoding: str, tmp_path: Path) -> None:
        buffer = io.BytesIO()
        pq.write_table(arrow_table(plain), buffer, use_dictionary=plain.features,
                       column_encoding={"id": encoding, "era": encoding, "data_type": encoding})
        run(buffer.getvalue(), "--data-type", "test").expect(EXIT_DONE, "in 2 eras")
        kept = plain.rows(0, plain.eras.index("eraX"))
        assert_same_bits((tmp_path / "predictions.csv").read_bytes(), kept,
                         predict(model[1], kept))

    def test_rows_are_chosen_by_data_type(self, run, plain: Table, frame: pd.DataFrame,
                                          model: dict[float, Path], tmp_path: Path) -> None:
        # Every third row belongs to another kind: the rows that are kept lie apart.
        frame.loc[frame.index[::3], "data_type"] = "validation"
        run(pack_frame(frame), "--data-type", "validation").expect(EXIT_DONE, "767 rows in 3 eras")
        kept = Table(plain.ids[::3], plain.eras[::3], plain.features, plain.values[::3])
        assert_same_bits((tmp_path / "predictions.csv").read_bytes(), kept,
                         predict(model[1], kept))
        run(pack_frame(frame), "--data-type", "training").expect(
            EXIT_DATA, "no row has the data_type 'training'")
        run(pack_frame(frame.drop(columns="data_type")), "--data-type", "live").expect(
            EXIT_DATA, "there is no column 'data_type'")

    def test_nulls_become_what_the_user_says(self, run, plain: Table, model: dict[float, Path],
                                             tmp_path: Path) -> None:
        table = with_nulls(plain)
        buffer = io.BytesIO()
        pq.write_table(arrow_table(table), buffer)
        run(buffer.getvalue(), "--null-value", "0.5").expect(EXIT_DONE)
        filled = table.with_values(np.nan_to_num(table.values, nan=0.5))
        assert_same_bits((tmp_path / "predictions.csv").read_bytes(), table,
                         predict(model[1], filled))
        run(buffer.getvalue(), "--null-value", "two").expect(EXIT_USAGE, "two")

    @pytest.mark.parametrize(("change", "exit_code", "text"), [
        (lambda frame: frame.reset_index(drop=True), EXIT_DATA, "no column 'id', and no index"),
        (lambda frame: frame.drop(columns="feature_003"), EXIT_MODEL, "'feature_003'"),
        (lambda frame: frame.assign(feature_003="x"), EXIT_DATA, "no number"),
        (lambda frame: frame.assign(feature_003=[[1.0]] * len(frame)), EXIT_DATA,
         "a list of DOUBLE"),
        (lambda frame: frame.assign(era=0.5), EXIT_DATA, "eras are strings, whole numbers or dates"),
        (lambda frame: frame.assign(feature_003=np.inf), EXIT_DATA, "infinite"),
        (lambda frame: frame[:0], EXIT_DATA, "no rows"),
    ], ids=["no-id", "no-feature", "text-feature", "list-feature", "float-era", "infinite", "empty"])
    def test_what_does_not_fit_is_named(self, run, frame: pd.DataFrame, change, exit_code: int,
                                        text: str, tmp_path: Path) -> None:
        run(pack_frame(change(frame))).expect(exit_code, "data.parquet", text)
        assert not (tmp_path / "predictions.csv").exists()


class TestFeatureSets:
    """Models without names take the features of a set, in the order of features.json."""

    @pytest.fixture
    def features_file(self, plain: Table, tmp_path: Path) -> Path:
        file = tmp_path / "features.json"
        file.write_text(json.dumps({"feature_sets": {"small": plain.features[12:2:-1],
                                                     "other": ["feature_zzz"]}}))
        return file

    def test_gives_the_names(self, erawise: Erawise, plain: Table, features_file: Path,
                             tmp_path: Path) -> None:
        columns = list(range(12, 2, -1))
        chosen = Table(plain.ids, plain.eras, [plain.features[i] for i in columns],
                       np.ascontiguousarray(plain.values[:, columns]))
        model, data, output = (tmp_path / name for name in ("m.ubj", "d.parquet", "out.csv"))
        train(chosen, named=False).save_model(model)
        pq.write_table(arrow_table(plain), data)
        command = ("predict", "--data", data, "--model", model, "--output", output,
                   "--features-file", features_file)
        erawise(*command, "--feature-set", "small").expect(EXIT_DONE)
        assert_same_bits(output.read_bytes(), plain, predict(model, chosen))
        erawise(*command, "--feature-set", "huge").expect(EXIT_USAGE, "huge", "small", "other")
        erawise(*command, "--feature-set", "other").expect(EXIT_MODEL)


def test_inspect_describes_the_file(erawise: Erawise, plain: Table, tmp_path: Path) -> None:
    data = tmp_path / "data.parquet"
    pq.write_table(arrow_table(plain), data, row_group_size=1000, compression="zstd")
    told = erawise("inspect", "--data", data).expect(EXIT_DONE).stdout.decode()
    for text in ("Parquet", "groups    3 of 300 to 1000 rows", "zstd", "RLE_DICTIONARY", "2300 in 3 eras", "eraX"):
        assert text in told, told


class TestDamage:
    """A damaged file is exit 3 with the place, or predicts what it held; never a crash."""

    @pytest.fixture
    def content(self) -> bytes:
        buffer = io.BytesIO()
        table = with_nulls(make_table(13, rows=900, features=20, eras=2))
        pq.write_table(arrow_table(table), buffer, row_group_size=500, compression="snappy",
                       max_rows_per_page=200)
        return buffer.getvalue()

    @pytest.mark.parametrize("part", ["pages", "footer", "truncated"])
    def test_anywhere(self, erawise: Erawise, model: dict[float, Path], content: bytes, part: str,
                      tmp_path: Path) -> None:
        generator = np.random.default_rng(len(part))
        footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
        data = tmp_path / "data.parquet"
        for _ in range(25):
            damaged = bytearray(content)
            place = int(generator.integers(4, footer) if part == "pages"
                        else generator.integers(footer, len(content)))
            if part == "truncated":
                del damaged[int(generator.integers(0, len(content))):]
            else:
                damaged[place] ^= 1 << int(generator.integers(8))
            data.write_bytes(damaged)
            run = erawise("predict", "--data", data, "--model", model[1], "--output",
                          tmp_path / "predictions.csv", "--memory-limit", "1GiB")
            assert run.exit_code in (EXIT_DONE, EXIT_DATA, EXIT_MEMORY), run.log
            assert run.exit_code == EXIT_DONE or "data.parquet" in run.errors, run.log
            assert part != "truncated" or run.exit_code == EXIT_DATA
