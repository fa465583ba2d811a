"""The order of tasks, and what stands in its way."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Mapping


def topological_order(upstream: Mapping[str, Collection[str]]) -> list[str] | None:
    """Give the names so that each comes after those it waits for; ties as *upstream* has them.

    >>> topological_order({"c": ["a"], "b": [], "a": []})
    ['b', 'a', 'c']

    Args:
        upstream: What each name waits for.

    Returns:
        The names, or None where some wait for each other.
    """
    place = {name: number for number, name in enumerate(upstream)}
    names = list(upstream)
    waiting = {name: len(before) for name, before in upstream.items()}
    after: dict[str, list[str]] = {name: [] for name in upstream}
    for name, before in upstream.items():
        for one in before:
            after[one].append(name)
    ready = [place[name] for name, count in waiting.items() if count == 0]
    heapq.heapify(ready)
    order = []
    while ready:
        name = names[heapq.heappop(ready)]
        order.append(name)
        for one in after[name]:
            waiting[one] -= 1
            if waiting[one] == 0:
                heapq.heappush(ready, place[one])
    return order if len(order) == len(upstream) else None


def find_cycle(upstream: Mapping[str, Collection[str]]) -> list[str]:
    """Give names of which each is waited for by the next, the first one repeated at the end.

    >>> find_cycle({"a": ["c"], "b": ["a"], "c": ["b"]})
    ['a', 'b', 'c', 'a']

    Args:
        upstream: What each name waits for; there is a cycle in it.
    """
    done: set[str] = set()
    for start in upstream:
        path: list[str] = []
        on_path: dict[str, int] = {}
        branches = [iter((start,))]
        while branches:
            name = next(branches[-1], None)
            if name is None:
                branches.pop()
                if path:
                    done.add(path[-1])
                    del on_path[path.pop()]
            elif name in on_path:
                return _in_order(path[on_path[name] :])
            elif name not in done:
                on_path[name] = len(path)
                path.append(name)
                branches.append(iter(sorted(upstream[name])))
    msg = "there is no cycle"
    raise ValueError(msg)


def _in_order(backwards: list[str]) -> list[str]:
    """Turn the way upstream into the way the edges go, beginning at the first name by letter."""
    cycle = backwards[::-1]
    first = cycle.index(min(cycle))
    return [*cycle[first:], *cycle[:first], cycle[first]]
