"""Installation of the engine's Python environment. Standard library only: see vendor_install.py."""
