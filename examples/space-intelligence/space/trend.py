"""
The trend of a noisy series: a local quadratic fit (Savitzky-Golay), with numpy. Without numpy there is none.
"""

from __future__ import annotations

from typing import Optional, Sequence

from space.capabilities import library


def smooth(values: Sequence[Optional[float]], window: int = 61) -> Optional[list]:
    """
    The smoothed series, as long as the input; gaps are bridged for the fit and stay gaps in the answer.
    None when numpy is absent or the series is too short for the window.
    """
    np = library("numpy")
    window += 1 - window % 2
    if np is None or len(values) < window or sum(value is not None for value in values) < window:
        return None
    known = np.array([value is not None for value in values])
    at = np.arange(len(values))
    filled = np.interp(at, at[known], np.array([value for value in values if value is not None], dtype=float))
    half = window // 2
    powers = np.vander(np.arange(-half, half + 1), 3, increasing=True)
    fit = powers @ np.linalg.pinv(powers)
    # The row of the middle slides along the series; the ends take the curve of the first and last window.
    inner = np.convolve(filled, fit[half][::-1], mode="valid")
    fitted = np.concatenate([(fit @ filled[:window])[:half], inner, (fit @ filled[-window:])[half + 1 :]])
    return [round(float(value), 2) if there else None for value, there in zip(fitted, known)]
