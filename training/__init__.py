"""Training code for the bundled preview model: synthetic scenes, stages, evaluation."""
