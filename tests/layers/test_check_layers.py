"""The layer check itself: a good tree passes, each kind of bad include fails."""

import pathlib
import subprocess
import sys

import pytest

CHECK = pathlib.Path(__file__).with_name("check_layers.py")

GOOD = {
    "main.cpp": '#include "cli.h"\n#include "transport/http.h"\n',
    "cli.h": "#include <string>\n",
    "cli.cpp": "#include <CLI/CLI.hpp>\n",
    "config.h": "",
    "util/error.h": "#include <string>\n",
    "transport/http.h": '#include "util/error.h"\n',
    "transport/http.cpp": '#include "transport/http.h"\n#include <curl/curl.h>\n',
    "acquire/download.cpp": '#include "transport/http.h"\n',
    "era/batch.h": '#include "util/error.h"\n',
    "decode/xz.cpp": '#include "era/batch.h"\n#include <lzma.h>\n',
    "infer/booster.cpp": '#include "era/batch.h"\n  #  include <xgboost/c_api.h>\n',
    "output/writer.cpp": '#include "era/batch.h"\n',
    "submit/upload.cpp": '#include "transport/http.h"\n',
}


def run(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return subprocess.run([sys.executable, CHECK, folder], capture_output=True, text=True)


def test_a_good_tree_passes(tmp_path):
    result = run(tmp_path, GOOD)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("file, line, reason", [
    ("decode/csv.cpp", '#include "infer/booster.h"', "decode must not include infer"),
    ("util/x.cpp", '#include "era/batch.h"', "util must not include era"),
    ("infer/x.cpp", '#include "transport/http.h"', "infer must not include transport"),
    ("output/x.cpp", '#include "infer/booster.h"', "output must not include infer"),
    ("submit/x.cpp", '#include "output/writer.h"', "submit must not include output"),
    ("decode/x.cpp", '#include "config.h"', "composition root"),
    ("infer/x.cpp", "#include <lzma.h>", "belongs into decode"),
    ("main.cpp", "#include <curl/curl.h>", "belongs into transport"),
    ("main.cpp", "#include <CLI/CLI.hpp>", "belongs into cli*.cpp"),
    ("util/cli.cpp", "#include <CLI/CLI.hpp>", "belongs into cli*.cpp"),
    ("decode/x.cpp", "#include <xgboost/c_api.h>", "belongs into infer"),
    ("decode/xz.h", "#include <lzma.h>", "must not be in a header"),
    ("decode/p.h", "#include <parquet/file_reader.h>", "must not be in a header"),
    ("decode/x.cpp", "#include <era/batch.h>", 'included with ""'),
    ("helpers/x.cpp", "", "unknown folder"),
])
def test_a_bad_include_fails(tmp_path, file, line, reason):
    result = run(tmp_path, GOOD | {file: line + "\n"})
    assert result.returncode == 1
    assert reason in result.stdout
    assert file.split("/")[-1] in result.stdout or file.split("/")[0] in result.stdout


def test_an_empty_tree_fails(tmp_path):
    assert run(tmp_path, {}).returncode == 1
