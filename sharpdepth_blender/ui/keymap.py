"""Keymap: Esc cancels a running generation."""

import bpy

_items = []


def register() -> None:
    """Add the key; the operator's poll passes it on while nothing is being generated."""
    configuration = bpy.context.window_manager.keyconfigs.addon
    if configuration is None:  # in background mode
        return
    keymap = configuration.keymaps.new("Window", space_type="EMPTY")
    _items.append((keymap, keymap.keymap_items.new("sharpdepth.cancel", "ESC", "PRESS")))


def unregister() -> None:
    """Remove the key."""
    while _items:
        keymap, item = _items.pop()
        keymap.keymap_items.remove(item)
