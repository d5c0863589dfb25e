"""The sample data that come with Brightline: real public records, each folder with its README."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from brightline.contact.problems import ContactError, did_you_mean

SAMPLES = {
    "ice-detainers-fy2015": "ice-detainers-fy2015/detainers_fy2015.parquet",
    "ice-detainers-minnesota": "ice-detainers-minnesota/sample_records_st_cloud.csv",
    "ice-detainers-us-citizens": "ice-detainers-2007-2015-subsets/lifted_us_citizen.csv.gz",
    "ice-detainers-not-deportable": "ice-detainers-2007-2015-subsets/lifted_not_subject_to_deportation.csv.gz",
    "ice-detainers-facility-outcomes": "ice-detainers-2007-2015-subsets/facility_outcomes_selected_cities.csv",
    "ice-i213": "ice-i213/i213_wa_ak_other.parquet",
    "published-totals": "published-totals/published_totals.csv",
}


def sample(name: str) -> Path:
    """The path of a sample file: `sample("ice-detainers-fy2015")`."""
    if name not in SAMPLES:
        raise ContactError(f"there is no sample `{name}`{did_you_mean(name, SAMPLES)}; there are: {', '.join(SAMPLES)}")
    return Path(str(resources.files("brightline").joinpath("data", SAMPLES[name])))
