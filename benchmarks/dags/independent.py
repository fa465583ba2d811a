"""As many tasks as BENCH_TASKS says; none waits for another, each returns a small dict."""

import os

try:
    from crosscom import DAG, task
except ModuleNotFoundError:
    from airflow.sdk import DAG, task


@task
def work(number):
    """Return a small dict."""
    return {"number": number, "ok": True}


with DAG("bench_independent", schedule=None):
    for place in range(int(os.environ.get("BENCH_TASKS", "100"))):
        work.override(task_id=f"work_{place:03}")(place)
