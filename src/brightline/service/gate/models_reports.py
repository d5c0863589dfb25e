"""What the gate keeps of statutory reports: the figures that an agency supplies, and what it filed; and its calendar's key."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from brightline.service.people.models import Agency, Person


class PeriodReport(models.Model):
    """One report of one period. It is made anew from the requests each time, until it is filed: then its text is kept."""

    agency = models.ForeignKey(Agency, on_delete=models.PROTECT, related_name="period_reports")
    report = models.CharField(max_length=60)  # the definition's id
    first = models.DateField()
    last = models.DateField()
    supplied: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(default=dict, blank=True)
    filed_on = models.DateField(null=True, blank=True)  # None: not filed
    filed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    noted_at = models.DateTimeField(null=True, blank=True)
    content = models.TextField(blank=True)  # the filed version as JSON; it identifies nobody
    pdf = models.BinaryField(default=bytes)  # the same as a PDF
    tables = models.BinaryField(default=bytes)  # and as CSV tables in a ZIP file
    sha256 = models.CharField(max_length=64, blank=True)  # of the content

    class Meta:
        constraints = [models.UniqueConstraint(fields=["agency", "report", "last"], name="gate_period_report_once")]
        ordering = ("-last", "report")

    def __str__(self) -> str:
        return f"{self.report} to {self.last}"


class CalendarKey(models.Model):
    """Who knows the key may read the calendar of due reports without signing in. Only its SHA-256 is kept."""

    agency = models.OneToOneField(Agency, on_delete=models.CASCADE, related_name="calendar_key")
    digest = models.CharField(max_length=64, unique=True)
    made = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
