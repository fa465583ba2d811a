"""Twenty tasks in a chain: each takes a small number from the one before and returns the next."""

try:
    from crosscom import DAG, task
except ModuleNotFoundError:
    from airflow.sdk import DAG, task

LENGTH = 20


@task
def step(number):
    """Return the next number."""
    return number + 1


with DAG("bench_chain", schedule=None):
    value = 0
    for place in range(LENGTH):
        value = step.override(task_id=f"step_{place:02}")(value)
