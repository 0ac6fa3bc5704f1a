"""Golden signals: a value with its unit, its course, and the limit that gives it a meaning."""

from incident.core.signals.amounts import amount, limit_of, sparkline
from incident.core.signals.model import Nature, Series, Signal
from incident.core.signals.sampled import Point, downsampled
from incident.core.signals.words import beside, course_words, evidence, signal_words, since_words

__all__ = [
    "Nature",
    "Point",
    "Series",
    "Signal",
    "amount",
    "beside",
    "course_words",
    "downsampled",
    "evidence",
    "limit_of",
    "signal_words",
    "since_words",
    "sparkline",
]
