"""Ctrl+C, whatever handles it before the command starts."""

import signal

import pytest

from sharpdepth_blender.cli.main import raise_interrupts


@pytest.fixture(autouse=True)
def handler():
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_that_a_blender_program_keeps_for_itself_is_raised(monkeypatch):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with monkeypatch.context() as patch:
        patch.setattr(signal, "getsignal", lambda number: None)  # what is set by C has no name
        raise_interrupts()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_what_a_shell_lets_ignore_interrupts_goes_on_ignoring_them():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise_interrupts()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
