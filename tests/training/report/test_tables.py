"""Tables: one order of methods, honest bold, and differences that say what they mean."""

import pytest

pytest.importorskip("torch")

from training.baselines import ALIGNED, AUTOENCODER, CEILING, METRIC, SHARPENER
from training.report.tables import beside_published, tabulate

VARIANT = f"{SHARPENER}, no-gate"


def row(mean, low=None, high=None, name="abs_rel"):
    return {name: {"mean": mean, "low": low, "high": high}}


def evaluation(differences=None, **rows):
    named = {"ceiling": CEILING, "autoencoder": AUTOENCODER, "variant": VARIANT}
    named |= {"metric": METRIC, "aligned": ALIGNED, "sharpener": SHARPENER}
    return {
        "table": {named[name]: values for name, values in rows.items()},
        "differences": differences or {},
    }


def test_methods_have_one_order_and_a_missing_one_is_a_dash():
    found = evaluation(
        autoencoder=row(0.1), variant=row(0.2), ceiling=row(0.3), sharpener=row(0.4), metric=row(1)
    )
    table = tabulate(found, ["abs_rel"])
    assert list(table.methods) == [METRIC, ALIGNED, SHARPENER, VARIANT, CEILING, AUTOENCODER]
    assert table.methods[ALIGNED]["abs_rel"].mean == "–"


def test_a_measure_that_the_evaluation_lacks_has_no_column():
    table = tabulate(evaluation(metric=row(1), sharpener=row(2)), ["abs_rel", "boundary_recall"])
    assert table.measures == ["abs_rel"]
    assert list(table.methods[METRIC]) == ["abs_rel"]


def bold(found, name="abs_rel"):
    rows = tabulate(found, [name]).methods
    return [method for method, cells in rows.items() if cells[name].best]


def test_all_that_print_like_the_best_are_bold():
    found = evaluation(metric=row(0.3), aligned=row(0.10004), sharpener=row(0.09996))
    assert bold(found) == [ALIGNED, SHARPENER]


def test_variants_and_what_was_fitted_do_not_compete():
    found = evaluation(
        metric=row(0.3), sharpener=row(0.2), variant=row(0.1), ceiling=row(0), autoencoder=row(0)
    )
    assert bold(found) == [SHARPENER]
    same = evaluation(metric=row(0.3), sharpener=row(0.2), variant=row(0.2))
    assert bold(same) == [SHARPENER]


def test_higher_may_be_better_and_nothing_may_be_best():
    found = evaluation(
        metric=row(0.3, name="delta1"), sharpener=row(0.2, name="delta1"), aligned=row(None)
    )
    assert bold(found, "delta1") == [METRIC]
    assert bold(evaluation(metric=row(None))) == []


@pytest.mark.parametrize(
    ("name", "low", "high", "verdict"),
    [
        ("abs_rel", -0.2, -0.1, "better"),
        ("abs_rel", 0.1, 0.2, "worse"),
        ("delta1", 0.1, 0.2, "better"),
        ("delta1", -0.2, -0.1, "worse"),
        ("abs_rel", -0.1, 0.2, "no clear difference"),
        ("delta1", 0, 0.2, "no clear difference"),
        ("abs_rel", None, None, ""),
    ],
)
def test_a_difference_says_what_is_clear(name, low, high, verdict):
    pair = f"{SHARPENER} - {METRIC}"
    found = evaluation({pair: row(0.1, low, high, name)}, metric=row(1, name=name))
    differences = tabulate(found, [name]).differences
    assert differences[f"{SHARPENER} − {METRIC}"][name].verdict == verdict


def test_a_difference_may_lack_a_measure_too():
    found = evaluation({"sharpener - f_D": {}}, metric=row(1))
    assert tabulate(found, ["abs_rel"]).differences["sharpener − f_D"]["abs_rel"].mean == "–"


def test_published_figures_stand_beside_ours():
    found = evaluation(metric=row(0.9, name="delta1"))
    rows = beside_published(found, {"delta1": {METRIC: 0.979, SHARPENER: 0.973}})
    assert list(rows) == [METRIC, ALIGNED, SHARPENER]
    assert rows[METRIC] == ["97.9", "90.0"] and rows[SHARPENER] == ["97.3", "–"]
    assert rows[ALIGNED] == ["–", "–"]
