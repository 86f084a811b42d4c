"""Tasks: what goes on in the background, whoever asked for it."""
