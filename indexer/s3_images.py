"""Pictures in an S3 bucket: `PREFIXab/<key>`, where the key `abcd…` is the sha256 of the bytes.

S3 shows an object whole or not at all. How durable it is when `put` returns is the server's affair.
"""

import asyncio
import hashlib
import os
import re
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from email.utils import parsedate_to_datetime
from typing import Any

from aiohttp import ClientError as WireError
from botocore.exceptions import BotoCoreError, ParamValidationError
from fsspec.asyn import sync
from s3fs import S3FileSystem

from snapmode.errors import ConfigError, TransientError

KEY = re.compile(r"[0-9a-f]{64}")
CONNECT_SECONDS = 5
READ_SECONDS = 10
"""Between two pieces of an answer."""
ATTEMPTS = 2
SECONDS = 25
"""For all attempts together; aiohttp would wait for ever for the word to send a picture."""
CONNECTIONS = 32
REFUSED = (401, 403)
WRONG = (400, 404, 405, 409)
"""Of the bucket itself: a name, a region or an account that can't be."""


class S3Images:
    """Content-addressed pictures in a bucket; see `snapmode.ports.ImageStore`.

    The bucket is made when it is not there. Putting a picture again writes it again, which renews
    its age. The account needs the right to list the bucket: without it S3 refuses to say that a
    key is unknown. The client's one thread starts with the first request.
    """

    def __init__(
        self,
        endpoint: str,
        bucket: str,
        key: str,
        secret: str,
        region: str = "us-east-1",
        prefix: str = "",
    ) -> None:
        self._endpoint = endpoint
        self._bucket = bucket
        self._key = key
        self._secret = secret
        self._region = region
        self._prefix = prefix
        self._lock = threading.Lock()
        self._clients: dict[int, S3FileSystem] = {}
        """By process: after a fork the parent's is kept, for to close it is the parent's affair."""
        self._has_bucket = False

    def put(self, data: bytes) -> str:
        key = hashlib.sha256(data).hexdigest()
        try:
            self._call("put_object", Key=self._name(key), Body=data)
        except FileNotFoundError as error:
            self._has_bucket = False  # it was removed: made anew by the next request
            raise TransientError(f"{self._where}: {error}") from error
        return key

    def get(self, key: str) -> bytes:
        name = self._name(key)
        with self._errors():
            client = self._client()
            try:
                # One request: without max_concurrency it asks for the length first.
                call = client._cat_file(f"{self._bucket}/{name}", max_concurrency=1)  # noqa: SLF001 - see _asked
                read: bytes = _wait(client, call)
            except FileNotFoundError as error:
                raise KeyError(key) from error
            return read

    def exists(self, key: str) -> bool:
        try:
            self._head(key)
        except KeyError:
            return False
        return True

    def delete(self, key: str) -> None:
        if KEY.fullmatch(key):
            self._call("delete_object", Key=self._name(key))

    def keys(self) -> Iterator[str]:
        following: dict[str, str] = {}
        while True:
            page = self._call("list_objects_v2", Prefix=self._prefix, **following)
            for found in page.get("Contents", ()):
                key = found["Key"].rpartition("/")[2]
                if KEY.fullmatch(key) and found["Key"] == self._name(key):
                    yield key
            if not page["IsTruncated"]:
                return
            following = {"ContinuationToken": page["NextContinuationToken"]}

    def age(self, key: str) -> float:
        head = self._head(key)
        # By the server's clock, whatever ours says.
        now = parsedate_to_datetime(head["ResponseMetadata"]["HTTPHeaders"]["date"])
        return max(0.0, float((now - head["LastModified"]).total_seconds()))

    def _head(self, key: str) -> dict[str, Any]:
        try:
            return self._call("head_object", Key=self._name(key))
        except FileNotFoundError as error:
            raise KeyError(key) from error

    def _name(self, key: str) -> str:
        # A key comes from outside too: nothing but a hash may become a path.
        if not KEY.fullmatch(key):
            raise KeyError(key)
        return f"{self._prefix}{key[:2]}/{key}"

    @property
    def _where(self) -> str:
        return f"S3 at {self._endpoint}, bucket {self._bucket}"

    def _call(self, method: str, **arguments: object) -> dict[str, Any]:
        with self._errors():
            return self._asked(self._client(), method, **arguments)

    def _asked(self, client: S3FileSystem, method: str, **arguments: object) -> dict[str, Any]:
        # fsspec's own name for the coroutine behind call_s3.
        call = client._call_s3(method, Bucket=self._bucket, **arguments)  # noqa: SLF001 - as said
        answer: dict[str, Any] = _wait(client, call)
        return answer

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """What s3fs, botocore and aiohttp raise, as ours; an unknown key is the caller's."""
        try:
            yield
        except FileNotFoundError:
            raise
        except (ParamValidationError, ValueError) as error:
            raise ConfigError(f"{self._where}: {error}") from error
        except (OSError, BotoCoreError, WireError) as error:
            if _status(error) in REFUSED or (not self._has_bucket and _status(error) in WRONG):
                raise ConfigError(
                    f"{self._where}: refused, check key, secret, region and bucket: {error}"
                ) from error
            raise TransientError(f"{self._where}: {error}") from error

    def _client(self) -> S3FileSystem:
        """The client of this process, the bucket there."""
        with self._lock:
            if os.getpid() not in self._clients:
                self._clients[os.getpid()] = self._open()
            client = self._clients[os.getpid()]
        # Outside the lock: when the server hangs, threads wait side by side, not in a queue.
        if not self._has_bucket:
            self._make_bucket(client)
            self._has_bucket = True
        return client

    def _open(self) -> S3FileSystem:
        client = S3FileSystem(
            key=self._key,
            secret=self._secret,
            endpoint_url=self._endpoint,
            client_kwargs={"region_name": self._region},
            config_kwargs={
                "connect_timeout": CONNECT_SECONDS,
                "read_timeout": READ_SECONDS,
                "retries": {"total_max_attempts": 1},  # s3fs repeats
                "max_pool_connections": CONNECTIONS,
                "s3": {"addressing_style": "path"},
            },
            use_listings_cache=False,
            skip_instance_cache=True,
        )
        client.retries = ATTEMPTS
        return client

    def _make_bucket(self, client: S3FileSystem) -> None:
        """Unless it is there."""
        home = {"LocationConstraint": self._region}
        # The first region is the default, and AWS refuses to hear its name.
        where = {} if self._region == "us-east-1" else {"CreateBucketConfiguration": home}
        with suppress(FileExistsError):  # made by another process just now
            try:
                self._asked(client, "head_bucket")
            except FileNotFoundError:
                self._asked(client, "create_bucket", **where)


def _wait(client: S3FileSystem, call: Coroutine[Any, Any, Any]) -> Any:
    """What the call answers, from any thread, in bounded time."""

    async def bounded() -> Any:
        try:
            return await asyncio.wait_for(call, SECONDS)
        except TimeoutError as error:
            raise OSError(f"no answer in {SECONDS} seconds") from error

    return sync(client.loop, bounded)


def _status(error: Exception) -> int:
    """Of HTTP; 0 when there was no answer. s3fs keeps the answer in the cause."""
    answer = getattr(error.__cause__, "response", None) or {}
    return int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
