"""The line and the log of a stage that goes on."""

import pytest

from training.progress import Progress


def test_a_log_has_a_row_a_step(tmp_path):
    progress = Progress("x", 0, 3, tmp_path / "stage" / "log.csv")
    for step in range(3):
        progress.show(step, loss=step / 2, learning_rate=1e-6)
    assert (tmp_path / "stage" / "log.csv").read_text() == (
        "step,loss,learning_rate\n1,0.0,1e-06\n2,0.5,1e-06\n3,1.0,1e-06\n"
    )


def test_a_resumed_log_drops_what_was_written_beyond_the_state(tmp_path):
    log = tmp_path / "log.csv"
    progress = Progress("x", 0, 20, log)
    for step in range(12):
        progress.show(step, loss=float(step))
    progress = Progress("x", 9, 20, log)
    progress.show(9, loss=-1.0)
    rows = log.read_text().splitlines()
    assert rows[0] == "step,loss" and rows[9] == "9,8.0" and rows[10:] == ["10,-1.0"]


@pytest.mark.parametrize(
    "left", ["", "step,lo", "step,loss\n1,0.0\n2", "step,loss\n1,0.0\n2,\0\0\n"]
)
def test_what_a_kill_left_half_written_is_dropped(tmp_path, left):
    log = tmp_path / "log.csv"
    log.write_text(left)
    progress = Progress("x", 1, 3, log)
    progress.show(1, loss=0.5)
    progress.show(2, loss=0.25)
    rows = log.read_text().splitlines()
    assert rows[0] == "step,loss" and rows[-2:] == ["2,0.5", "3,0.25"]
    assert len(rows) == 3 + ("1,0.0" in left)


def test_a_run_from_the_beginning_keeps_only_the_header(tmp_path):
    log = tmp_path / "log.csv"
    Progress("x", 0, 2, log).show(0, loss=1.0)
    Progress("x", 0, 2, log)
    assert log.read_text() == "step,loss\n"


def test_the_line_tells_values_and_the_end(tmp_path, capsys):
    progress = Progress("metric", 0, 2, every=1)
    progress.show(0, loss=0.5)
    progress.show(1, loss=0.5)
    lines = capsys.readouterr().err.splitlines()
    assert "metric 1/2" in lines[0] and "loss 0.5" in lines[0] and "s left" in lines[0]
    assert "metric 2/2" in lines[1]
