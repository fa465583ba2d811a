"""One task that pushes and pulls a small dict many times, with bare SQLite beside it.

New keys, one key again and again, pulls: each for the workflow system and for the limit, in turns.
The seconds of one call go to the file that BENCH_RESULT names.
"""

import json
import os
import time
from pathlib import Path

from bare_sqlite import BareSqlite

try:
    from crosscom import DAG, get_current_context, task
except ModuleNotFoundError:
    from airflow.sdk import DAG, get_current_context, task

VALUE = {"id": 4711, "name": "extract", "ok": True, "ratio": 0.25, "tags": ["a", "b"]}


@task
def measure():
    """Measure, and leave the figures in the file."""
    calls, result = int(os.environ["BENCH_CALLS"]), Path(os.environ["BENCH_RESULT"])
    ti = get_current_context()["ti"]
    with BareSqlite(result.with_suffix(".db")) as bare:
        # The first, shorter go warms both sides up.
        for name, number in (("warm", max(1, calls // 10)), ("real", calls)):
            figures = take_turns(ti, bare, name, number)
    result.write_text(json.dumps(figures))


def take_turns(ti, bare, name, calls):
    """Give the seconds per call of every act; *name* makes the keys new."""
    acts = {
        "push_new": lambda i: ti.xcom_push(f"{name}_{i}", VALUE),
        "bare_push_new": lambda i: bare.push(f"{name}_{ti.run_id}_{i}", VALUE),
        "push_same": lambda _: ti.xcom_push("same", VALUE),
        "bare_push_same": lambda _: bare.push("same", VALUE),
        "pull": lambda _: ti.xcom_pull(task_ids="measure", key="same"),
        "bare_pull": lambda _: bare.pull("same"),
    }
    assert acts["push_same"](0) == acts["bare_push_same"](0)
    assert acts["pull"](0) == acts["bare_pull"](0) == VALUE
    return {act: per_call(calls, do) for act, do in acts.items()}


def per_call(calls, act):
    """Give the seconds of one `act(number)`, taken over *calls* of them."""
    start = time.perf_counter()
    for number in range(calls):
        act(number)
    return (time.perf_counter() - start) / calls


with DAG("bench_push_pull", schedule=None):
    measure()
