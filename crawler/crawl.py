"""Running Scrapy for one job."""

import asyncio
import logging
from typing import Any
from urllib.parse import urlsplit

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess
from twisted.python.failure import Failure

from crawler.job import Job
from crawler.spiders.shop import ShopSpider
from snapmode.settings import Crawl


def run(job: Job, trusted: list[str]) -> None:
    """Crawl until nothing is left, a limit is reached, or a signal asks to stop.

    Runs Scrapy's reactor, so once per process. An error of a pipeline (a bug, an engine that is
    away for too long) stops the crawl and is raised here; the page it concerns stays pending.
    """
    process = AsyncCrawlerProcess(scrapy_settings(job.limits, trusted))
    crawler = process.create_crawler(ShopSpider)
    stopping: list[asyncio.Future[None]] = []

    def failed(failure: Failure) -> None:
        if failure.value:
            job.fail(failure.value)

    job.stop = lambda: stopping.append(asyncio.ensure_future(crawler.stop_async()))
    for engine in job.engines:
        engine.on_lost = job.fail
    crawler.signals.connect(failed, signal=signals.item_error)
    crawler.signals.connect(failed, signal=signals.spider_error)
    if logging.lastResort:  # Scrapy has a handler that counts, so Python's own does not print
        logging.getLogger("crawler").addHandler(logging.lastResort)
    process.crawl(crawler, job=job)
    process.start()
    if job.error:
        raise job.error
    job.report.finished = not job.frontier.pending()


def scrapy_settings(limits: Crawl, trusted: list[str]) -> dict[str, Any]:
    """Scrapy's settings for our limits; what is not named is Scrapy's default or switched off."""
    return {
        "LOG_INSTALL_ROOT_HANDLER": False,
        "TELNETCONSOLE_ENABLED": False,
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "TWISTED_DNS_RESOLVER": "crawler.guarded_resolver.GuardedResolver",
        "SNAPMODE_TRUSTED_NAMES": trusted,
        "SCHEDULER": "crawler.scheduler.FrontierScheduler",
        "USER_AGENT": limits.user_agent,
        "CONCURRENT_REQUESTS": 0,  # the frontier gives each host its share
        "CONCURRENT_REQUESTS_PER_DOMAIN": limits.concurrency_per_host,
        "DOWNLOAD_DELAY": limits.delay,
        "DOWNLOAD_TIMEOUT": limits.timeout,
        "DOWNLOAD_MAXSIZE": limits.max_page_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "RETRY_TIMES": limits.retries,
        "RETRY_GIVE_UP_LOG_LEVEL": "INFO",
        "REDIRECT_ENABLED": False,  # a redirect is a visit with one link
        "METAREFRESH_ENABLED": False,
        "COOKIES_ENABLED": False,
        "HTTPPROXY_ENABLED": False,  # the guarded resolver must see the shop's own name
        "ROBOTSTXT_OBEY": False,  # ours also reads 5xx, crawl-delay and sitemaps
        "DOWNLOADER_MIDDLEWARES": {
            "crawler.manners.Robots": 100,
            "crawler.manners.Backoff": 560,
        },
        "SPIDER_MIDDLEWARES": {
            f"scrapy.spidermiddlewares.{name}": None
            for name in (
                "referer.RefererMiddleware",
                "urllength.UrlLengthMiddleware",
                "depth.DepthMiddleware",
                "metacopy.MetaCopyDetectionMiddleware",
            )
        },
        "EXTENSIONS": {"crawler.manners.Pace": 0, "crawler.pauses.Pauses": 0},
        "ITEM_PIPELINES": {
            "crawler.pipelines.DropDuplicates": 50,
            "crawler.pipelines.StorePictures": 100,
            "crawler.pipelines.PublishProducts": 200,
            "crawler.pipelines.ReportToFrontier": 300,
        },
    }


def trusted_names(seeds: list[str]) -> list[str]:
    """Host names that may have a private address, because the operator named them."""
    return sorted({urlsplit(seed).hostname or "" for seed in seeds})
