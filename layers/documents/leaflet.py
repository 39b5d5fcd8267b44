"""Leaflet as text to put inside a page: script, style sheet and images, nothing linked."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from importlib import resources

from geo.errors import EnvironmentProblem

__all__ = ["Leaflet", "load_leaflet"]

_PACKAGE = "js_lib_leaflet"
_URL = re.compile(r"url\(\s*['\"]?([^'\")]+)['\"]?\s*\)")


@dataclass(frozen=True)
class Leaflet:
    """``script`` and ``style`` are whole and refer to nothing outside themselves."""

    script: str
    style: str


def load_leaflet() -> Leaflet:
    """Read Leaflet from the installed package ``django-js-lib-leaflet`` (BSD licence).

    Raises
    ------
    EnvironmentProblem
        The package is not installed.
    """
    try:
        root = resources.files(_PACKAGE) / "static" / _PACKAGE
        script = (root / "leaflet.js").read_text(encoding="utf-8")
        style = (root / "leaflet.css").read_text(encoding="utf-8")
    except (ModuleNotFoundError, OSError) as error:
        raise EnvironmentProblem("document.no_leaflet") from error

    def inline(match: re.Match[str]) -> str:
        target = match.group(1)
        if not target.startswith("images/"):
            return "none"  # url(#default#VML): for browsers that no longer exist
        data = base64.b64encode((root / target).read_bytes()).decode("ascii")
        return f"url(data:image/png;base64,{data})"

    script = re.sub(r"//# sourceMappingURL=.*", "", script)
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    return Leaflet(script=script.replace("</script", "<\\/script"), style=_URL.sub(inline, style))
