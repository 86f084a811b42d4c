"""The one exception that leaves the engine on purpose."""


class EngineError(Exception):
    """Something the user can understand and act on.

    Attributes:
        kind: Stable word for programs: `bad_image`, `bad_depth`, `bad_request`, `unknown_model`,
            `weights_missing`, `device_missing` or `out_of_memory`.
        message: One sentence for a person.
    """

    def __init__(self, kind: str, message: str):
        super().__init__(message)
        self.kind = kind
        self.message = message

    def __reduce__(self):
        return type(self), (self.kind, self.message)
