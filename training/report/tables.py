"""Metric tables: their rows, the best values and significant differences."""

from dataclasses import dataclass

from ..baselines import ALIGNED, AUTOENCODER, CEILING, METRIC, SHARPENER
from ..metrics import MEASURES
from .figures import NONE, figure

METHODS = (METRIC, ALIGNED, SHARPENER)  # always the first rows, even without values
FITTED = (CEILING, AUTOENCODER)  # use the ground truth, so not usable methods; the last rows


@dataclass(frozen=True)
class Cell:
    """A formatted mean with its interval, "" if there is none.

    Attributes:
        best: No method has a better mean, as formatted.
        verdict: For a difference, "better" or "worse" if the interval excludes 0, else
            "no clear difference"; "" without an interval.
    """

    mean: str
    interval: str = ""
    best: bool = False
    verdict: str = ""


@dataclass(frozen=True)
class Table:
    """Cells by metric, in rows of methods and rows of differences."""

    measures: list[str]
    methods: dict[str, dict[str, Cell]]
    differences: dict[str, dict[str, Cell]]


def tabulate(evaluation: dict, measures) -> Table:
    """Build the table for some metrics of evaluation.json, skipping those it lacks."""
    table = evaluation["table"]
    measures = [name for name in measures if any(name in row for row in table.values())]
    between = [method for method in table if method not in (*METHODS, *FITTED)]
    methods = [*METHODS, *between, *(method for method in FITTED if method in table)]
    best = {name: _best(table, name) for name in measures}
    return Table(
        measures,
        {
            method: {
                name: _cell(table.get(method, {}).get(name), name, best[name], method in METHODS)
                for name in measures
            }
            for method in methods
        },
        {
            pair.replace(" - ", " \N{MINUS SIGN} "): {
                name: _difference(row.get(name), name) for name in measures
            }
            for pair, row in evaluation["differences"].items()
        },
    )


def beside_published(evaluation: dict, published: dict) -> dict[str, list[str]]:
    """Return a row per method, with the published and our value of every metric."""
    return {
        method: [
            figure(value, name)
            for name, row in published.items()
            for value in (row.get(method), _mean(evaluation["table"], method, name))
        ]
        for method in METHODS
    }


def _mean(table, method, name):
    return table.get(method, {}).get(name, {}).get("mean")


def _best(table, name):
    """Return the best formatted mean; variants and fits to ground truth do not compete."""
    means = [mean for m in METHODS if (mean := _mean(table, m, name)) is not None]
    choose = min if MEASURES[name].better == "lower" else max
    return figure(choose(means), name) if means else None


def _cell(summary, name, best, competes):
    if summary is None:
        return Cell(NONE)
    mean = figure(summary["mean"], name)
    return Cell(mean, _interval(summary, name, "–"), competes and mean == best)


def _difference(summary, name):
    if summary is None:
        return Cell(NONE)
    low, high, verdict = summary["low"], summary["high"], ""
    if low is not None:
        clear = low > 0 or high < 0
        better = (high < 0) == (MEASURES[name].better == "lower")
        verdict = ("better" if better else "worse") if clear else "no clear difference"
    return Cell(figure(summary["mean"], name), _interval(summary, name, " … "), verdict=verdict)


def _interval(summary, name, between):
    if summary["low"] is None:
        return ""
    return figure(summary["low"], name) + between + figure(summary["high"], name)
