"""Other people's browser scripts: from the packages that carry them to where static files are collected from."""

import shutil
from pathlib import Path

from kzmedia.processes.embedded import package_dir

BASE_DIR = Path(__file__).resolve().parent.parent
# The basic bundle, when npm has installed it; else the whole one that the Python package carries.
SCRIPTS = (
    BASE_DIR / "node_modules/plotly.js-basic-dist-min/plotly-basic.min.js",
    package_dir("plotly") / "package_data/plotly.min.js",
)


def provide(var: Path) -> Path:
    """Put Plotly's bundle at VAR_DIR/vendor/plotly/plotly-basic.min.js, the same name from either package."""
    place = var / "vendor" / "plotly" / "plotly-basic.min.js"
    source = next(script for script in SCRIPTS if script.exists())
    if not place.exists() or place.stat().st_size != source.stat().st_size:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_suffix(".draft")
        shutil.copyfile(source, draft)
        draft.rename(place)
    return place
