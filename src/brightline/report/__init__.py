"""Findings -> what people read: a page, a PDF, tables and numbers (`report.files` and `report.summary`)."""

from brightline.report.about import About, Rejected, ReportError

__all__ = ["About", "Rejected", "ReportError"]
