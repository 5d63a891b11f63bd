#!/usr/bin/env python3
"""Checks that the includes in src/ keep to the architecture (docs/ARCHITECTURE.md).

    check_layers.py [SOURCE_FOLDER]      exit 0: all is well; 1: each violation on a line
"""

import pathlib
import re
import sys

# Which folders a folder may include besides its own. The folder that defines its input, no more.
ALLOWED = {
    "util": set(),
    "transport": {"util"},
    "acquire": {"util", "transport"},
    "era": {"util"},
    "decode": {"util", "era"},
    "infer": {"util", "era"},
    "stats": {"util", "era"},
    "output": {"util", "era", "stats"},
    "submit": {"util", "transport", "decode"},  # decode: a file of predictions is read as data is
}

# Third-party headers with one home. None of them in a header of ours.
HOME = {
    r"lzma\.h|lzma/.*": ("decode",),
    r"arrow/.*|parquet/.*": ("decode",),
    r"brotli/.*|(lz4|snappy-c|zlib|zstd)\.h": ("decode",),
    r"curl/.*": ("transport",),
    r"xgboost/.*": ("infer",),
    r"openssl/.*": ("util",),
    r"CLI/.*": ("cli*.cpp",),
    r"Eigen/.*|unsupported/Eigen/.*": ("stats",),
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SUFFIXES = {".h", ".hpp", ".cpp", ".cc", ".inc"}


def at_home(file, homes):
    """Whether `file` (relative to src) lies in one of `homes`: a folder, or a pattern of files
    that stand in src itself."""
    if len(file.parts) > 1:
        return file.parts[0] in homes
    return any(file.match(home) for home in homes if "." in home)


def check_third_party(file, header):
    for pattern, homes in HOME.items():
        if not re.fullmatch(pattern, header):
            continue
        if not at_home(file, homes):
            yield f"<{header}> belongs into {' or '.join(homes)} only"
        elif file.suffix == ".h":
            yield f"<{header}> must not be in a header of ours"


def check_own(file, header, folders):
    target = header.split("/")[0] if "/" in header else None
    if len(file.parts) == 1:  # the composition root sees every folder
        return
    folder = file.parts[0]
    if target is None:
        yield f'"{header}": a folder includes no file of the composition root'
    elif target not in folders:
        yield f'"{header}": there is no folder src/{target}'
    elif target != folder and target not in ALLOWED.get(folder, set()):
        yield f'"{header}": {folder} must not include {target}'


def check_tree(source):
    """All violations below `source`, each as "path:line: reason"."""
    files = sorted(p for p in source.rglob("*") if p.suffix in SUFFIXES)
    folders = {p.name for p in source.iterdir() if p.is_dir()}
    if not files:
        yield f"{source}: no sources here"
    for folder in sorted(folders - set(ALLOWED)):
        yield f"{source / folder}: unknown folder; add it to the table in check_layers.py"
    for path in files:
        file = path.relative_to(source)
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if not (match := INCLUDE.match(line)):
                continue
            header = match[2]
            reasons = [*check_third_party(file, header)]
            if match[1] == '"':
                reasons += check_own(file, header, folders)
            elif header.split("/")[0] in folders:
                reasons.append(f'<{header}>: our own headers are included with ""')
            yield from (f"{path}:{number}: {reason}" for reason in reasons)


def main():
    default = pathlib.Path(__file__).parents[2] / "src"
    source = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    violations = [*check_tree(source)]
    print("\n".join(violations) if violations else f"{source}: all includes keep to the layers")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
