"""What a Prometheus says fired in the past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from incident.core.importing.prometheus import QUERY, Asked, told
from incident.errors import SourceError
from incident.sources.access import Access
from incident.sources.history import History
from tests.adapters.http_server import Listener, WallClock, body, value

BEGIN = datetime(2026, 5, 2, 3, 0, 7, tzinfo=UTC)
EMPTY = {"status": "success", "data": {"resultType": "matrix", "result": []}}


async def asked(span: timedelta) -> tuple[Asked, dict[str, str]]:
    async with Listener(value(EMPTY)) as listener:
        history = History(listener.url, clock=WallClock(), access=Access(timeout=5))
        try:
            answer, question = await history.alerts(BEGIN, BEGIN + span)
        finally:
            await history.aclose()
    assert answer == EMPTY
    assert told(answer, "prom", question).rows == ()
    [heard] = listener.heard
    assert heard.path == "/api/v1/query_range"
    return question, heard.params


async def test_a_short_span_is_asked_finely_on_a_grid_that_every_question_shares() -> None:
    question, params = await asked(timedelta(hours=1))
    assert (question.step, question.begin % 15, question.end % 15) == (15, 0, 0)
    assert 0 <= BEGIN.timestamp() - question.begin < 15
    assert params == {
        "query": QUERY, "step": "15", "start": f"{question.begin:.0f}", "end": f"{question.end:.0f}",
    }  # fmt: skip


async def test_a_long_span_stays_below_what_a_server_gives_in_one_answer() -> None:
    question, _ = await asked(timedelta(days=14))
    assert (question.end - question.begin) / question.step <= 10_001
    assert question.step % 15 == 0


async def test_a_server_that_does_not_answer_is_a_source_that_failed() -> None:
    async with Listener(body(b"busy", status="503 Service Unavailable")) as listener:
        history = History(listener.url, clock=WallClock(), access=Access(timeout=5))
        with pytest.raises(SourceError):
            await history.alerts(BEGIN, BEGIN + timedelta(hours=1))
        await history.aclose()
