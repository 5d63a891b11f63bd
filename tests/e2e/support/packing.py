"""xz files of every kind, by the xz tool."""

import subprocess


def xz(content: bytes, *options: str) -> bytes:
    """One stream; options as of the command line."""
    command = ["xz", "--stdout", "--threads=1", *(options or ("-1",))]
    return subprocess.run(command, input=content, stdout=subprocess.PIPE, check=True).stdout


def xz_in_streams(content: bytes, streams: int) -> bytes:
    """Concatenated streams, cut anywhere."""
    bounds = [len(content) * i // streams for i in range(streams + 1)]
    return b"".join(xz(content[a:b]) for a, b in zip(bounds, bounds[1:], strict=False))


def xz_in_blocks(content: bytes, block_bytes: int) -> bytes:
    """One stream of several blocks with their sizes, as xz -T2 makes it."""
    return xz(content, "-1", "--threads=2", f"--block-size={block_bytes}")
