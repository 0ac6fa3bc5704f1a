"""Shares and rates as people read them."""

from __future__ import annotations


def percent(share: float) -> str:
    """`63 %`, `4.2 %`, `0.31 %`: two digits that say something, whole from ten on. A part is never shown as all."""
    value = share * 100
    if abs(value) >= 9.95 or value == 0:
        whole = f"{value:,.0f} %"
        return ">99 %" if whole == "100 %" and share < 1 else whole
    if abs(value) >= 0.01:
        return f"{value:.2g} %"
    return "<0.01 %" if value > 0 else "0 %"


def times(rate: float) -> str:
    """A burn rate: `14x`, `3.2x`, `0.4x`."""
    if rate >= 9.95:
        return f"{rate:,.0f}x"
    return f"{rate:.1f}x" if rate >= 0.05 or rate <= 0 else "<0.1x"
