from tests.library.served import hub, places  # noqa: F401  (fixtures)
