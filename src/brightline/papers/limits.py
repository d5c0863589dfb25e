"""How large a paper may be, in one place; the page docs/papers.md names these figures."""

from __future__ import annotations

MOST_BYTES = 25_000_000
MOST_PAGES = 50
MOST_SIDE = 12_000  # pixels; a page of 8.5 by 14 inches at 600 dots an inch has 8,400
MOST_PIXELS = 60_000_000
MOST_TEXT = 400_000  # characters of one file; fifty dense pages have 250,000
MOST_OBJECTS = 100_000  # of one PDF
MOST_PARTS = 100  # of one e-mail
MOST_DEPTH = 6  # e-mails and parts in one another
MOST_PICTURES = 8  # pages of one paper that Tesseract is asked to read

MEMORY = 1_500_000_000  # bytes of address space of a worker
CPU_SECONDS = 20
WALL_SECONDS = 40
OCR_SECONDS = 40  # for one page
MOST_ANSWER = 160_000_000  # bytes that a worker may answer: the pictures of its pages
