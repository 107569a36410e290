"""Prometheus metrics of every room, in one place so that names stay consistent."""

from prometheus_client import Counter, Gauge, Histogram

PAGES = Counter("snapmode_crawl_pages_total", "Pages fetched, by what they were", ["type"])
PUBLISHED = Counter("snapmode_crawl_products_total", "Products published to the log")
INGESTED = Counter("snapmode_ingest_products_total", "Messages done, by outcome", ["outcome"])
EMBEDDED = Counter(
    "snapmode_ingest_pictures_total", "Pictures met by ingest, by outcome", ["outcome"]
)
DEAD_LETTERS = Counter("snapmode_dead_letters_total", "Items put aside", ["stage"])
RETRIES = Counter("snapmode_retries_total", "Calls repeated because an engine was away", ["stage"])
PAUSED = Counter(
    "snapmode_crawl_paused_seconds_total", "Time the crawl took no new page, by reason", ["reason"]
)
ENGINE_UP = Gauge("snapmode_engine_up", "1 when the engine answered its last check", ["engine"])
AWAY_SECONDS = Counter(
    "snapmode_away_seconds_total", "Seconds waited for engines that were away", ["stage"]
)
LAG = Gauge("snapmode_log_lag_records", "Records not yet committed", ["topic", "group"])
STAGE_SECONDS = Histogram(
    "snapmode_stage_seconds",
    "Time spent in one call of a stage",
    ["stage"],
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
REQUESTS = Counter("snapmode_http_requests_total", "HTTP requests", ["route", "status"])


def total(counter: Counter, label: str) -> int:
    """What a counter with one label has counted under `label` so far, in this process."""
    samples = [sample for metric in counter.collect() for sample in metric.samples]
    return int(
        sum(
            sample.value
            for sample in samples
            if sample.name.endswith("_total") and label in sample.labels.values()
        )
    )
