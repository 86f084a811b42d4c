"""The engine starts ahead of the first picture, where a panel shows that everything is there."""

import sys
from types import SimpleNamespace

import pytest

from sharpdepth_blender.tasks import session


@pytest.fixture
def preferences(monkeypatch, tmp_path):
    chosen = SimpleNamespace(engine="", models=str(tmp_path), idle_minutes=10)
    monkeypatch.setattr(session, "get_preferences", lambda: chosen)
    return chosen


@pytest.fixture
def asked(monkeypatch):
    """What is asked of the timer, as in a window."""
    calls = []
    session.close_engine()
    monkeypatch.setattr(session, "bpy", SimpleNamespace(app=SimpleNamespace(background=False)))
    monkeypatch.setattr(session, "keep_ticking", calls.append)
    yield calls
    session.close_engine()


def test_it_is_started_once_for_each_environment(asked, preferences):
    preferences.engine = sys.executable
    for _ in range(3):
        session.start_engine_soon()
    assert asked == [session.start_engine]
    asked[0]()
    assert session.get_engine().busy
    preferences.engine = "/elsewhere"
    session.start_engine_soon()
    assert len(asked) == 2


def test_nothing_starts_in_the_background(asked, preferences):
    session.bpy.app.background = True
    session.start_engine_soon()
    assert asked == []


def test_without_an_environment_nothing_starts(asked, preferences, tmp_path):
    preferences.engine = str(tmp_path / "none")
    session.start_engine()
    assert not session._engines
