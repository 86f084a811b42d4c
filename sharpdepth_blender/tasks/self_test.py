"""Self-test: whether weights do what they are for, on a bundled picture of known depth."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bpy.app.translations import pgettext_rpt

from ..geometry import valid_depth
from ..library import PRESETS, WEIGHTS
from ..process import Engine, JobError
from ..process.job import Job

# A room of our own, rendered by training/scenes/demo.py: rgb, depth in meters and intrinsics.
_PICTURE = Path(__file__).with_name("self_test.npz")
_RESOLUTION = 384  # longer side of what the networks see, which keeps it short
_RIGHT = 0.9  # share of pairs whose order is right; by chance it is a half
_APART = 1.1  # ratio of depths in a pair
_PAIRS = 20_000
_LACKING = 0.2  # share of the picture that may be without depth
_BUNDLED = "preview"  # an estimator


@dataclass(frozen=True)
class Verdict:
    """What a self-test found.

    Attributes:
        right: Whether the weights do what they are for.
        words: The same as a sentence, with figures or with what is wrong.
    """

    right: bool
    words: str


@dataclass(frozen=True)
class _Trial:
    """Who computes what in a self-test, and which of it is on trial.

    Attributes:
        model: Preset that is used.
        estimator: In place of its own; None for that.
        guilty: Of each answer that is judged, the weights that it is by.
    """

    model: str
    estimator: str | None
    guilty: dict[str, str]

    @property
    def sharpens(self) -> bool:
        """Whether a network's depth is fitted to that of an estimator."""
        return PRESETS[self.model].method in ("sharpen", "aligned")


def _trial(name: str, estimator: str | None) -> _Trial | None:
    if preset := PRESETS.get(name):
        metric = estimator or preset.estimator
        by = {"metric_depth": metric, "depth": preset.network or metric}
        return _Trial(name, estimator, {answer: each for answer, each in by.items() if each})
    if WEIGHTS[name].loader:
        return _Trial("metric", name, {"depth": name})
    users = [each for each in PRESETS.values() if each.network == name]
    if not users:
        return None
    refines = users[0].method == "refine"
    return _Trial(users[0].name, None if refines else _BUNDLED, {"depth": name})


def begin_self_test(engine: Engine, name: str, estimator: str | None = None) -> Job | None:
    """Begin to test a preset or weights.

    A network that needs an estimator beside it gets the bundled one, which is always there.

    Args:
        engine: Engine to use.
        name: Of either.
        estimator: Name of another metric estimator than the preset's own; None for that.

    Returns:
        A job for `verdict`; None for weights that a single picture does not try.
    """
    trial = _trial(name, estimator)
    if trial is None:
        return None
    with np.load(_PICTURE, allow_pickle=False) as file:
        rgb, depth, intrinsics = (file[each] for each in ("rgb", "depth", "intrinsics"))
    options: dict = {"intrinsics": intrinsics, "resolution": _RESOLUTION, "model": trial.model}
    if trial.estimator:
        options["estimator"] = trial.estimator
    if PRESETS[trial.model].method == "refine":
        coarse = np.repeat(np.repeat(depth[4::8, 4::8], 8, 0), 8, 1)
        options["metric_depth"] = coarse.astype(np.float32)
    return engine.infer(rgb, **options)


def verdict(job: Job, name: str, estimator: str | None = None) -> Verdict:
    """Judge a self-test that is done.

    Of pairs of points, the nearer one has to be told, which neither scale nor style changes. By
    what factor the meters are off is told, not judged, as a single picture cannot. Of a preset of
    two networks it is told whose depth is wrong; depth of a network that does not fit that of the
    estimator at all is, too.

    Args:
        job: Of `begin_self_test`.
        name: That it was begun with.
        estimator: Likewise.

    Raises:
        JobError: `cancelled`.
    """
    try:
        result = job.wait()
    except JobError as error:
        if error.kind == "cancelled":
            raise
        text = pgettext_rpt("Self-test failed: {why}")
        return Verdict(False, text.format(why=error.message))
    trial = _trial(name, estimator)
    assert trial is not None  # which had a job
    for answer, weights in trial.guilty.items():
        depth = getattr(result, answer)
        if fault := _fault(depth):
            text = pgettext_rpt(
                "Self-test wrong: the depth by {weights} {fault}. Remove these weights and get "
                "them again."
            )
            return Verdict(False, text.format(weights=weights, fault=fault))
    if trial.sharpens and np.array_equal(result.depth, result.metric_depth):
        text = pgettext_rpt(
            "Self-test wrong: the depth by {weights} was of no use. {why} Remove these weights and "
            "get them again."
        )
        why = " ".join(pgettext_rpt(note) for note in result.notes)
        return Verdict(False, text.format(weights=trial.guilty["depth"], why=why))
    truth, found = _ground(result.depth)
    text = pgettext_rpt(
        "Self-test right: of two points in the test picture the nearer one is told in {share} "
        "of all cases; the scale is off by a factor of {factor}."
    )
    factor = float(np.median(found / truth))
    text = text.format(share=f"{_share_in_order(truth, found):.0%}", factor=f"{factor:.2f}")
    preset = PRESETS.get(name)
    return Verdict(True, f"{text} {untried(preset.video)}" if preset and preset.video else text)


def _ground(depth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """True and found depth of what is no sky through the window, of which depth says nothing."""
    with np.load(_PICTURE, allow_pickle=False) as file:
        truth = file["depth"].astype(np.float64)
    ground = truth < truth.max()
    return truth[ground], depth[ground].astype(np.float64)


def _share_in_order(truth: np.ndarray, found: np.ndarray) -> float:
    """Share of pairs of points clearly apart of which the nearer one is told."""
    one, other = np.random.default_rng(0).integers(len(truth), size=(2, _PAIRS))
    apart = np.maximum(truth[one], truth[other]) > _APART * np.minimum(truth[one], truth[other])
    one, other = one[apart], other[apart]
    return float(np.mean((truth[one] < truth[other]) == (found[one] < found[other])))


def _fault(depth: np.ndarray) -> str:
    """What is wrong with depth of the test picture, as a phrase; nothing if it is right."""
    truth, found = _ground(depth)
    known = valid_depth(found)
    if (lacking := 1 - float(known.mean())) > _LACKING:
        text = pgettext_rpt("is missing in {share} of the test picture")
        return text.format(share=f"{lacking:.0%}")
    truth, found = truth[known], found[known]
    share = _share_in_order(truth, found)
    if share >= _RIGHT:
        return ""
    low, high = np.percentile(found, (5, 95))
    if high < _APART * low:
        return pgettext_rpt("is nearly the same everywhere in the test picture")
    if share <= 1 - _RIGHT:
        return pgettext_rpt("is turned round: what is near in the test picture is told to be far")
    text = pgettext_rpt(
        "does not fit the test picture: of two points the nearer one is told in {share} of all "
        "cases, and by chance it would be in 50%"
    )
    return text.format(share=f"{share:.0%}")


def untried(name: str) -> str:
    """Say that weights were not tried, as there is nothing in a single picture for them to do."""
    if WEIGHTS[name].inpaints:
        text = pgettext_rpt("{name} was not tried: a self-test is of depth.")
    else:
        text = pgettext_rpt("{name} was not tried: a self-test has one picture, not a shot.")
    return text.format(name=name)
