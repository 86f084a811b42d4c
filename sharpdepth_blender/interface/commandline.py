"""The command `sharpdepth`: one picture in, one metric mesh out, without a window."""

import json
import sys
from argparse import Namespace
from collections.abc import Sequence

from ..process import JobError
from ..scene import SceneError
from .arguments import UsageError, parse
from .picture_to_mesh import BadInput, Report, picture_to_mesh
from .terminal import ProgressBar

# What a person can mend; anything else is a mistake of ours and may show its traceback.
MENDABLE = (BadInput, JobError, SceneError)


def main(argv: Sequence[str]) -> int:
    """Run the command line.

    Args:
        argv: The words after `sharpdepth`.

    Returns:
        Exit code: 0 done, 1 with one sentence on stderr, 2 for words that make no sense, 130
        interrupted.
    """
    as_json = "--json" in argv
    try:
        arguments = parse(argv)
    except SystemExit:  # --help has been printed
        return 0
    except UsageError as error:
        return _fail("usage", str(error), as_json, code=2)

    bar = ProgressBar(sys.stderr)
    try:
        report = picture_to_mesh(arguments, bar.show)
    except MENDABLE as error:
        bar.clear()
        return _fail(getattr(error, "kind", "bad_input"), str(error), as_json)
    except KeyboardInterrupt:
        bar.clear()
        return _fail("cancelled", "Interrupted; no file was left half written.", as_json, code=130)
    bar.clear()
    print(json.dumps(vars(report)) if as_json else _summary(arguments, report), flush=True)
    return 0


def _fail(kind: str, sentence: str, as_json: bool, code: int = 1) -> int:
    print(f"sharpdepth: {sentence}", file=sys.stderr, flush=True)
    if as_json:
        print(json.dumps({"error": {"kind": kind, "message": sentence}}), flush=True)
    return code


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
