"""Man page and completions, as the binary prints them for packages."""

import shutil
import subprocess

import pytest

from e2e.support.binary import EXIT_DONE, Erawise

COMMANDS = "run predict backtest score download submit inspect doctor diagnose"


def printed(erawise: Erawise, form: str) -> str:
    return erawise(f"--help-{form}").expect(EXIT_DONE).stdout.decode()


@pytest.mark.parametrize(("form", "check"), [
    ("bash", ["bash", "-n"]), ("zsh", ["zsh", "-n"]),
    ("man", ["groff", "-man", "-Tutf8", "-ww", "-z"])])
def test_their_tools_take_them(erawise: Erawise, form: str, check: list[str]) -> None:
    if not shutil.which(check[0]):
        pytest.skip(f"{check[0]} is not installed")
    file = erawise.folder / f"document.{form}"
    file.write_text(printed(erawise, form))
    result = subprocess.run([*check, file], capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")


def complete(script: str, *words: str) -> set[str]:
    """What bash offers for the last of the words."""
    line = " ".join(f"'{word}'" for word in words)
    program = (f"{script}\nCOMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _erawise; "
               'printf "%s\\n" "${COMPREPLY[@]}"')
    return set(subprocess.run(["bash", "-c", program], capture_output=True, check=True,
                              text=True).stdout.split())


def test_bash_completes(erawise: Erawise) -> None:
    script = printed(erawise, "bash")
    assert complete(script, "erawise", "") == {*COMMANDS.split(), "--help", "--version"}
    assert complete(script, "erawise", "inspect", "--mod") == {"--model"}
    assert complete(script, "erawise", "run", "--log-format", "") == {"text", "json"}
    assert complete(script, "erawise", "run", "--sh") == {"--shard"}
    assert complete(script, "erawise", "download", "--sh") == set()


def test_tables_are_printed_as_the_documents_have_them(erawise: Erawise) -> None:
    assert printed(erawise, "markdown").startswith("| key in the file | environment | flag |")
    assert printed(erawise, "settings").startswith("| flag of `run` | environment |")
