"""CSV text in every form that people's programs write, and what pandas reads from it."""

import io
import random
import re
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

MISSING = ["", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND",
           "1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"]
# None of them is 0: the model of the test gives 0 for what is missing.
PLAIN = ["0.25", "0.5", "1", "2.5", "-3", "0.1", "1e-3", "7", "123456.789"]
NUMBERS = ["1e5", "1E+5", "2.5e-07", ".5", "5.", "-.5e1", "+4", "007", "00.5", "16777217", "-1e-30",
           "0.1000000052154064178466796876", "3.4028234e38", "1e-46"]
PADDED = [" 0.5", "0.5 ", "   4.000", "\t2", " 1e5\t", "1.5\x0b"]
BOOLEANS = ["True", "False", "TRUE", "false", "tRuE"]
NO_NUMBERS = ["x", "0x10", "0x1p3", "1_000", "1,5", "inf", "-Infinity", "1e999", "1e39", " nan",
              " True", "NAN", "nan(1)", "+-1", "--1", "1e", "-", ".", "1 2", " ", "$1", "50%",
              "0.5f", "1e5.5", "Infinity ", "1.0.0", "\xa01"]
IDS = ["n1", "007", "a b", "a,b", 'say "x"', "two\nlines", " padded ", "#5", "é", "x" * 300]
BAD_LABELS = ["", "NA", "None", "<NA>"]


@dataclass(frozen=True)
class Variant:
    """A file with the columns id, era, feature_a and others, and whether all of it is usual."""

    content: bytes
    is_usual: bool


class _Writer:
    """Makes one file; `oddity` is what is unusual in it, if anything."""

    def __init__(self, generator: random.Random, oddity: str) -> None:
        self.random = generator
        self.oddity = oddity
        self.quoting = generator.choice(["needed", "needed", "all", "some", "header"])
        self.newline = generator.choice(["\n", "\n", "\r\n"])
        self.rows = generator.randint(1, 9)

    def quoted(self, text: str, *, is_header: bool = False) -> str:
        must = any(c in text for c in ',"\n\r')
        wanted = (self.quoting == "all" or (self.quoting == "header" and is_header)
                  or (self.quoting == "some" and self.random.random() < 0.3))
        return '"' + text.replace('"', '""') + '"' if must or wanted else text

    def cells(self) -> list[str]:
        """The feature that is looked at."""
        if self.oddity == "booleans":
            pool = [*BOOLEANS, *self.random.choices(MISSING, k=1)]
        else:
            pool = [*PLAIN, *self.random.choices(NUMBERS, k=3)]
            pool += self.random.choices(MISSING, k=self.random.randint(0, 3))
            pool += self.random.choices(PADDED, k=self.random.randint(0, 2))
        cells = [self.random.choice(pool) for _ in range(self.rows)]
        at = self.random.randrange(self.rows)
        if self.oddity == "no_number":
            cells[at] = self.random.choice(NO_NUMBERS)
        if self.oddity == "mixed_booleans":
            cells[at] = self.random.choice(BOOLEANS)
        return cells

    def labels(self) -> list[str]:
        ids = [f"{self.random.choice(IDS)}{row}" for row in range(self.rows)]
        if self.oddity == "missing_id":
            ids[self.random.randrange(self.rows)] = self.random.choice(BAD_LABELS)
        return ids

    def table(self) -> list[list[str]]:
        names = {"index_without_name": "", "index": "index", "unnamed": "Unnamed: 0"}
        columns = {
            names.get(self.oddity, "id"): self.labels(),
            "era": ["era1" if row < 4 else "era2" for row in range(self.rows)],
            "feature_a": self.cells(),
            "comment": [self.random.choice(["", "x,y", 'a "b"', "1\n2", "NA"])
                        for _ in range(self.rows)],
        }
        order = list(columns)
        if self.oddity not in names:
            self.random.shuffle(order)
        header = [self.quoted(name, is_header=True) for name in order]
        rows = [[self.quoted(columns[name][row]) for name in order] for row in range(self.rows)]
        return [header, *rows]

    def spoilt(self, table: list[list[str]]) -> list[str]:
        """The lines, with one that is not as it should be."""
        at = self.random.randint(1, self.rows)
        fields = table[at]
        place = self.random.randrange(len(fields))
        if self.oddity == "ragged":
            table[at] = self.random.choice([fields[:-1], [*fields, "1"], fields[:1]])
        elif self.oddity == "stray_quote":
            fields[place] = self.random.choice(
                ['5" pipe', '"a"b', '"a" ', ' "a"', 'a"', '""a', '"a""b"c', 'x"y,z"', '"1"2'])
        elif self.oddity == "open_quote":
            fields[place] = '"' + fields[place].replace('"', "")
        elif self.oddity == "lone_return":
            fields[place] = self.random.choice(["a\rb", "1\r", "\r"])
        lines = [",".join(row) for row in table]
        if self.oddity == "blank_lines":
            for _ in range(3):
                lines.insert(self.random.randint(0, len(lines)),
                             self.random.choice(["", "", "  ", " \t"]))
        if self.oddity == "comment_line":
            lines.insert(at, "# a comment")
        if self.oddity == "header_only":
            lines = lines[:1]
        if self.oddity == "long_line":
            lines[at] = lines[at] + "," + "y" * self.random.choice([70_000, 300_000])
            lines = [line if i == at else line + "," for i, line in enumerate(lines)]
        return lines

    def content(self) -> bytes:
        newline = "\r" if self.oddity == "returns_only" else self.newline
        text = newline.join(self.spoilt(self.table()))
        text += self.random.choice([newline, ""])
        mark = self.random.random() < 0.3
        return (b"\xef\xbb\xbf" if mark else b"") + text.encode()


ODDITIES = ["", "", "", "", "booleans", "no_number", "no_number", "no_number", "mixed_booleans",
            "missing_id", "index_without_name", "index", "unnamed", "ragged", "stray_quote",
            "stray_quote", "open_quote", "lone_return", "blank_lines", "blank_lines",
            "comment_line", "header_only", "long_line", "returns_only"]
USUAL = {"", "booleans", "index_without_name", "index", "unnamed", "blank_lines", "long_line"}


def make_variant(seed: int) -> Variant:
    oddity = ODDITIES[seed % len(ODDITIES)]
    return Variant(_Writer(random.Random(seed), oddity).content(), oddity in USUAL)


def read_with_pandas(content: bytes) -> tuple[list[str], np.ndarray] | None:
    """Ids and feature_a; None where pandas refuses the file, or has no finite float32 numbers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            frame = pd.read_csv(io.BytesIO(content), float_precision="round_trip", index_col=False,
                                dtype={"id": str, "era": str, "index": str, "Unnamed: 0": str})
        except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError, ValueError):
            return None
        names = [name for name in ("id", "index", "Unnamed: 0") if name in frame.columns]
        if not names or "feature_a" not in frame.columns or frame.empty:
            return None
        labels = frame[[names[0], "era"]]
        column = frame["feature_a"]
        is_text = any(isinstance(cell, str) for cell in column)
        if labels.isna().any(axis=None) or is_text:
            return None
        values = column.astype(float).to_numpy().astype(np.float32)
    return None if np.isinf(values).any() else (list(labels[names[0]]), values)


def names_its_place(message: str) -> bool:
    """Whether a refusal tells where: a line, and the column or field; or what the file lacks."""
    whole_file = r"no column 'id'|no rows|is empty|carriage returns \(CR\) alone"
    in_a_row = r"the row has \d+ fields, the header \d+|the row has no (id|era)"
    in_a_field = r"column 'feature_a'|field \d+"
    return bool(re.search(whole_file, message)
                or (re.search(r"line \d+", message)
                    and re.search(f"{in_a_row}|{in_a_field}", message)))
