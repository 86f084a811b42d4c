"""Nobody reads a picture here."""
