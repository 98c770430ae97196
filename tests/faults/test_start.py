"""``python -m api serve`` in a process of its own: the first start, the second, and the polite end."""

import re
from pathlib import Path

from httpx2 import Client

from tests.api.databases import SqliteDatabases
from tests.faults.process import running_process

PASSWORD = re.compile(r"admin +one-time password: ([a-z2-9-]{23})")


def test_first_start_prints_addresses_and_the_password_once(sqlite: SqliteDatabases, tmp_path: Path) -> None:
    url = sqlite.empty(tmp_path)
    with running_process(url, folder=tmp_path, module="api", arguments=("serve",)) as server:
        with Client(base_url=server.base_url) as client:
            assert client.get("/readyz").json()["status"] == "ready"
            assert client.get("/healthz").headers.get("server") is None
        printed = server.stop()
    found = PASSWORD.search(printed)
    assert found is not None
    assert printed.count(found[1]) == 1
    with running_process(url, folder=tmp_path, module="api", arguments=("serve",)) as again:
        assert "password" not in again.stop()
    logs = [path.read_text() for path in tmp_path.glob("server-*.log")]
    assert len(logs) == 2
    assert all("service_started" in log and found[1] not in log for log in logs)
