"""A program: answers every line on its input with the seconds of a chain of 20 on a warm Ray."""

import sys
import time

import ray


@ray.remote
def step(number):
    """Do the body of a task."""
    return number + 1


def chain():
    """Give the seconds from the first submit to the last result."""
    start = time.perf_counter()
    reference = 0
    for _ in range(20):
        reference = step.remote(reference)
    assert ray.get(reference) == 20
    return time.perf_counter() - start


if __name__ == "__main__":
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, _temp_dir=sys.argv[1])
    try:
        for _ in sys.stdin:
            print(chain(), flush=True)
    finally:
        ray.shutdown()
