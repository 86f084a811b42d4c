"""Reproduces the bundled preview model: synthetic scenes, training stages, evaluation."""
