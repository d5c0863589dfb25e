"""Findings -> what people read: a page, a PDF, tables and numbers."""

from brightline.report.about import About, Rejected, ReportError
from brightline.report.files import write_report
from brightline.report.summary import summary

__all__ = ["About", "Rejected", "ReportError", "summary", "write_report"]
