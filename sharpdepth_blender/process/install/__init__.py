"""Making the engine's Python environment. Standard library only: see vendor_install.py."""
