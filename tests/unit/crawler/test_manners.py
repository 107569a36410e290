from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from scrapy.http import Response

from crawler.manners import MAX_PAUSE, retry_after


def paused(value: str | None) -> float:
    headers = {"Retry-After": value} if value is not None else {}
    return retry_after(Response("http://shop.test/", headers=headers), default=2.0)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, 2.0),
        ("7", 7.0),
        ("0", 0.0),
        ("nonsense", 2.0),
        ("999999", MAX_PAUSE),
        ("-5", 2.0),
        ("²", 2.0),
    ],
)
def test_seconds(value: str | None, seconds: float) -> None:
    assert paused(value) == seconds


def test_dates() -> None:
    later = datetime.now(UTC) + timedelta(seconds=60)
    assert 50 < paused(format_datetime(later, usegmt=True)) <= 60
    assert paused("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
