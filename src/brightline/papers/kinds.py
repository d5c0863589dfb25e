"""The kinds of paper that are told apart, each with its title and whether a judge issues it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

KindName = Literal[
    "i247a", "i200", "i205", "i138", "judicial_warrant", "judicial_subpoena", "court_order", "letter", "unknown"
]


@dataclass(frozen=True)
class Kind:
    name: KindName
    title: str
    judge: bool | None  # does a judge issue it? None: cannot be said
    about: str


KINDS: dict[str, Kind] = {
    k.name: k
    for k in (
        Kind(
            "i247a",
            "Immigration detainer (DHS Form I-247A or a predecessor)",
            False,
            "A request by an immigration officer to tell of a release or to hold a person. No judge has seen it.",
        ),
        Kind(
            "i200",
            "Administrative arrest warrant (DHS Form I-200)",
            False,
            "Signed by an immigration officer under 8 C.F.R. § 236.1(b). No judge has seen it.",
        ),
        Kind(
            "i205",
            "Administrative removal warrant (DHS Form I-205)",
            False,
            "Signed by an immigration officer under 8 C.F.R. § 241.2. No judge has signed it.",
        ),
        Kind(
            "i138",
            "Administrative immigration subpoena (DHS Form I-138)",
            False,
            "Signed by an immigration officer under 8 U.S.C. § 1225(d)(4). Only a court can make it binding.",
        ),
        Kind(
            "judicial_warrant",
            "Warrant of a federal judge or magistrate (AO 442, AO 93)",
            True,
            "Issued by a federal judge or magistrate judge under Fed. R. Crim. P. 4, 9 or 41.",
        ),
        Kind(
            "judicial_subpoena",
            "Subpoena of a court (AO 88, AO 89, AO 110)",
            False,
            "Issued under the authority of a court, as a rule by its clerk (Fed. R. Crim. P. 17, Fed. R. Civ. P. 45).",
        ),
        Kind("court_order", "Order of a court", True, "Ordered and signed by a judge of a court."),
        Kind("letter", "Letter or e-mail without a form", False, "A request in words of the sender's own."),
        Kind("unknown", "Kind not known", None, "The paper does not show enough to say what it is. It is not guessed."),
    )
}

JUDICIAL: frozenset[str] = frozenset({"judicial_warrant", "judicial_subpoena", "court_order"})
ADMINISTRATIVE: frozenset[str] = frozenset({"i247a", "i200", "i205", "i138"})
