"""What every test may ask for."""

from __future__ import annotations

import signal

import pytest

from tests.fakes import World

# Whatever runs the tests in the background may ignore these, and every process that a test starts would inherit it.
for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)


@pytest.fixture
def world() -> World:
    """Stand-ins at every port: two alerts, a deploy before the page, the seed's runbook."""
    return World()
