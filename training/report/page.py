"""The page itself: findings in, report.html and report.json out."""

import json
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader
from PIL import Image

from sharpdepth_blender.engine.camera import assume_intrinsics

from ..methods import ALIGNED, AUTOENCODER, CEILING, METRIC, SHARPENER
from ..metrics import MEASURES
from .cloud import view_from_aside
from .curves import HEIGHT, WIDTH, draw_curve
from .findings import Shown, best_methods, gather, load_shown
from .pictures import colour_depth, colour_ratio, data_uri, depth_range

HERE = Path(__file__).parent
LARGEST = 400  # pixels along the longer side of a picture on the page
SHORT = (
    "abs_rel", "delta1", "rmse", "silog", "dbe_accuracy", "dbe_completeness", "boundary_f1",
)  # fmt: skip


class NothingToReportError(FileNotFoundError):
    """A run's folder has neither results nor logs."""


def report(config):
    """Write <folder>/report.html, which needs no other file and no network, and report.json.

    Raises:
        NothingToReportError: the folder has neither results nor logs.
    """
    folder = Path(config.folder)
    findings = gather(folder)
    if not (findings.evaluations or findings.logs):
        raise NothingToReportError(f"{folder} has neither results nor logs to report")
    numbers = {"evaluations": findings.evaluations, "logs": findings.logs}
    (folder / "report.json").write_text(json.dumps(numbers) + "\n", encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["figure"] = _figure
    page = environment.get_template("template.html").render(
        style=(HERE / "style.css").read_text(encoding="utf-8"),
        script=(HERE / "slider.js").read_text(encoding="utf-8"),
        measures=MEASURES,
        short=SHORT,
        datasets=[_dataset(name, each, findings) for name, each in findings.evaluations.items()],
        stages={stage: _curves(log) for stage, log in findings.logs.items()},
        published=findings.published,
        size=(WIDTH, HEIGHT),
        sharpener=SHARPENER,
        metric=METRIC,
        aligned=ALIGNED,
    )
    (folder / "report.html").write_text(page, encoding="utf-8")
    print(f"report: {folder / 'report.html'}")


def _dataset(name, evaluation, findings):
    # Rows that were fitted to the truth are no methods that anyone could use.
    methods = [method for method in evaluation["table"] if method not in (CEILING, AUTOENCODER)]
    return {
        "name": name,
        "evaluation": evaluation,
        "best": best_methods(evaluation["table"], methods),
        "published": findings.published.get(name, {}),
        "pictures": [_picture(load_shown(path)) for path in findings.shown[name]],
    }


def _curves(log):
    steps, *columns = log
    return [draw_curve(column, log[steps], log[column]) for column in columns]


def _picture(shown: Shown) -> dict:
    """Everything that the page shows of one picture, as addresses that hold it."""
    shown = _reduced(shown)
    near, far = depth_range(shown.truth if np.isfinite(shown.truth).any() else shown.depths[METRIC])
    maps = {"truth": shown.truth, **{m: shown.depths[m] for m in (METRIC, ALIGNED, SHARPENER)}}
    colours = {"picture": shown.rgb} | {
        name: colour_depth(depth, near, far) for name, depth in maps.items()
    }
    metric, sharp = shown.depths[METRIC], shown.depths[SHARPENER]
    colours["what was changed"] = colour_ratio(sharp, metric)
    closer = _busiest(np.abs(np.log(sharp / metric)))
    intrinsics = shown.intrinsics
    if np.isnan(intrinsics).any():
        intrinsics = assume_intrinsics(*metric.shape)
    pivot = float(np.median(metric))
    points = {
        name: data_uri(view_from_aside(shown.rgb, depth, intrinsics, pivot))
        for name, depth in maps.items()
        if name != ALIGNED
    }
    height, width = metric.shape
    return {
        "name": shown.name,
        "near": near,
        "far": far,
        "width": width,
        "height": height,
        "strip": {name: data_uri(image) for name, image in colours.items()},
        "closer": {name: data_uri(_enlarged(image[closer])) for name, image in colours.items()},
        "points": points,
    }


def _reduced(shown: Shown) -> Shown:
    """Take every n-th pixel of a large picture, so that no depth is mixed of two."""
    step = -(-max(shown.truth.shape) // LARGEST)
    every = (slice(step // 2, None, step),) * 2
    return Shown(
        shown.name,
        np.ascontiguousarray(shown.rgb[every]),
        shown.truth[every],
        shown.intrinsics / step,
        {name: depth[every] for name, depth in shown.depths.items()},
    )


def _busiest(change):
    """Return the window of a quarter of each side in which most was changed."""
    height, width = (max(1, side // 4) for side in change.shape)
    sums = np.pad(change, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    windows = sums[height:, width:] - sums[:-height, width:]
    windows = windows - (sums[height:, :-width] - sums[:-height, :-width])
    top, left = np.unravel_index(windows.argmax(), windows.shape)
    return slice(top, top + height), slice(left, left + width)


def _enlarged(image, factor=3):
    size = image.shape[1] * factor, image.shape[0] * factor
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.NEAREST))


def _figure(value, name):
    """Write a value of a measure as its readers expect: shares in per cent, pixels to 0.01."""
    if value is None:
        return "–"
    if name.startswith("delta"):
        return f"{100 * value:.1f}"
    return f"{value:.2f}" if MEASURES[name].unit in ("px", "%") else f"{value:.3f}"
