"""What keeps a task from being started; each message is one sentence for a person."""


class NotReady(Exception):
    """Something that has to be installed first is not."""

    kind = "not_ready"
