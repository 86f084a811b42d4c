"""What other programs find in an exported file, as Blender's own importers read it."""

import bpy


def import_file(path):
    """Import a file into an empty scene, which is returned."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    if path.suffix == ".ply":
        bpy.ops.wm.ply_import(filepath=str(path), forward_axis="Y", up_axis="Z")
    elif path.suffix == ".abc":
        bpy.ops.wm.alembic_import(filepath=str(path), as_background_job=False)
    elif path.suffix == ".glb":
        bpy.ops.import_scene.gltf(filepath=str(path))
    else:
        bpy.ops.wm.usd_import(filepath=str(path))
    return bpy.context.scene
