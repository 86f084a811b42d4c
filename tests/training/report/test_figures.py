"""Numbers as they are written."""

import pytest

from training.report.figures import figure, meters, plain, unit, whole


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        (0.12345, "abs_rel", "0.123"),
        (0.97312, "delta1", "97.3"),
        (2.345, "dbe_accuracy", "2.35"),
        (-1.5, "rmse", "−1.500"),
        (-0.0004, "abs_rel", "0.000"),
        (-0.004, "dbe_accuracy", "0.00"),
        (-0.0004, "delta1", "0.0"),
        (None, "rmse", "–"),
    ],
)
def test_a_measure_has_the_digits_and_the_sign_of_its_kind(value, name, text):
    assert figure(value, name) == text


def test_shares_are_written_in_per_cent():
    assert (unit("delta1"), unit("rmse"), unit("abs_rel")) == ("%", "m", "")


@pytest.mark.parametrize(
    ("value", "text"), [(0.01234, "0.0123"), (3.66, "3.66"), (40, "40"), (1234.5, "1230")]
)
def test_meters_have_no_exponent(value, text):
    assert meters(value) == text


def test_whole_and_plain_numbers():
    assert whole(1_300_000) == "1\u202f300\u202f000" and whole(7) == "7"
    assert [plain(each) for each in (0.1 + 0.2, 1e-5, -0.5, -0.0)] == ["0.3", "1e−5", "−0.5", "0"]
