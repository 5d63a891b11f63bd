#!/usr/bin/env python3
"""Checks that the includes in src/ keep to the table of rooms in docs/ARCHITECTURE.md, and that no
two headers define a type of one name in one namespace: neither compiler nor linker tells, and one
of the two gets the other's functions.

    check_layers.py [SOURCE_FOLDER [ARCHITECTURE.md]]    exit 0: all is well; 1: each violation on a line

The table is the rule: a row per room, from the top of the house down, with the rooms that it may
include besides its own, and the headers of others that belong to it. A room may include only rooms
below it. In the root stands main.cpp alone.
"""

import fnmatch
import pathlib
import re
import sys
from dataclasses import dataclass

ROOT_FILES = {"main.cpp"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SUFFIXES = {".h", ".hpp", ".cpp", ".cc", ".inc"}
NAMESPACE = re.compile(r"^namespace ([\w:]+) \{", re.MULTILINE)
TYPE = re.compile(r"^(?:class|struct|enum class)\s+(\w+)(?:\s+final)?\s*(?::[^{;]*)?\{", re.MULTILINE)
ROW = re.compile(r"^\| `([a-z_/]+)/` \|(.*)\|\s*$")


@dataclass(frozen=True)
class Room:
    name: str
    includes: frozenset[str]
    headers: tuple[str, ...]  # patterns of third-party headers that no other room includes


def names_of(cell):
    return re.findall(r"`([^`]+)`", cell)


def read_rooms(path):
    """The rooms of the table, from the top down."""
    rooms = {}
    for line in path.read_text().splitlines():
        if match := ROW.match(line):
            cells = [cell.strip() for cell in match[2].split("|")]
            includes, headers = cells[-2], cells[-1]
            rooms[match[1]] = Room(match[1], frozenset(names_of(includes)), tuple(names_of(headers)))
    return rooms


def check_table(rooms):
    """Whether the table has no arrow back."""
    order = list(rooms)
    for room in rooms.values():
        for name in sorted(room.includes):
            if name not in rooms:
                yield f"ARCHITECTURE.md: {room.name} includes {name}, which is no room of the table"
            elif order.index(name) < order.index(room.name):
                yield f"ARCHITECTURE.md: {room.name} includes {name}, which stands above it"


def check_third_party(file, room, header, rooms):
    for owner in rooms.values():
        if not any(fnmatch.fnmatchcase(header, pattern) for pattern in owner.headers):
            continue
        if room != owner.name and not room.startswith(owner.name + "/"):
            yield f"<{header}> belongs into {owner.name} only"
        elif file.suffix == ".h":
            yield f"<{header}> must not be in a header of ours"


def check_own(room, header, rooms):
    target = str(pathlib.PurePosixPath(header).parent)
    if target == ".":
        yield f'"{header}": headers are named by their room'
    elif target not in rooms:
        yield f'"{header}": there is no room {target}'
    elif room and target != room and target not in rooms[room].includes:
        yield f'"{header}": {room} must not include {target}'


def check_file(path, file, rooms):
    room = str(file.parent) if len(file.parts) > 1 else ""
    if not room and file.name not in ROOT_FILES:
        yield f"{path}: the root is no room: main.cpp stands there alone"
    if room and room not in rooms:
        yield f"{path}: unknown room {room}; add it to the table in docs/ARCHITECTURE.md"
        return
    tops = {name.split("/")[0] for name in rooms}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not (match := INCLUDE.match(line)):
            continue
        header = match[2]
        reasons = [*check_third_party(file, room, header, rooms)]
        if match[1] == '"':
            reasons += check_own(room, header, rooms)
        elif header.split("/")[0] in tops:
            reasons.append(f'<{header}>: our own headers are included with ""')
        yield from (f"{path}:{number}: {reason}" for reason in reasons)


def check_twins(source, headers):
    """Types at the beginning of a line stand in the file's namespace; others within a type."""
    seen = {}
    for path in headers:
        text = path.read_text()
        namespace = match[1] if (match := NAMESPACE.search(text)) else ""
        for name in TYPE.findall(text):
            first = seen.setdefault((namespace, name), path)
            if first != path:
                yield f"{path}: {namespace}::{name} is defined in {first.relative_to(source)}, too"


def check_tree(source, table):
    """All violations below `source`, each as "path:line: reason"."""
    rooms = read_rooms(table)
    files = sorted(p for p in source.rglob("*") if p.suffix in SUFFIXES)
    if not rooms:
        yield f"{table}: no table of rooms here"
    if not files:
        yield f"{source}: no sources here"
    yield from check_table(rooms)
    inhabited = {str(p.relative_to(source).parent) for p in files}
    for name in rooms:
        if files and name not in inhabited:
            yield f"{table}: nothing is in {name}"
    for path in files:
        yield from check_file(path, path.relative_to(source), rooms)
    yield from check_twins(source, [path for path in files if path.suffix == ".h"])


def main():
    top = pathlib.Path(__file__).parents[2]
    source = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else top / "src"
    table = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else top / "docs" / "ARCHITECTURE.md"
    violations = [*check_tree(source, table)]
    print("\n".join(violations) if violations else f"{source}: all includes keep to the table")
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
