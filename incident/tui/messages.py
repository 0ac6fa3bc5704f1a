"""What reaches the screens from outside the event loop's own keys and timers."""

from __future__ import annotations

from textual.message import Message

from incident.engine.news import News


class Told(Message):
    """The engine has news."""

    def __init__(self, news: News) -> None:
        super().__init__()
        self.news = news
