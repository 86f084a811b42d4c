"""Slow tests run where SHARPDEPTH_SLOW_TESTS is set."""

import os

import pytest


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: installs for real; needs SHARPDEPTH_SLOW_TESTS=1")


def pytest_collection_modifyitems(items):
    if os.environ.get("SHARPDEPTH_SLOW_TESTS"):
        return
    for item in items:
        if item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.skip(reason="set SHARPDEPTH_SLOW_TESTS=1 to run it"))
