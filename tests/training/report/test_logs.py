"""Logs as a killed run leaves them: whole rows are read, and what is not finite leaves a gap."""

import pytest

from training.report.logs import measured_steps, read_logs


def write(folder, text, name="log.csv"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)


def test_a_stage_has_its_log_and_its_validation(tmp_path):
    write(tmp_path / "metric", "step,loss\n1,3\n2,4\n")
    write(tmp_path / "metric", "step,abs_rel\n1,0.5\n2,0.25\n", "validation.csv")
    assert read_logs(tmp_path, "*") == {
        "metric": {"step": [1, 2], "loss": [3, 4]},
        "metric, validation": {"step": [1, 2], "abs_rel": [0.5, 0.25]},
    }


def test_variants_are_told_apart(tmp_path):
    for name in ("no-gate", "second-seed"):
        write(tmp_path / "variants" / name / "distill", "step,score\n1,3\n2,4\n")
    logs = read_logs(tmp_path, "variants/*/distill")
    assert sorted(logs) == ["distill, no-gate", "distill, second-seed"]
    assert read_logs(tmp_path, "*") == {}


@pytest.mark.parametrize("rest", ["3,", "3", "3,5", "3,5,", "3,x\n", "3,5,6\n", ",5\n", "\xff"])
def test_a_row_that_is_not_whole_is_left_out(tmp_path, rest):
    write(tmp_path / "vae", "step,loss\n1,3\n2,4\n" + rest)
    log = read_logs(tmp_path, "*")["vae"]
    assert measured_steps(log, "loss") == ([1, 2], [3, 4])


@pytest.mark.parametrize("text", ["", "step", "step,loss\n", "step,loss\n1,3\n", "\n\n\n"])
def test_a_log_that_has_just_begun_is_none(tmp_path, text):
    write(tmp_path / "vae", text)
    assert read_logs(tmp_path, "*") == {}


def test_what_is_not_finite_leaves_a_gap_and_never_takes_a_column(tmp_path):
    write(tmp_path / "vae", "step,loss,edges,other\n1,nan,nan,1\n2,3,inf,2\n3,4,5,3\n")
    log = read_logs(tmp_path, "*")["vae"]
    assert log == {"step": [1, 2, 3], "loss": [None, 3, 4], "other": [1, 2, 3]}
    assert measured_steps(log, "loss") == ([2, 3], [3, 4])
