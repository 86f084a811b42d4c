"""Preferences: the engine, the weights, and what is computed on."""

from .chosen import ADDON, get_preferences  # first: rooms that others here need ask for it
from .registering import register, unregister

__all__ = ["ADDON", "get_preferences", "register", "unregister"]
