"""Self-test: whether weights do what they are for, on a bundled picture of known depth."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bpy.app.translations import pgettext_rpt

from ..library import PRESETS, WEIGHTS
from ..process import Engine, JobError
from ..process.job import Job

# A room of our own, rendered by training/scenes/demo.py: rgb, depth in meters and intrinsics.
_PICTURE = Path(__file__).with_name("self_test.npz")
_RESOLUTION = 384  # longer side of what the networks see, which keeps it short
_BETTER = 0.75  # the most error of what is right, relative to that of a flat wall


@dataclass(frozen=True)
class Verdict:
    """What a self-test found.

    Attributes:
        right: Whether the weights do what they are for.
        words: The same as a sentence, with figures or with what is wrong.
    """

    right: bool
    words: str


def begin_self_test(engine: Engine, name: str) -> Job | None:
    """Begin to test a preset or the weights of a metric estimator.

    Args:
        engine: Engine to use.
        name: Of either.

    Returns:
        A job for `verdict`; None for weights that do nothing by themselves.
    """
    with np.load(_PICTURE, allow_pickle=False) as file:
        rgb, depth, intrinsics = (file[each] for each in ("rgb", "depth", "intrinsics"))
    options: dict = {"intrinsics": intrinsics, "resolution": _RESOLUTION}
    if name in PRESETS:
        options["model"] = name
        if PRESETS[name].method == "refine":
            coarse = np.repeat(np.repeat(depth[4::8, 4::8], 8, 0), 8, 1)
            options["metric_depth"] = coarse.astype(np.float32)
    elif WEIGHTS[name].loader:
        options |= {"model": "metric", "estimator": name}
    else:
        return None
    return engine.infer(rgb, **options)


def verdict(job: Job) -> Verdict:
    """Judge a self-test that is done.

    The error is the mean of relative errors at the best factor for all depth, which flat depth has
    as well: it must be clearly smaller. By what factor the meters are off is told, not judged, as
    a single picture cannot.

    Raises:
        JobError: `cancelled`.
    """
    try:
        found = job.wait().depth
    except JobError as error:
        if error.kind == "cancelled":
            raise
        text = pgettext_rpt("Self-test failed: {why}")
        return Verdict(False, text.format(why=error.message))
    with np.load(_PICTURE, allow_pickle=False) as file:
        depth = file["depth"].astype(np.float64)
    factor = float(np.median(depth / found))
    error, flat = (
        float(np.mean(np.abs(each / depth - 1)))
        for each in (found * factor, np.full_like(depth, np.median(depth)))
    )
    figures = {"error": f"{error:.0%}", "flat": f"{flat:.0%}", "factor": f"{1 / factor:.2f}"}
    if error <= _BETTER * flat:
        text = pgettext_rpt(
            "Self-test right: depth of the test picture is off by {error}, its scale by a factor "
            "of {factor}."
        )
        return Verdict(True, text.format(**figures))
    text = pgettext_rpt(
        "Self-test wrong: depth of the test picture is off by {error}, and a flat wall would be by "
        "{flat}: these weights are not what they should be, so remove them and get them again."
    )
    return Verdict(False, text.format(**figures))
