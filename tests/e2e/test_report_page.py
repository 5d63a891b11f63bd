"""--report-html: the page of a run, as the binary writes it."""

import re
from html.parser import HTMLParser
from pathlib import Path

from e2e.support.binary import EXIT_DISK, EXIT_DONE, EXIT_MEMORY, EXIT_MODEL, Erawise
from e2e.support.tournament import PUBLIC, SECRET, Tournament


class Structure(HTMLParser):
    """Every element that is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """<line/> needs no end."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read_page(path: Path) -> str:
    """The page's text; fails when the page is not well formed or runs something."""
    page = path.read_text()
    structure = Structure()
    structure.feed(page)
    assert structure.open == []
    assert "<script" not in page and "://" not in page
    assert SECRET not in page and PUBLIC not in page and "X-Amz" not in page
    return structure.text


def test_of_a_run(tournament: Tournament, tmp_path: Path) -> None:
    page = tmp_path / "run.html"
    tournament.run("--memory-limit", "2GiB", "--report-html", page).expect(EXIT_DONE)
    text = read_page(page)
    submission = tournament.submissions[0]
    for expected in (f"Round {submission['round']}: 1 model submitted", submission["id"],
                     "example_model", "accepted", "3,000", "account", "acquire", "predict",
                     "decode", "submit", "Rows by era", "mean 0.", "Memory plan"):
        assert expected in text


def test_peak_of_the_curve_is_the_peak_of_the_run(tournament: Tournament, tmp_path: Path) -> None:
    page = tmp_path / "run.html"
    result = tournament.run("--memory-limit", "2GiB", "--report-html", page).expect(EXIT_DONE)
    peak = re.search(r"peak ([\d.]+ MiB)", read_page(page))
    logged = re.search(r"peak RSS ([\d.]+ MiB)", result.last_line)
    assert peak and logged and float(peak[1][:-4]) <= float(logged[1][:-4])
    assert float(peak[1][:-4]) >= 0.9 * float(logged[1][:-4])


def test_of_a_run_that_failed(erawise: Erawise, data: Path, model: Path, tmp_path: Path) -> None:
    page = tmp_path / "run.html"
    erawise("predict", "--data", data, "--model", model, "--memory-limit", "2MiB",
            "--report-html", page).expect(EXIT_MEMORY)
    text = read_page(page)
    assert "Exit code 12" in text and "MiB would do" in text and "What to do" in text


def test_of_a_run_with_one_bad_model(make_tournament, tmp_path: Path) -> None:
    tournament = make_tournament(models=("example_model", "broken"))
    (tournament.models / "broken.ubj").write_bytes(b"<script>no model</script>")
    page = tmp_path / "run.html"
    tournament.run("--report-html", page).expect(EXIT_MODEL)
    text = read_page(page)
    assert "1 of 2 models submitted" in text and "Exit code 4" in text


def test_that_cannot_be_written(erawise: Erawise, data: Path, model: Path, tmp_path: Path) -> None:
    erawise("predict", "--data", data, "--model", model, "--report-html",
            tmp_path / "missing" / "run.html").expect(EXIT_DISK, "report page: ", "missing")


def test_changes_no_prediction(erawise: Erawise, data: Path, model: Path, tmp_path: Path) -> None:
    plain = erawise.predict(data, model)
    assert erawise.predict(data, model, "--report-html", tmp_path / "run.html") == plain
