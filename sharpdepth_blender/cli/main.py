"""Main: the command `sharpdepth`, from arguments to exit code."""

import json
import signal
import sys
from collections.abc import Sequence

from ..files import printable
from ..library import LibraryError
from ..process import JobError
from ..scene import SceneError
from .check_move import parse_move, run_move
from .errors import BadInput, Declined, Interrupted, UsageError
from .export import parse_export, run_export
from .layer import parse_layer, run_layer
from .layers import parse_layers, run_layers
from .models import parse_models, run_models
from .paint import parse_paint, run_paint
from .picture import parse_picture, run_picture
from .progress_bar import ProgressBar
from .project import parse_project, run_project
from .sequence import parse_sequence, run_sequence

# Errors that the user can fix; any other is a bug and may show its traceback.
MENDABLE = (BadInput, Declined, Interrupted, JobError, LibraryError, SceneError, UsageError)
EXIT_CODES = {"usage": 2, "cancelled": 130}

# Subcommands: functions to run one and to parse its arguments. The former takes the arguments and a
# progress bar and returns the report for `--json`, a text, and optionally a nonzero exit code.
_COMMANDS = {
    "check-move": (run_move, parse_move),
    "export": (run_export, parse_export),
    "layer": (run_layer, parse_layer),
    "layers": (run_layers, parse_layers),
    "models": (run_models, parse_models),
    "paint": (run_paint, parse_paint),
    "project": (run_project, parse_project),
    "sequence": (run_sequence, parse_sequence),
}


def main(argv: Sequence[str]) -> int:
    """Run the command line.

    Args:
        argv: The arguments after `sharpdepth`.

    Returns:
        Exit code: 0 success, 1 error with one sentence on stderr, 2 invalid arguments, 130
        interrupted.
    """
    as_json = "--json" in argv
    raise_interrupts()
    bar = ProgressBar(sys.stderr)
    try:
        try:
            run, arguments = _parse(argv)
        except SystemExit:  # --help has been printed
            return 0
        report, text, *code = run(arguments, bar)
    except MENDABLE as error:
        bar.clear()
        return _fail(error.kind, str(error), as_json)
    except KeyboardInterrupt:
        bar.clear()
        return _fail("cancelled", "Interrupted; no file is left incomplete.", as_json)
    bar.clear()
    print(json.dumps(report) if as_json else printable(text), flush=True)
    return code[0] if code else 0


def _parse(argv: Sequence[str]):
    """Return the command to run and its arguments."""
    if argv and argv[0] in _COMMANDS:
        run, parse = _COMMANDS[argv[0]]
        return run, parse(argv[1:])
    return run_picture, parse_picture(argv)


def _fail(kind: str, sentence: str, as_json: bool) -> int:
    print(f"sharpdepth: {printable(sentence)}", file=sys.stderr, flush=True)
    if as_json:
        print(json.dumps({"error": {"kind": kind, "message": sentence}}), flush=True)
    return EXIT_CODES.get(kind, 1)


def raise_interrupts() -> None:
    """Make Ctrl+C raise `KeyboardInterrupt` in the main thread, until this process ends.

    Blender installs a C handler that only sets a flag, which nothing but renders checks.
    """
    if (
        signal.getsignal(signal.SIGINT) is None
    ):  # a C handler, neither Python's nor ignored by a shell
        signal.signal(signal.SIGINT, signal.default_int_handler)
