"""Sub-panel for settings that are seldom needed."""


class AdvancedPanel:
    """The model by name, processing resolution, seed and precision."""

    bl_label = "Advanced"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context):
        """Draw the settings."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        settings = context.scene.sharpdepth
        layout.prop(settings, "model")
        if not settings.refines:
            layout.prop(settings, "estimator")
        for name in ("resolution", "seed", "precision"):
            layout.prop(settings, name)
