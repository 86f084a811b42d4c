"""Tasks: background work, for operators and the command line."""
