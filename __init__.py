"""The repository root is the Blender extension; the add-on is the package inside it."""

# Imported late: pytest imports this file too, under whatever name the folder has.


def register():
    """Hand on to the package."""
    from . import sharpdepth_blender

    sharpdepth_blender.register()


def unregister():
    """Hand on to the package."""
    from . import sharpdepth_blender

    sharpdepth_blender.unregister()
