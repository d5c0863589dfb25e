"""Files that belong together: written beside their places, and renamed when all of them are whole."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from brightline.watch.problems import WatchError


def write_together(folder: Path, makers: Mapping[str, Callable[[Path], object]]) -> dict[str, Path]:
    """Let each maker write its file. Raises WatchError, and leaves what was there before, if one of them cannot be written."""
    fresh = {name: folder / f".{name}.{os.getpid()}.part" for name in makers}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, make in makers.items():
            make(fresh[name])
        for name, path in fresh.items():
            path.replace(folder / name)
    except OSError as error:
        raise WatchError(f"{folder}: the result cannot be written: {error.strerror or error}.") from error
    finally:
        for path in fresh.values():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
    return {name: folder / name for name in makers}
