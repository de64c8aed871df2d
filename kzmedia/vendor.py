"""Other people's browser scripts: from the packages that carry them to where static files are collected from."""

import re
from pathlib import Path

from kzmedia.processes.embedded import package_dir

BASE_DIR = Path(__file__).resolve().parent.parent
# The basic bundle, when npm has installed it; else the whole one that the Python package carries.
SCRIPTS = (
    BASE_DIR / "node_modules/plotly.js-basic-dist-min/plotly-basic.min.js",
    package_dir("plotly") / "package_data/plotly.min.js",
)
# The whole bundle would write a style element for maps, which no page has: the Content-Security-Policy forbids it. It
# asks for the element by a checksum, and leaves it at that where it is there.
MAP_STYLE = re.compile(rb'document\.getElementById(?=\("[0-9a-f]{64}"\))')


def provide(var: Path) -> Path:
    """Put Plotly's bundle at VAR_DIR/vendor/plotly/plotly-basic.min.js, the same name from either package."""
    place = var / "vendor" / "plotly" / "plotly-basic.min.js"
    source = next(script for script in SCRIPTS if script.exists())
    if not place.exists() or place.stat().st_size != source.stat().st_size:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_suffix(".draft")
        draft.write_bytes(
            MAP_STYLE.sub(b"encodeURIComponent".rjust(23), source.read_bytes())
        )  # as long as before
        draft.rename(place)
    return place
