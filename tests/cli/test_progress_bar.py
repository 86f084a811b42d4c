"""What a person sees at a terminal of 80 columns."""

import io
import re

import pytest

from sharpdepth_blender.cli import progress_bar
from sharpdepth_blender.cli.progress_bar import ProgressBar


class Terminal(io.StringIO):
    def isatty(self):
        return True

    @property
    def line(self):
        """What stands in the line now."""
        return self.getvalue().rpartition("\x1b[K")[2]


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands until its `now` is changed."""

    class Clock:
        now = 0.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(progress_bar, "time", clock)
    monkeypatch.setenv("COLUMNS", "80")
    return clock


def test_bytes_rate_and_time_left_fit_the_line(clock):
    stream = Terminal()
    bar = ProgressBar(stream)
    message = "Downloading unet/diffusion_pytorch_model.safetensors"
    bar.show_bytes(800_000_000, 5_200_000_000, message)
    clock.now = 2.0
    bar.show_bytes(1_300_000_000, 5_200_000_000, message)
    assert re.fullmatch(
        r"█{5}░{15}  25% 1.3 GB of 5.2 GB  250 MB/s  16 s left  Downloading.*", stream.line
    )
    assert len(stream.line) == 79


def test_another_step_starts_the_rate_anew(clock):
    stream = Terminal()
    bar = ProgressBar(stream)
    bar.show_bytes(0, 1000, "Downloading a")
    clock.now = 1.0
    bar.show_bytes(500, 1000, "Downloading a")
    assert "500 bytes/s" in stream.line
    bar.show_bytes(900, 1000, "Downloading b")  # half of it was there already
    assert "/s" not in stream.line and "900 bytes of 1.0 kB" in stream.line


def test_an_unknown_size(clock):
    stream = Terminal()
    bar = ProgressBar(stream)
    bar.show_bytes(0, None, "Asking for the sizes of the files")
    assert stream.line == "░" * 20 + "   0% Asking for the sizes of the files"
    bar.show_bytes(2_000_000, None, "Downloading")
    assert "2.0 MB  Downloading" in stream.line


def test_a_fraction_and_a_sentence(clock):
    stream = Terminal()
    bar = ProgressBar(stream)
    clock.now = 60.0  # for a person to answer
    bar.show(0.0, "Loading the model")
    clock.now = 63.0
    bar.show(0.5, "First look")
    assert stream.line == "█" * 10 + "░" * 10 + "  50%   3.0 s  First look"
    bar.clear()
    assert stream.line == ""


def test_nothing_is_drawn_elsewhere():
    stream = io.StringIO()
    bar = ProgressBar(stream)
    bar.show(0.5, "First look")
    bar.show_bytes(1, 2, "Downloading")
    bar.clear()
    assert stream.getvalue() == ""
