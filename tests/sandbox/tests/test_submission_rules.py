"""The official rules: what passes, and which message comes first."""

import lzma

import pandas
import pytest

from sandbox import submission_rules as rules
from sandbox.live_ids import read_live_ids
from sandbox.refusal import Refusal

LIVE = frozenset(("a", "b", "c"))


def check(tmp_path, text: str | bytes):
    file = tmp_path / "submission.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return rules.validate(file, LIVE)


def rows(*values: str) -> str:
    pairs = zip("abc", values, strict=True)
    return "id,prediction\n" + "".join(f"{i},{v}\n" for i, v in pairs)


@pytest.mark.parametrize(
    "text",
    [
        rows("0.1", "0.2", "0.3"),
        rows("0.1", "0.2", "0.3").replace("prediction", "probability"),
        rows("0.1", "0.2", "0.3").replace("\n", "\r\n"),
        rows("0.1", "0.2", "0.3").rstrip("\n"),
        "\ufeff" + rows("1e-3", "2E-1", "1"),
        rows("0", "1", "0.5"),
        rows("0.5", "0.5", "0.6"),
        rows("-0.000000001", "0.5", "1.000009"),
        'id,prediction\n"a","0.1"\n\nb,0.2\nc,0.3\n',
        "id,prediction\nc,0.1\na,0.2\nb,0.3\n",
    ],
)
def test_a_valid_file_is_accepted(tmp_path, text):
    assert check(tmp_path, text).submitted_count == 3


def test_other_ids_are_dropped_and_counted(tmp_path):
    accepted = check(tmp_path, rows("0.1", "0.2", "0.3") + "x,7\nx,nan\ny,0.5\n")
    assert (accepted.submitted_count, accepted.filtered_count) == (6, 3)
    assert accepted.invalid_ids == ["x", "x", "y"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", rules.HEADERS),
        ("id\na\n", rules.HEADERS),
        ("prediction,id\n0.1,a\n", rules.HEADERS),
        ("id,prediction,era\na,0.1,x\n", rules.HEADERS),
        ("id,prediction_kazutsugi\na,0.1\n", rules.HEADERS),
        ("ID,prediction\na,0.1\n", rules.HEADERS),
        ("a,0.1\nb,0.2\nc,0.3\n", rules.HEADERS),
        (rows("0.1", "0.2", "0.3") + ",0.4\n", rules.NAN_IDS),
        (rows("0.1", "0.2", "0.3") + "NaN,0.4\n", rules.NAN_IDS),
        (rows("0.1", "0.2", "0.3") + "a,0.4\n", rules.DUPLICATES),
        ("id,prediction\na,0.1\nb,0.2\n", rules.NOT_ENOUGH),
        ("id,prediction\nx,0.1\ny,0.2\nz,0.3\n", rules.NOT_ENOUGH),
        (rows("0.1", "", "0.3"), rules.NAN_VALUES),
        (rows("0.1", "nan", "0.3"), rules.NAN_VALUES),
        ("id,prediction\na,0.1\nb\nc,0.2\n", rules.NAN_VALUES),
        (rows("0.1", "0.2", "1.1"), rules.RANGE),
        (rows("0.1", "0.2", "-0.001"), rules.RANGE),
        (rows("0.1", "0.2", "inf"), rules.RANGE),
        (rows("0.5", "0.5", "0.5"), rules.DEVIATION),
        (rows("0.5", "0.500000001", "0.5"), rules.DEVIATION),
    ],
)
def test_a_broken_rule_is_refused_in_the_official_words(tmp_path, text, message):
    with pytest.raises(Refusal) as refusal:
        check(tmp_path, text)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,other\n,9\n", rules.HEADERS),
        ("id,prediction\na,9\na,9\n,9\n", rules.NAN_IDS),
        ("id,prediction\na,word\na,9\n", rules.DUPLICATES),
        ("id,prediction\na,nan\nb,9\n", rules.NOT_ENOUGH),
        (rows("nan", "9", "9"), rules.NAN_VALUES),
        (rows("9", "9", "9"), rules.RANGE),
    ],
)
def test_of_several_broken_rules_the_first_is_reported(tmp_path, text, message):
    with pytest.raises(Refusal) as refusal:
        check(tmp_path, text)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    "text", [rows("0.1", "word", "0.3"), rows("0.1", "0.2", "0.3") + "x,0.1,5\n", b"id,\xff\n"]
)
def test_what_is_no_csv_of_numbers_is_refused(tmp_path, text):
    with pytest.raises(Refusal):
        check(tmp_path, text)


def test_live_ids_come_from_a_parquet_file(tmp_path):
    file = tmp_path / "live.parquet"
    frame = pandas.DataFrame({"data_type": ["live", "test", "live"], "feature": [1, 2, 3]},
                             index=pandas.Index(["a", "b", "c"], name="id"))
    frame.to_parquet(file)
    assert read_live_ids(file) == {"a", "c"}


def test_live_ids_come_one_per_line_or_from_an_id_column(tmp_path):
    file = tmp_path / "ids"
    for text in ("a\nb\n", "id\na\nb\n", '"id","x"\r\n"a",1\r\nb,2\r\n'):
        file.write_text(text)
        assert read_live_ids(file) == {"a", "b"}


def test_live_ids_of_a_tournament_file_are_those_of_the_live_rows(tmp_path):
    file = tmp_path / "tournament.csv.xz"
    text = "id,era,data_type,f\na,eraX,live,0.5\nb,era121,validation,1\nc,eraX,live,0\n"
    file.write_bytes(lzma.compress(text.encode()))
    assert read_live_ids(file) == {"a", "c"}


@pytest.mark.parametrize("text", ["", "id\n", "era,id\nx,a\n", "id,data_type\na,test\n"])
def test_a_file_without_live_ids_is_an_error(tmp_path, text):
    file = tmp_path / "ids"
    file.write_text(text)
    with pytest.raises(ValueError, match="ids"):
        read_live_ids(file)
