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
_RIGHT = 0.9  # share of pairs whose order is right; by chance it is a half
_APART = 1.1  # ratio of depths in a pair
_PAIRS = 20_000


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

    Of pairs of points, the nearer one has to be told, which neither scale nor style changes. By
    what factor the meters are off is told, not judged, as a single picture cannot.

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
    ground = depth < depth.max()  # the rest is sky through the window, of which depth says nothing
    depth, found = depth[ground], found[ground]
    one, other = np.random.default_rng(0).integers(len(depth), size=(2, _PAIRS))
    apart = np.maximum(depth[one], depth[other]) > _APART * np.minimum(depth[one], depth[other])
    one, other = one[apart], other[apart]
    share = float(np.mean((depth[one] < depth[other]) == (found[one] < found[other])))
    factor = float(np.median(found / depth))
    figures = {"share": f"{share:.0%}", "factor": f"{factor:.2f}"}
    if share >= _RIGHT:
        text = pgettext_rpt(
            "Self-test right: of two points in the test picture the nearer one is told in {share} "
            "of all cases; the scale is off by a factor of {factor}."
        )
        return Verdict(True, text.format(**figures))
    text = pgettext_rpt(
        "Self-test wrong: of two points in the test picture the nearer one is told in {share} of "
        "all cases, and by chance it would be in 50%: these weights are not what they should be, "
        "so remove them and get them again."
    )
    return Verdict(False, text.format(**figures))
