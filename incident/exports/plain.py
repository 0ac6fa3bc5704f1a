"""The values of a draft as JSON knows them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from incident.core.when import iso


def plain_values(value: Any) -> Any:
    """Any value of the draft as JSON values: durations in seconds, what is no number as null."""
    match value:
        case Enum():
            return value.value
        case datetime():
            return iso(value)
        case date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case float() if not math.isfinite(value):
            return None
        case Mapping():
            return {str(plain_values(key)): plain_values(item) for key, item in value.items()}
        case list() | tuple():
            return [plain_values(item) for item in value]
    if is_dataclass(value):
        return {field.name: plain_values(getattr(value, field.name)) for field in fields(value)}
    return value
