"""The words of `sharpdepth models`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..parser import Parser


def parse_models(argv: Sequence[str]) -> argparse.Namespace:
    """The words after `models` as values; `task` is None, `get`, `add`, `remove` or `verify`.

    Raises:
        UsageError: a word is unknown or missing.
        SystemExit: `--help` was asked for and has been printed.
    """
    # Wherever they stand: before the task, or after it.
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument(
        "--folder", type=Path, metavar="DIR",
        help="the library's folder (default: what the variable SHARPDEPTH_MODELS names, else "
        "HF_HOME/sharpdepth where HF_HOME is set, else the system's place for a user's data)",
    )  # fmt: skip
    common.add_argument(
        "--json", action="store_true", help="print one JSON object as the last line of stdout"
    )
    parser = Parser(
        prog="sharpdepth models", parents=[common],
        description="List presets and weights: what for, whether they are here, size, licence.",
    )  # fmt: skip
    tasks = parser.add_subparsers(metavar="COMMAND", title="commands")

    def add_task(name: str, purpose: str) -> argparse.ArgumentParser:
        task = tasks.add_parser(
            name, parents=[common], help=purpose, description=f"{purpose[:1].upper()}{purpose[1:]}."
        )
        task.set_defaults(task=name)
        return task

    get = add_task("get", "download a preset's weights, or weights, after showing size and licence")
    get.add_argument("name", metavar="NAME", help="of a preset or of weights")
    get.add_argument("--yes", action="store_true", help="do not ask")
    add = add_task("add", "copy weights into the library from a folder on disk")
    add.add_argument("name", metavar="NAME", help="of weights")
    add.add_argument(
        "path", type=Path, metavar="PATH",
        help="folder with the files of these weights, or with the parts of their release",
    )  # fmt: skip
    remove = add_task("remove", "remove weights, or those of a preset that no other one needs")
    remove.add_argument("name", metavar="NAME", help="of a preset or of weights")
    verify = add_task("verify", "compare weights, byte for byte, with what is known of them")
    verify.add_argument(
        "name", nargs="?", metavar="NAME",
        help="of a preset or of weights (default: all that are here)",
    )  # fmt: skip
    return parser.parse_args(argv, argparse.Namespace(task=None, folder=None, json=False))
