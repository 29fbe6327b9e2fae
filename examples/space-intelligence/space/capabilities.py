"""
What this interpreter can do. The platform runs on the standard library alone; numpy adds the trend of the
solar wind, OpenCV the active regions of the Sun, waitress a sturdier server. SPACE_WITHOUT=cv2,numpy hides
libraries that are there, to see a lesser level without another environment.
"""

from __future__ import annotations

import importlib
import os
from types import ModuleType
from typing import Optional

LIBRARIES = {
    "waitress": "production server",
    "numpy": "trend of the solar wind",
    "cv2": "active regions of the Sun",
}


def library(name: str) -> Optional[ModuleType]:
    """The module, or None when it is absent, hidden, or broken (OpenCV without its system libraries)."""
    if name in os.environ.get("SPACE_WITHOUT", "").replace(" ", "").split(","):
        return None
    # OpenCV is nothing without numpy, so hiding numpy hides both.
    if name == "cv2" and library("numpy") is None:
        return None
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def capabilities() -> dict:
    """{'level': 'full' | 'core' | 'standard library', 'waitress': True, 'numpy': True, 'cv2': False}"""
    found = {name: library(name) is not None for name in LIBRARIES}
    level = (
        "full"
        if all(found.values())
        else "core" if found["waitress"] and found["numpy"] else "standard library"
    )
    return {"level": level, **found}


def losses(found: dict) -> list:
    return [f"{meaning} ({name} is not installed)" for name, meaning in LIBRARIES.items() if not found[name]]
