"""What every test may ask for."""

from __future__ import annotations

import pytest

from tests.fakes import World


@pytest.fixture
def world() -> World:
    """Stand-ins at every port: two alerts, a deploy before the page, the seed's runbook."""
    return World()
