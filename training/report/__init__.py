"""Stage `report`: a page that shows what was trained and how well it performs."""

from .page import NothingToReportError, report

__all__ = ["NothingToReportError", "report"]
