"""Command line: `python3 -m sandbox --datasets DIR --live-ids FILE`."""

import argparse
import json
import os
import signal
from pathlib import Path

from sandbox.account import SCOPES, Account, Model
from sandbox.rounds import RoundState
from sandbox.sandbox import DEFAULT_MODEL, Sandbox


def parse_arguments() -> argparse.Namespace:
    defaults = Account()
    parser = argparse.ArgumentParser(
        prog="sandbox", description="A local stand-in for Numerai, for demonstrations and tests."
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=0, help="0, the default, takes a free port")
    add("--port-file", type=Path, help="file that gets the port, written atomically")
    add("--datasets", type=Path, required=True, help="folder of the data sets")
    add("--live-ids", type=Path, required=True, help="text, CSV, CSV.xz or Parquet file of the live ids")
    add("--public-id", default=defaults.public_id)
    add("--secret-key", default=defaults.secret_key)
    add("--scope", action="append", choices=SCOPES, help="scope of the key; default: all")
    add("--model", action="append", metavar="NAME[=UUID]", help="model of the account")
    add("--url-expiry", type=int, default=600, metavar="SECONDS", help="of presigned URLs")
    add("--faults", type=Path, metavar="FILE", help="JSON list of faults, see README.md")
    rounds = parser.add_argument_group("round", "times are seconds from the start")
    add = rounds.add_argument
    add("--round-state", choices=[s.value for s in RoundState], default=RoundState.OPEN.value)
    add("--round-number", type=int, default=1100)
    add("--opens-in", type=float, metavar="SECONDS")
    add("--closes-in", type=float, metavar="SECONDS", help="end of the on-time window")
    add("--late-window", type=float, metavar="SECONDS", help="from there to the end of late ones")
    add("--data-datestamp", type=int, metavar="YYYYMMDD")
    return parser.parse_args()


def make_sandbox(arguments: argparse.Namespace) -> Sandbox:
    """Builds the sandbox; nothing is served yet."""
    models = tuple(Model.parse(text) for text in arguments.model or ())
    account = Account(
        arguments.public_id,
        arguments.secret_key,
        tuple(arguments.scope or SCOPES),
        models or (DEFAULT_MODEL,),
    )
    if not arguments.datasets.is_dir():
        raise NotADirectoryError(f"no such folder of data sets: {arguments.datasets}")
    sandbox = Sandbox(
        arguments.datasets,
        arguments.live_ids,
        account=account,
        host=arguments.host,
        port=arguments.port,
        url_expiry_seconds=arguments.url_expiry,
    )
    sandbox.rounds.script(
        arguments.round_state,
        number=arguments.round_number,
        opens_in=arguments.opens_in,
        closes_in=arguments.closes_in,
        late_window=arguments.late_window,
        data_datestamp=arguments.data_datestamp,
    )
    if arguments.faults:
        sandbox.faults.add(json.loads(arguments.faults.read_text(encoding="utf-8")))
    return sandbox


def write_atomically(path: Path, text: str) -> None:
    """A reader sees either no file or all of it."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def main() -> None:
    # Blocked here and in all threads, the signals wait for sigwait: a stop needs no handler,
    # and it works for process 1 of a container, too.
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    arguments = parse_arguments()
    try:
        sandbox = make_sandbox(arguments)
    except (OSError, ValueError) as error:
        raise SystemExit(f"sandbox: {error}") from None
    with sandbox:
        if arguments.port_file:
            write_atomically(arguments.port_file, f"{sandbox.port}\n")
        print(f"sandbox listening on {sandbox.url}", flush=True)
        signal.sigwait(signals)


if __name__ == "__main__":
    main()
