"""SqliteLog keeps the contract of `Log`."""

from pathlib import Path

import pytest

from tests.contract.log_contract import LogContract


class TestSqliteLog(LogContract):
    @pytest.fixture
    def table(self, tmp_path: Path) -> dict[str, object]:
        path = str(tmp_path / "log.sqlite")
        return {"adapter": "topologies.sqlite_log:SqliteLog", "path": path, "partitions": 4}
