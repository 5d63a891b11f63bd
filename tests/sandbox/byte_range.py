"""The Range header, as far as S3 honours it: one range, in bytes."""

import re

from sandbox.s3_error import S3Error

_SINGLE = re.compile(r"bytes=(\d*)-(\d*)")


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte of the part that is asked for.

    None means the whole object: no header, several ranges, or a form that is not understood
    (RFC 9110, 14.2: such a header is ignored). Raises S3Error 416 where no byte can be served.
    """
    match = _SINGLE.fullmatch(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if first == "":
        start, end = max(0, size - int(last)), size - 1
        satisfiable = int(last) > 0 and size > 0
    else:
        start, end = int(first), min(int(last) if last else size - 1, size - 1)
        if last and int(last) < start:
            return None
        satisfiable = start < size
    if not satisfiable:
        raise S3Error(
            416,
            "InvalidRange",
            "The requested range is not satisfiable",
            {"Content-Range": f"bytes */{size}"},
        )
    return start, end
