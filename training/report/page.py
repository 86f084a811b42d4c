"""The report page: writes report.html and report.json from a run's results."""

import json
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from ..baselines import METRIC, SHARPENED
from ..metrics import MEASURES
from .curves import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, draw_curve
from .figures import figure, meters, unit, whole
from .logs import measured_steps
from .provenance import provenance
from .report_data import gather
from .sample_pictures import load_shown
from .tables import METHODS, beside_published, tabulate
from .views import draw_views

HERE = Path(__file__).parent
SHORT = (
    "abs_rel", "delta1", "rmse", "silog", "dbe_accuracy", "dbe_completeness", "boundary_f1",
)  # fmt: skip
OF_A_PICTURE = ("abs_rel", "delta1", "dbe_accuracy", "boundary_f1")


class NothingToReportError(FileNotFoundError):
    """The run folder has neither results nor logs."""


def report(config):
    """Write <folder>/report.html, a self-contained page, and report.json.

    Raises:
        NothingToReportError: the folder has neither results nor logs.
    """
    folder = Path(config.folder)
    findings = gather(folder)
    if not (findings.evaluations or findings.logs):
        raise NothingToReportError(f"{folder} has neither results nor logs to report")
    numbers = {
        "evaluations": findings.evaluations,
        "logs": findings.logs | findings.variants,
    }
    (folder / "report.json").write_text(json.dumps(numbers) + "\n", encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"figure": figure, "meters": meters, "unit": unit, "whole": whole}
    page = environment.get_template("template.html").render(
        style=(HERE / "style.css").read_text(encoding="utf-8"),
        script=(HERE / "slider.js").read_text(encoding="utf-8"),
        measures=MEASURES,
        provenance=provenance(config, findings),
        datasets=[_dataset(name, findings) for name in findings.evaluations],
        stages={stage: _curves(log) for stage, log in findings.logs.items()},
        variants={stage: _curves(log) for stage, log in findings.variants.items()},
        published=findings.published,
        drawing={"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": WIDTH - RIGHT,
                 "top": TOP, "bottom": HEIGHT - BOTTOM},
        methods=METHODS,
        sharpened=SHARPENED,
        metric=METRIC,
    )  # fmt: skip
    (folder / "report.html").write_text(page, encoding="utf-8")
    print(f"report: {folder / 'report.html'}")


def _dataset(name, findings):
    evaluation = findings.evaluations[name]
    published = findings.published.get(name, {})
    return {
        "name": name,
        "frames": evaluation["frames"],
        "scenes": evaluation["scenes"],
        "short": tabulate(evaluation, SHORT),
        "all": tabulate(evaluation, MEASURES),
        "published": published,
        "beside_published": beside_published(evaluation, published),
        "pictures": [
            {"views": views, "measured": _measured(findings.pictures[name].get(views.name, {}))}
            for views in map(draw_views, map(load_shown, findings.shown[name]))
        ],
    }


def _measured(rows):
    """Return the metrics of one picture before and after: {measure: (f_D, sharpener)}."""
    before, after = rows.get(METRIC, {}), rows.get(SHARPENED, {})
    return {
        name: (before.get(name), after.get(name))
        for name in OF_A_PICTURE
        if name in before or name in after
    }


def _curves(log):
    curves = []
    for column in list(log)[1:]:
        title = column.replace("_", " ")
        if column in MEASURES:
            title = f"{MEASURES[column].title} {MEASURES[column].unit}".strip()
        curves.append(draw_curve(title, *measured_steps(log, column)))
    return curves
