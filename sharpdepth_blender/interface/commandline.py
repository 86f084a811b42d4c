"""The command `sharpdepth`: one picture in, one metric mesh out, without a window."""

import json
import sys
from argparse import Namespace
from collections.abc import Sequence

from ..library import LibraryError
from ..process import JobError
from ..scene import SceneError
from .arguments import parse_picture
from .errors import BadInput, Declined, Interrupted, UsageError
from .export import parse_export, run_export
from .interrupts import raise_interrupts
from .layers import parse_layers, run_layers
from .models import parse_models, run_models
from .move import parse_move, run_move
from .picture_to_mesh import Report, picture_to_mesh
from .project import parse_project, run_project
from .quiet import quiet
from .sequence import parse_sequence, run_sequence
from .terminal import ProgressBar

# What a person can mend; anything else is a mistake of ours and may show its traceback.
MENDABLE = (BadInput, Declined, Interrupted, JobError, LibraryError, SceneError, UsageError)
EXIT_CODES = {"usage": 2, "cancelled": 130}

# What the first word may be, in place of a picture: how to run it, and how to read its words. A
# run gets the arguments and a progress bar; it returns the report for `--json`, a text, and the
# exit code where that may be another than 0.
_COMMANDS = {
    "check-move": (run_move, parse_move),
    "export": (run_export, parse_export),
    "layers": (run_layers, parse_layers),
    "models": (run_models, parse_models),
    "project": (run_project, parse_project),
    "sequence": (run_sequence, parse_sequence),
}


def main(argv: Sequence[str]) -> int:
    """Run the command line.

    Args:
        argv: The words after `sharpdepth`.

    Returns:
        Exit code: 0 done, 1 with one sentence on stderr, 2 for words that make no sense, 130
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
        return _fail("cancelled", "Interrupted; no file was left half written.", as_json)
    bar.clear()
    print(json.dumps(report) if as_json else text, flush=True)
    return code[0] if code else 0


def _parse(argv: Sequence[str]):
    """What is to be run, and on which arguments."""
    if argv and argv[0] in _COMMANDS:
        run, parse = _COMMANDS[argv[0]]
        return run, parse(argv[1:])
    return _run_picture, parse_picture(argv)


@quiet()
def _run_picture(arguments: Namespace, bar: ProgressBar) -> tuple[dict, str]:
    report = picture_to_mesh(arguments, bar.show)
    return vars(report), _summary(arguments, report)


def _fail(kind: str, sentence: str, as_json: bool) -> int:
    print(f"sharpdepth: {sentence}", file=sys.stderr, flush=True)
    if as_json:
        print(json.dumps({"error": {"kind": kind, "message": sentence}}), flush=True)
    return EXIT_CODES.get(kind, 1)


def _summary(arguments: Namespace, report: Report) -> str:
    lines = [
        f"{arguments.picture.name}: {report.width} x {report.height} pixels, "
        f"model {report.model} on {report.device}, {report.seconds['total']:.1f} s",
        f"z-depth {report.depth_min:.2f} m nearest, {report.depth_median:.2f} m median, "
        f"{report.depth_max:.2f} m farthest",
        *(f"note: {note}" for note in report.notes),
        *(f"wrote {path}" for path in report.files.values()),
    ]
    return "\n".join(lines)
