"""Which agencies the gate knows: those of the vocabulary whose jurisdiction has a pack."""

from __future__ import annotations

from brightline.service.gate.law import law


def kinds() -> list[tuple[str, str, list[str]]]:
    """Name in the vocabulary, title and packs of every agency that somebody can set up here."""
    known = law()
    return [
        (name, f"{known.packs[told.jurisdiction].title}: {told.title}", [told.jurisdiction])
        for name, told in known.vocabulary.actors.items()
        if not told.federal and told.jurisdiction in known.packs
    ]
