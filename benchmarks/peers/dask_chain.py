"""A program: answers every line on its input with the seconds of a chain of 20 on a warm Dask."""

import sys
import time

from dask.distributed import Client, LocalCluster


def step(number):
    """Do the body of a task."""
    return number + 1


def chain(client):
    """Give the seconds from the first submit to the last result."""
    start = time.perf_counter()
    future = 0
    for _ in range(20):
        future = client.submit(step, future, pure=False)
    assert future.result() == 20
    return time.perf_counter() - start


if __name__ == "__main__":
    with (
        LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        for _ in sys.stdin:
            print(chain(client), flush=True)
