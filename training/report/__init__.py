"""Stage `report`: one page that shows what was trained and how good it is."""

from .page import NothingToReportError, report

__all__ = ["NothingToReportError", "report"]
