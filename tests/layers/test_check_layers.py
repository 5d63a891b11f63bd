"""The layer check itself: a good tree passes, each kind of bad include fails."""

import pathlib
import subprocess
import sys

import pytest

CHECK = pathlib.Path(__file__).with_name("check_layers.py")

TABLE = """
| room | what is in it | what may not be in it | may include | headers that are its own |
|---|---|---|---|---|
| `cli/` | typing | work | `util` | `CLI/*` |
| `decode/files/` | opening | models | `decode`, `decode/csv`, `era`, `util` | |
| `decode/csv/` | text | pages | `decode`, `era`, `util` | |
| `decode/` | sources | models | `era`, `util` | `lzma.h` |
| `infer/` | models | data | `era`, `util` | `xgboost/*` |
| `transport/` | HTTP | stages | `util` | `curl/*` |
| `era/` | the value | I/O | `util` | |
| `util/` | anything | product knowledge | | |
"""

GOOD = {
    "main.cpp": '#include "cli/parse.h"\n#include "transport/http.h"\n',
    "cli/parse.h": "#include <string>\n",
    "cli/parse.cpp": "#include <CLI/CLI.hpp>\n",
    "util/error.h": "#include <string>\n",
    "transport/http.h": '#include "util/error.h"\n',
    "transport/http.cpp": '#include "transport/http.h"\n#include <curl/curl.h>\n',
    "era/batch.h": '#include "util/error.h"\n',
    "decode/source.h": '#include "era/batch.h"\n',
    "decode/csv/xz.cpp": '#include "decode/source.h"\n#include <lzma.h>\n',
    "decode/files/open.cpp": '#include "decode/csv/text.h"\n',
    "decode/csv/text.h": "",
    "infer/booster.cpp": '#include "era/batch.h"\n  #  include <xgboost/c_api.h>\n',
}


def run(folder, files, table=TABLE):
    source = folder / "src"
    for name, text in files.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    source.mkdir(exist_ok=True)
    (folder / "ARCHITECTURE.md").write_text(table)
    return subprocess.run([sys.executable, CHECK, source, folder / "ARCHITECTURE.md"],
                          capture_output=True, text=True)


def test_a_good_tree_passes(tmp_path):
    result = run(tmp_path, GOOD)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("file, line, reason", [
    ("decode/csv/x.cpp", '#include "infer/booster.h"', "decode/csv must not include infer"),
    ("decode/x.cpp", '#include "decode/csv/text.h"', "decode must not include decode/csv"),
    ("util/x.cpp", '#include "era/batch.h"', "util must not include era"),
    ("infer/x.cpp", '#include "transport/http.h"', "infer must not include transport"),
    ("decode/x.cpp", '#include "source.h"', "named by their room"),
    ("decode/x.cpp", '#include "config/config.h"', "there is no room config"),
    ("config.h", "", "the root is no room"),
    ("infer/x.cpp", "#include <lzma.h>", "belongs into decode"),
    ("main.cpp", "#include <curl/curl.h>", "belongs into transport"),
    ("main.cpp", "#include <CLI/CLI.hpp>", "belongs into cli"),
    ("util/cli.cpp", "#include <CLI/CLI.hpp>", "belongs into cli"),
    ("decode/xz.h", "#include <lzma.h>", "must not be in a header"),
    ("decode/x.cpp", "#include <era/batch.h>", 'included with ""'),
    ("helpers/x.cpp", "", "unknown room"),
])
def test_a_bad_include_fails(tmp_path, file, line, reason):
    result = run(tmp_path, GOOD | {file: line + "\n"})
    assert result.returncode == 1
    assert reason in result.stdout
    assert file in result.stdout


@pytest.mark.parametrize("row, reason", [
    ("| `util/` | anything | product knowledge | `era` | |", "era, which stands above it"),
    ("| `util/` | anything | product knowledge | `attic` | |", "attic, which is no room"),
    ("| `util/` | anything | nothing | | |\n| `cellar/` | wine | | | |", "nothing is in cellar"),
])
def test_a_bad_table_fails(tmp_path, row, reason):
    result = run(tmp_path, GOOD, TABLE.replace("| `util/` | anything | product knowledge | | |", row))
    assert result.returncode == 1
    assert reason in result.stdout


def test_an_empty_tree_fails(tmp_path):
    assert run(tmp_path, {}).returncode == 1


def test_a_page_without_the_table_fails(tmp_path):
    assert run(tmp_path, GOOD, "no table").returncode == 1


def test_two_types_of_one_name_in_a_namespace_are_found(tmp_path):
    twin = "namespace erawise::decode {{\n\nstruct Choice final {{\n    {} value;\n}};\n\n}}\n"
    result = run(tmp_path, {**GOOD, "decode/files/a.h": twin.format("int"),
                            "decode/csv/b.h": twin.format("long")})
    assert result.returncode == 1
    assert "erawise::decode::Choice is defined in decode/csv/b.h, too" in result.stdout


def test_types_of_one_name_in_two_namespaces_are_fine(tmp_path):
    type_ = "namespace {} {{\nclass Choice {{\n    struct Part {{}};\n}};\n}}\n"
    result = run(tmp_path, {**GOOD, "decode/a.h": type_.format("erawise::decode"),
                            "era/b.h": type_.format("erawise::era")})
    assert result.returncode == 0, result.stdout
