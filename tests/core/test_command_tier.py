"""What an author asks for can only raise the tier."""

from __future__ import annotations

import pytest

from incident.core.command import Tier, raised


@pytest.mark.parametrize(
    ("tier", "confirm", "expected"),
    [
        (Tier.ONE_KEY, "", Tier.ONE_KEY),
        (Tier.ONE_KEY, "yes", Tier.CONFIRM),
        (Tier.ONE_KEY, "production", Tier.TYPE_TARGET),
        (Tier.CONFIRM, "yes", Tier.CONFIRM),
        (Tier.TYPE_TARGET, "yes", Tier.TYPE_TARGET),
        (Tier.TYPE_TARGET, "", Tier.TYPE_TARGET),
    ],
)
def test_the_tier_is_never_lowered(tier: Tier, confirm: str, expected: Tier) -> None:
    assert raised(tier, confirm) is expected
