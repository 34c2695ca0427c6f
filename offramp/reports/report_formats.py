"""How a report can be written."""

from enum import StrEnum


class ReportFormat(StrEnum):
    """Markdown to paste, CSV to calculate with, HTML to print."""

    MARKDOWN = "md"
    CSV = "csv"
    HTML = "html"
