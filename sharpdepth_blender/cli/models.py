"""The command `sharpdepth models`: list, download, add, remove and verify weights."""

import argparse
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from ..library import PRESETS, WEIGHTS, Library
from ..library.place import VARIABLE, default_folder
from ..process import Engine, JobError
from ..process.job import Job, Progress, WeightsResult
from ..tasks.formatting import format_bytes
from ..tasks.names import find_parts, find_weights
from ..tasks.online import check_online_access
from ..tasks.parts_progress import PartsProgress
from ..tasks.self_test import begin_self_test, untried, verdict
from .arguments import Parser
from .errors import Interrupted
from .models_list import ask, describe, survey
from .progress_bar import ProgressBar


def parse_models(argv: Sequence[str]) -> Namespace:
    """Parse the arguments of `models`; `task` is None, `get`, `add`, `remove` or `verify`.

    Raises:
        UsageError: An argument is unknown or missing.
        SystemExit: `--help` has been printed.
    """
    # Accepted before and after the task.
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument(
        "--folder", type=Path, metavar="DIR",
        help="library folder (default: the environment variable SHARPDEPTH_MODELS, else "
        "HF_HOME/sharpdepth if HF_HOME is set, else the system's folder for user data)",
    )  # fmt: skip
    common.add_argument(
        "--json", action="store_true", help="print one JSON object as the last line of stdout"
    )
    parser = Parser(
        prog="sharpdepth models", parents=[common],
        description="List presets and weights: purpose, whether installed, size, license.",
    )  # fmt: skip
    tasks = parser.add_subparsers(metavar="COMMAND", title="commands")

    def add_task(name: str, purpose: str) -> argparse.ArgumentParser:
        task = tasks.add_parser(
            name, parents=[common], help=purpose, description=f"{purpose[:1].upper()}{purpose[1:]}."
        )
        task.set_defaults(task=name)
        return task

    get = add_task(
        "get",
        "download weights or a preset's weights, after showing size and license, then test them",
    )
    get.add_argument("name", metavar="NAME", help="name of a preset or of weights")
    get.add_argument("--yes", action="store_true", help="do not ask")
    add = add_task("add", "copy weights into the library from a folder on disk, then test them")
    add.add_argument("name", metavar="NAME", help="name of weights")
    add.add_argument(
        "path", type=Path, metavar="PATH",
        help="folder with the files of these weights or with the parts of their release; or the "
        "file itself that they are published as, under any name",
    )  # fmt: skip
    remove = add_task("remove", "remove weights, or those that only this preset needs")
    remove.add_argument("name", metavar="NAME", help="name of a preset or of weights")
    verify = add_task("verify", "verify weights, byte by byte, against their recorded hashes")
    verify.add_argument(
        "name", nargs="?", metavar="NAME",
        help="name of a preset or of weights (default: all installed ones)",
    )  # fmt: skip
    return parser.parse_args(argv, Namespace(task=None, folder=None, json=False))


def run_models(arguments: Namespace, bar: ProgressBar) -> tuple[dict, str]:
    """Run `models`.

    Args:
        arguments: From `parse_models`.
        bar: Progress bar.

    Returns:
        The report for `--json`, and the same as text.

    Raises:
        LibraryError: Any error of the library.
        JobError: Any error of the engine, or the engine is missing or died.
        Declined: The user declined the download.
        Interrupted: The user pressed Ctrl+C.
    """
    return _TASKS[arguments.task](arguments, Library(arguments.folder), bar)


def _list(arguments, library, bar):
    found = survey(library)
    return found, describe(found)


def _get(arguments, library, bar):
    parts = find_parts(arguments.name)
    here, missing = [], []
    for weights in parts:
        if installed := library.installed(weights):
            here.append(
                WeightsResult(weights.name, installed.folder, installed.where, installed.size, [])
            )
        else:
            missing.append(weights)
    if missing:
        check_online_access()
        ask(missing, library, arguments.name, arguments.yes)
    progress = PartsProgress([weights.size for weights in missing])
    with Engine(models=library.folder) as engine:
        for weights in missing:
            kept = "the partial download is kept, and the same command resumes it"
            here.append(_follow(engine.get_weights(weights.name), bar, kept, progress))
            progress.next_part()
        report = _report(here, "is installed", library)
        return _tried(engine, arguments.name, bar, *report) if missing else report


def _add(arguments, library, bar):
    weights = find_weights(arguments.name)
    with Engine(models=library.folder) as engine:
        job = engine.add_weights(weights.name, arguments.path)
        report = _report([_follow(job, bar, "nothing was added")], "is installed", library)
        return _tried(engine, weights.name, bar, *report)


def _tried(
    engine: Engine, name: str, bar: ProgressBar, report: dict, text: str
) -> tuple[dict, str]:
    """Try weights that have just been installed, and add what comes of it to a report."""
    job = begin_self_test(engine, name)
    if job is None:
        return report, f"{text}\nnote: {untried(name)}"
    with suppress(JobError):  # which the verdict tells
        _wait(job, lambda event: bar.show(event.fraction, f"Self-test: {event.message}"),
              "the weights are installed, without a self-test")  # fmt: skip
    found = verdict(job, name)
    return (
        report | {"self_test": {"right": found.right, "words": found.words}},
        f"{text}\n{found.words}",
    )


def _remove(arguments, library, bar):
    parts = find_parts(arguments.name)
    folders = {
        weights.name: (library.place(weights), library.download_folder(weights))
        for weights in parts
    }
    here = [each for each in parts if any(folder.is_dir() for folder in folders[each.name])]
    needed = _needed_elsewhere(arguments.name, library) if arguments.name in PRESETS else {}
    removed, kept = [], []
    for weights in here or parts[:1]:  # the library reports why it cannot be removed
        if weights.name in needed:
            kept.append({"name": weights.name, "preset": needed[weights.name]})
        else:
            removed.append({"name": weights.name, "bytes": library.remove(weights)})
    lines = [f"{each['name']} removed: {format_bytes(each['bytes'])} freed" for each in removed]
    lines += [f"{each['name']} kept: the preset {each['preset']} needs it" for each in kept]
    return {"removed": removed, "kept": kept}, "\n".join(lines)


def _needed_elsewhere(name: str, library: Library) -> dict[str, str]:
    """Return weights that other, completely installed presets need."""
    return {
        weights.name: preset.name
        for preset in PRESETS.values()
        if preset.name != name and all(library.installed(each) for each in preset.weights)
        for weights in preset.weights
    }


def _verify(arguments, library, bar):
    if arguments.name:
        chosen = find_parts(arguments.name)
    else:  # includes damaged weights in the library
        chosen = [
            each
            for each in WEIGHTS.values()
            if library.installed(each) or library.place(each).exists()
        ]
    whole, faults = [], []
    with Engine(models=library.folder) as engine:
        for weights in chosen:
            try:
                job = engine.verify_weights(weights.name)
                whole.append(_follow(job, bar, "nothing was changed"))
            except JobError as error:
                if error.kind not in ("damaged", "weights_missing"):
                    raise
                faults.append(error)
    if faults:
        raise JobError(faults[0].kind, " ".join(fault.message for fault in faults))
    return _report(whole, "is intact", library)


_TASKS = {None: _list, "get": _get, "add": _add, "remove": _remove, "verify": _verify}


def _follow(
    job: Job, bar: ProgressBar, left: str, parts: PartsProgress | None = None
) -> WeightsResult:
    """Show the progress of a job until it ends.

    Args:
        job: About weights.
        bar: Progress bar.
        left: What an interrupt reports.
        parts: Of all downloads that the job is one of.
    """

    def show(progress: Progress) -> None:
        if parts:
            bar.show_bytes(*parts.follow(progress), progress.message)
        elif progress.bytes_done is None:
            bar.show(progress.fraction, progress.message)
        else:
            bar.show_bytes(progress.bytes_done, progress.bytes_total, progress.message)

    return _wait(job, show, left)


def _wait(job: Job, show: Callable[[Progress], None], left: str):
    try:
        return job.wait(show)
    except KeyboardInterrupt:
        job.cancel()
        # The engine gets time to clean up its files; a second Ctrl+C cuts it short.
        with suppress(JobError):
            job.wait()
        raise Interrupted(f"Interrupted; {left}.") from None


def _report(results: list[WeightsResult], how: str, library: Library) -> tuple[dict, str]:
    entries = [
        {
            "name": each.name,
            "where": each.where,
            "folder": str(each.folder),
            "bytes": each.size,
            "notes": each.notes,
        }
        for each in results
    ]
    lines = []
    for each in results:
        lines.append(f"{each.name} {how}: {format_bytes(each.size)} in {each.folder}")
        lines += [f"note: {note}" for note in each.notes]
    if library.folder != default_folder():
        lines.append(f"note: set {VARIABLE} to {library.folder} to use it for pictures.")
    return {"weights": entries}, "\n".join(lines)
