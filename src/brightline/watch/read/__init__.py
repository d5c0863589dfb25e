"""Files of real sources -> counts by place, period, offence and group, or one Series."""

from brightline.watch.read.mapping import Mapping, known, load_mapping
from brightline.watch.read.table import Table, read

__all__ = ["Mapping", "Table", "known", "load_mapping", "read"]
