"""U.S. states and territories: their postal codes, from code or name, from a column or the end of a place text."""

from __future__ import annotations

import polars as pl

CODES = {
    "ALABAMA": "AL", "ALASKA": "AK", "ARIZONA": "AZ", "ARKANSAS": "AR", "CALIFORNIA": "CA", "COLORADO": "CO",
    "CONNECTICUT": "CT", "DELAWARE": "DE", "DISTRICT OF COLUMBIA": "DC", "FLORIDA": "FL", "GEORGIA": "GA",
    "HAWAII": "HI", "IDAHO": "ID", "ILLINOIS": "IL", "INDIANA": "IN", "IOWA": "IA", "KANSAS": "KS",
    "KENTUCKY": "KY", "LOUISIANA": "LA", "MAINE": "ME", "MARYLAND": "MD", "MASSACHUSETTS": "MA", "MICHIGAN": "MI",
    "MINNESOTA": "MN", "MISSISSIPPI": "MS", "MISSOURI": "MO", "MONTANA": "MT", "NEBRASKA": "NE", "NEVADA": "NV",
    "NEW HAMPSHIRE": "NH", "NEW JERSEY": "NJ", "NEW MEXICO": "NM", "NEW YORK": "NY", "NORTH CAROLINA": "NC",
    "NORTH DAKOTA": "ND", "OHIO": "OH", "OKLAHOMA": "OK", "OREGON": "OR", "PENNSYLVANIA": "PA",
    "RHODE ISLAND": "RI", "SOUTH CAROLINA": "SC", "SOUTH DAKOTA": "SD", "TENNESSEE": "TN", "TEXAS": "TX",
    "UTAH": "UT", "VERMONT": "VT", "VIRGINIA": "VA", "WASHINGTON": "WA", "WEST VIRGINIA": "WV", "WISCONSIN": "WI",
    "WYOMING": "WY", "AMERICAN SAMOA": "AS", "GUAM": "GU", "NORTHERN MARIANA ISLANDS": "MP", "PUERTO RICO": "PR",
    "VIRGIN ISLANDS": "VI",
}  # fmt: skip
_BOTH = CODES | {code: code for code in CODES.values()}
# Two letters alone are no state ("HARRIS CO"); they need a comma or a dash before or the word STATE after them.
_AT_THE_END = (
    r"[,-] ?([A-Z]{2})\.?$",  # ", NY"
    r"\b([A-Z]{2}) STATE$",  # "NY STATE"
    r", ?([A-Z ]{4,20})$",  # ", TEXAS"
    r"\b([A-Z]{2})\d{7}$",  # "TX2270000": the FBI's code of an agency begins with its state
)


def state_code(cell: pl.Expr) -> pl.Expr:
    """The postal code of a cell that holds a code or a name; null for anything else."""
    return cell.replace_strict(_BOTH, default=None, return_dtype=pl.String)


def state_at_the_end(text: pl.Expr) -> pl.Expr:
    """The state that a place text ends with (`RIKERS ISLAND, QUEENS, NY`); null when it carries none."""
    return pl.coalesce([state_code(text.str.extract(pattern, 1)) for pattern in _AT_THE_END])
