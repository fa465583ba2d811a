"""A whole Airflow on this machine: API server, scheduler, DAG processor, on SQLite."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from urllib.error import URLError
from urllib.request import Request, urlopen

from benchmarks.peers.environments import variables_for
from benchmarks.plan import DAGS

_SERVICES = ("api-server", "scheduler", "dag-processor")
_START_SECONDS = 180.0
_RUN_SECONDS = 300.0
_STOP_SECONDS = 5.0


class Airflow:
    """Its processes, each the head of a group, in a folder of its own.

    Use it as a context: they end with it, by force if they must.
    """

    def __init__(self, python: Path, folder: Path, **environment: str) -> None:
        """Take the folder *folder*; tasks see *environment*."""
        self._program = python.with_name("airflow")
        self._folder = folder
        self._port, log_port = _free_ports(2)
        configuration = _configuration(folder, self._port, log_port)
        self._environment = variables_for(python, **environment, **configuration)
        self._processes: list[subprocess.Popen[bytes]] = []
        self._token: str | None = None

    def __enter__(self) -> Self:
        shutil.copytree(DAGS, self._folder / "dags", ignore=shutil.ignore_patterns("__pycache__"))
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pids(self) -> list[int]:
        """The processes from which all others descend."""
        return [process.pid for process in self._processes]

    def run(self, dag_id: str) -> dict[str, Any]:
        """Trigger a run, wait for its end, and give it as the API shows it.

        Raises:
            RuntimeError: It did not succeed.
            TimeoutError: It did not end in time.
        """
        body = {"dag_run_id": f"bench_{secrets.token_hex(4)}", "logical_date": None}
        made = self._call(f"/api/v2/dags/{dag_id}/dagRuns", body)
        place = f"/api/v2/dags/{dag_id}/dagRuns/{made['dag_run_id']}"
        deadline = time.monotonic() + _RUN_SECONDS
        while time.monotonic() < deadline:
            run = self._call(place)
            if run["state"] == "success":
                return {**run, **self._call(f"{place}/taskInstances")}
            if run["state"] == "failed":
                msg = f"Airflow's run of {dag_id} failed; its logs are in {self._folder}"
                raise RuntimeError(msg)
            # Rarely, because each question takes time from what is measured.
            time.sleep(0.5)
        msg = f"Airflow's run of {dag_id} did not end within {_RUN_SECONDS:g} s"
        raise TimeoutError(msg)

    def stop(self) -> None:
        """End every process that was started, with its children."""
        for process in self._processes:
            _signal(process, signal.SIGTERM)
        for process in self._processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=_STOP_SECONDS)
            _signal(process, signal.SIGKILL)
            process.wait()

    def _start(self) -> None:
        migrate = [str(self._program), "db", "migrate"]
        with (self._folder / "migrate.log").open("wb") as log:
            subprocess.run(
                migrate,
                env=self._environment,
                cwd=self._folder,
                stdout=log,
                stderr=log,
                check=True,
                timeout=120,
            )
        for service in _SERVICES:
            with (self._folder / f"{service}.log").open("wb") as log:
                self._processes.append(
                    subprocess.Popen(
                        [str(self._program), service],
                        env=self._environment,
                        cwd=self._folder,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                )
        self._wait_until_it_knows(len(list((self._folder / "dags").glob("*.py"))) - 1)

    def _wait_until_it_knows(self, dags: int) -> None:
        """Wait for the API, and for every DAG file: all but one module hold a DAG."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            with suppress(URLError, ConnectionError, TimeoutError):
                self._token = self._token or self._call("/auth/token")["access_token"]
                if self._call("/api/v2/dags")["total_entries"] >= dags:
                    return
            time.sleep(1.0)
        msg = f"Airflow did not start within {_START_SECONDS:g} s; its logs are in {self._folder}"
        raise TimeoutError(msg)

    def _call(self, path: str, body: object | None = None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"http://127.0.0.1:{self._port}{path}", data=data, headers=headers)
        with urlopen(request, timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


def _configuration(folder: Path, port: int, log_port: int) -> dict[str, str]:
    """Give Airflow's defaults on one machine, with every address inside of it."""
    return {
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__DAGS_FOLDER": str(folder / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(log_port),
    }


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
