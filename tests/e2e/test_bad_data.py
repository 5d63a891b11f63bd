"""Data that is damaged or of another kind: exit 3, the place, the remedy, nothing left behind."""

import re
from pathlib import Path

import pytest

from e2e.support.binary import EXIT_DATA, EXIT_DISK, EXIT_DONE, EXIT_MODEL, Erawise, Result
from e2e.support.packing import xz, xz_in_blocks
from e2e.support.spoil import predict_badly, spread
from e2e.support.table import Table, to_csv


@pytest.fixture
def attempt(erawise: Erawise, model: Path, tmp_path: Path):
    def run(content: bytes, *arguments: object, name: str = "data.csv") -> Result:
        data = tmp_path / name
        data.write_bytes(content)
        result = predict_badly(erawise, data, model, *arguments)
        if result.exit_code != EXIT_DONE:
            assert str(data) in result.errors or str(model) in result.errors
        return result

    return run


@pytest.fixture(scope="module")
def packed(table: Table) -> bytes:
    return xz(to_csv(table.rows(0, 400)), "-1")


@pytest.fixture(scope="module")
def lines(table: Table) -> list[bytes]:
    return to_csv(table).splitlines(keepends=True)


class TestXz:
    @pytest.mark.parametrize("threads", [1, 2])
    def test_truncated_anywhere(self, attempt, packed: bytes, threads: int) -> None:
        for length in spread(len(packed), 8):
            result = attempt(packed[:length], "--threads", threads)
            result.expect(EXIT_DATA)
            if length >= 12:
                assert re.search(r"truncated: it ends at byte \d+ of the file \(byte \d+ of the "
                                 r"decoded text\); download it again", result.errors)

    def test_the_last_byte_is_missed(self, attempt, packed: bytes) -> None:
        attempt(packed[:-1]).expect(EXIT_DATA, f"at byte {len(packed) - 1} of the file")

    @pytest.mark.parametrize("threads", [1, 2])
    def test_a_flipped_bit_anywhere(self, attempt, packed: bytes, threads: int) -> None:
        for position in spread(len(packed), 8):
            spoilt = bytearray(packed)
            spoilt[position] ^= 0x10
            attempt(bytes(spoilt), "--threads", threads).expect(EXIT_DATA)

    def test_several_blocks_are_each_checked(self, attempt, table: Table) -> None:
        packed = xz_in_blocks(to_csv(table), 100_000)
        for position in spread(len(packed), 6):
            spoilt = bytearray(packed)
            spoilt[position] ^= 0x01
            attempt(bytes(spoilt), "--threads", 4).expect(EXIT_DATA)
            attempt(packed[:position], "--threads", 4).expect(EXIT_DATA)

    def test_a_second_stream_that_is_cut_off(self, attempt, table: Table, packed: bytes) -> None:
        second = xz(to_csv(table.rows(400, 800)).split(b"\n", 1)[1])
        attempt(packed + second).expect(EXIT_DONE)
        attempt(packed + second[:-5]).expect(EXIT_DATA, "truncated")

    def test_garbage_behind_the_stream(self, attempt, packed: bytes) -> None:
        attempt(packed + b"<html>502 Bad Gateway</html>").expect(
            EXIT_DATA, "corrupt", "of the file")

    def test_the_text_within_is_cut_off(self, attempt, table: Table) -> None:
        text = to_csv(table.rows(0, 100))
        attempt(xz(text[:-60])).expect(EXIT_DATA, "line 101", "download it again")


class TestText:
    @pytest.mark.parametrize("row", [1, 2, 700, 2999, 3000])
    def test_a_row_that_is_cut_off(self, attempt, lines: list[bytes], row: int) -> None:
        cut = [*lines[:row], lines[row][:50]]
        attempt(b"".join(cut)).expect(EXIT_DATA, f"line {row + 1}", "fields", "the header 34")

    @pytest.mark.parametrize("change", [b",0.5\n", b""], ids=["one_more", "one_less"])
    @pytest.mark.parametrize("row", [1, 1500])
    def test_another_number_of_fields(self, attempt, lines: list[bytes], row: int,
                                      change: bytes) -> None:
        line = lines[row].rstrip(b"\n") + change if change else lines[row].rsplit(b",", 1)[0]
        spoilt = [*lines[:row], line.rstrip(b"\n") + b"\n", *lines[row + 1:]]
        number = 35 if change else 33
        attempt(b"".join(spoilt)).expect(EXIT_DATA, f"line {row + 1} ",
                                         f"{number} fields, the header 34")

    @pytest.mark.parametrize("text", ["abc", "0.5x", "inf", "-inf", "1e999", "0,5", "0x1p3", " "])
    @pytest.mark.parametrize("row", [1, 2700])
    def test_a_field_that_is_no_number(self, attempt, lines: list[bytes], row: int,
                                       text: str) -> None:
        fields = lines[row].split(b",")
        fields[3 + 12] = f'"{text}"'.encode()
        spoilt = [*lines[:row], b",".join(fields), *lines[row + 1:]]
        attempt(b"".join(spoilt)).expect(EXIT_DATA, f"line {row + 1} ", "'feature_012'",
                                         f"'{text}'")

    @pytest.mark.parametrize("text", ["\x1b[2J\x07", "\x00\x01", "\xff\xfe"])
    def test_control_characters_never_reach_the_log(self, attempt, lines: list[bytes],
                                                    text: str) -> None:
        raw = text.encode("latin-1")
        fields = lines[1].split(b",")
        fields[3] = raw
        log = attempt(b"".join([lines[0], b",".join(fields)])).expect(EXIT_DATA, "line 2").log
        log += attempt(b"x" + raw + b"\n").expect(EXIT_DATA).log
        log += attempt(lines[0].replace(b"feature_000", raw).replace(b"feature_001", raw)
                       + lines[1]).expect(EXIT_MODEL).log
        assert all(character.isprintable() or character == "\n" for character in log)

    def test_a_quote_that_never_closes(self, attempt, lines: list[bytes]) -> None:
        spoilt = [*lines[:1000], b'"' + lines[1000], *lines[1001:]]
        attempt(b"".join(spoilt)).expect(EXIT_DATA, "line 1001, field 1: the quote that opens there is never closed")

    def test_an_empty_file(self, attempt) -> None:
        attempt(b"").expect(EXIT_DATA, "empty")

    def test_a_header_without_rows(self, attempt, lines: list[bytes]) -> None:
        attempt(lines[0]).expect(EXIT_DATA, "no rows")
        attempt(lines[0].rstrip(b"\n")).expect(EXIT_DATA, "no rows")

    def test_no_column_of_ids(self, attempt, table: Table) -> None:
        order = ["era", "data_type", *table.features]
        attempt(to_csv(table, order=order)).expect(EXIT_DATA, "no column 'id'")

    def test_a_column_that_is_there_twice(self, attempt, table: Table) -> None:
        order = ["id", "era", *table.features, "feature_003"]
        attempt(to_csv(table, order=order)).expect(EXIT_DATA, "'feature_003' twice", "6 and 33")

    def test_missing_features_are_named(self, attempt, table: Table) -> None:
        order = ["id", "era", *table.features[2:]]
        attempt(to_csv(table, order=order)).expect(
            EXIT_MODEL, "2 of its 30 features", "'feature_000', 'feature_001'", "trained on")


@pytest.mark.parametrize(("content", "text"), [
    (b"<!DOCTYPE html><html><body>Sign in</body></html>", "HTML"),
    (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "XML"),
    (b'{"errors": [{"message": "no"}]}', "JSON"),
    (b"PK\x03\x04 and more", "zip"),
    (b"\x1f\x8b\x08 and more", "gzip"),
    (b"PAR1 and more PAR1", "the metadata should have"),
    (b"\x28\xb5\x2f\xfd and more", "Zstandard"),
    (b"\x00\x01\x02\x03 and more", "binary"),
    (b"not a data file\n", "no column 'id'"),
], ids=["html", "xml", "json", "zip", "gzip", "parquet", "zstd", "binary", "text"])
def test_other_kinds_of_files(attempt, content: bytes, text: str) -> None:
    attempt(content).expect(EXIT_DATA, text)


def test_a_file_that_is_not_there(erawise: Erawise, model: Path, tmp_path: Path) -> None:
    predict_badly(erawise, tmp_path / "nothing.csv", model).expect(
        EXIT_DISK, "nothing.csv", "No such file")


def test_a_folder_in_the_place_of_a_file(erawise: Erawise, model: Path, tmp_path: Path) -> None:
    predict_badly(erawise, tmp_path, model).expect(EXIT_DISK, "directory")


@pytest.fixture(scope="module")
def content(table: Table) -> bytes:
    eras = ["era1"] * 1000 + ["era2"] * 1000 + ["era1"] * 500 + ["era2"] * 500
    return to_csv(table.with_eras(eras))


class TestEraThatComesBack:
    def test_is_an_error_where_ranks_need_it_whole(self, attempt, content: bytes) -> None:
        attempt(content, "--transform", "rank").expect(
            EXIT_DATA, "era 'era1' starts at line 2 and comes back at line 2002",
            "--transform none")

    def test_is_one_warning_otherwise(self, attempt, content: bytes) -> None:
        result = attempt(content).expect(EXIT_DONE)
        assert result.log.count(" comes back ") == 1
        assert re.search(r" WARN .*era 'era1' starts at line 2 and comes back at line 2002",
                         result.log)
