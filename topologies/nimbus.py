"""Storm's Nimbus over Thrift: the one file that knows streamparse's bundled thrift.

Verified against Storm 2.8.3: newer fields that the bundled definition lacks are skipped.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from streamparse.thrift import (
    GetInfoOptions,
    KillOptions,
    NumErrorsChoice,
    SubmitOptions,
    TopologyInitialStatus,
    storm_thrift,
)
from thriftpy2.protocol import TBinaryProtocolFactory
from thriftpy2.rpc import make_client
from thriftpy2.thrift import TApplicationException, TException
from thriftpy2.transport import TFramedTransportFactory, TTransportException

from snapmode.errors import ConfigError, TransientError
from topologies.on_storm import Component, Details, Mishap, Running, UnknownTopologyError

CHUNK = 300_000
"""Bytes of a jar in one call."""
ALL_TIME = ":all-time"
NOISE = ("\tat ", "NoneType: None")
WRAPPING = "java.lang.Exception: Shell Process Exception: "


class Nimbus:
    """A `Master`: one connection, used in a `with` block.

    `TransientError` when it is away, `ConfigError` when it refuses what it is told.
    """

    def __init__(self, address: str, timeout: float = 30.0) -> None:
        self.address = address
        host, _, port = address.rpartition(":")
        with self._errors():
            self._client = make_client(
                storm_thrift.Nimbus,
                host=host,
                port=int(port),
                proto_factory=TBinaryProtocolFactory(),
                trans_factory=TFramedTransportFactory(),
                timeout=int(timeout * 1000),
            )

    def __enter__(self) -> "Nimbus":
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()

    def topologies(self) -> list[Running]:
        with self._errors():
            found = self._client.getClusterInfo().topologies
        return sorted((_running(each) for each in found), key=lambda each: each.name)

    def slots(self) -> tuple[int, int]:
        with self._errors():
            supervisors = self._client.getClusterInfo().supervisors
        total = sum(each.num_workers for each in supervisors)
        return total - sum(each.num_used_workers for each in supervisors), total

    def submit(self, name: str, topology: Any, options: Mapping[str, Any], jar: bytes) -> None:
        with self._errors():
            place = self._client.beginFileUpload()
            for start in range(0, len(jar), CHUNK):
                self._client.uploadChunk(place, jar[start : start + CHUNK])
            self._client.finishFileUpload(place)
            active = SubmitOptions(initial_status=TopologyInitialStatus.ACTIVE)
            self._client.submitTopologyWithOpts(name, place, json.dumps(options), topology, active)

    def kill(self, name: str, wait: int) -> None:
        with self._errors():
            self._client.killTopologyWithOpts(name, KillOptions(wait_secs=wait))

    def details(self, id: str) -> Details:
        all_errors = GetInfoOptions(num_err_choice=NumErrorsChoice.ALL)
        with self._errors():
            page = self._client.getTopologyPageInfo(id, ALL_TIME, False)
            info = self._client.getTopologyInfoWithOpts(id, all_errors)
            options = json.loads(self._client.getTopologyConf(id))
        groups = (page.id_to_spout_agg_stats or {}), (page.id_to_bolt_agg_stats or {})
        parts = {name: group[name] for group in groups for name in sorted(group)}
        return Details(
            options,
            workers=sorted({f"{each.host}:{each.port}" for each in info.executors}),
            components=[_component(name, parts[name], info.executors) for name in parts],
            mishaps=_mishaps(info.errors),
            placing=(page.sched_status or "").strip(),
        )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except storm_thrift.NotAliveException as error:
            raise UnknownTopologyError(f"{self.address}: {error.msg}") from error
        except (storm_thrift.AlreadyAliveException, storm_thrift.InvalidTopologyException) as error:
            raise ConfigError(f"{self.address} refuses the topology: {error.msg}") from error
        except storm_thrift.AuthorizationException as error:
            raise ConfigError(f"{self.address} does not allow it: {error.msg}") from error
        except (TTransportException, OSError) as error:
            reason = getattr(error, "message", None) or error
            raise TransientError(f"Nimbus at {self.address} is away: {reason}") from error
        except (TApplicationException, TException) as error:
            raise TransientError(f"Nimbus at {self.address}: {error}") from error


def _running(summary: Any) -> Running:
    return Running(
        id=summary.id,
        name=summary.name,
        state=summary.status,
        uptime=summary.uptime_secs,
        workers=summary.num_workers,
        tasks=summary.num_tasks,
    )


def _component(name: str, stats: Any, executors: Any) -> Component:
    common, specific = stats.common_stats, stats.specific_stats
    latency = (
        specific.spout.complete_latency_ms if specific.spout else specific.bolt.process_latency_ms
    )
    reporting = [
        each.executor_info for each in executors if each.component_id == name and each.stats
    ]
    return Component(
        name=name,
        tasks=common.num_tasks or 0,
        up=sum(info.task_end - info.task_start + 1 for info in reporting),
        emitted=common.emitted or 0,
        acked=common.acked or 0,
        failed=common.failed or 0,
        latency_ms=latency or 0.0,
    )


def _mishaps(errors: Any) -> list[Mishap]:
    found = [
        Mishap(component, each.error_time_secs, each.host or "", _told(each.error))
        for component, reported in errors.items()
        for each in reported
    ]
    return sorted(found, key=lambda each: -each.at)


def _told(error: str) -> str:
    """What the component said, without what Java and an absent traceback add."""
    lines = [line for line in error.splitlines() if not line.startswith(NOISE)]
    return "\n".join(lines).removeprefix(WRAPPING).strip()
