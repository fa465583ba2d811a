"""Run a DAG file and kill processes of the run before or after its n-th transaction.

Arguments: the DAG file, the number of the transaction (from 1), `before` or `after`, and who is
killed: `writer` (whoever makes the transaction), `scheduler`, `template`, or `both`.
The transactions of all processes of the run are counted together, in the file `transactions`.
"""

import fcntl
import os
import signal
import sys
from pathlib import Path

from crosscom.runtime import child, runs
from crosscom.runtime.processes import MARK
from crosscom.runtime.runs import RunRequest, start_run
from crosscom.runtime.watcher import Nobody
from crosscom.settings import load_settings
from crosscom.stores.opening import open_store

TRANSACTIONS = {
    "adopt_run",
    "begin_try",
    "create_run",
    "end_try",
    "finish_run",
    "put",
    "put_sources",
    "settle",
}


class FaultyStore:
    """A store that kills around one of its transactions."""

    def __init__(self, store, plan):
        self._store = store
        self._plan = plan

    def __getattr__(self, name):
        method = getattr(self._store, name)
        return self._around(name, method) if name in TRANSACTIONS else method

    def _around(self, name, method):
        def call(*arguments, **options):
            number = self._count(name)
            if (number, "before") == (self._plan.number, self._plan.when):
                self._plan.kill()
            result = method(*arguments, **options)
            if (number, "after") == (self._plan.number, self._plan.when):
                self._plan.kill()
            return result

        return call

    def _count(self, name):
        """Count this transaction among those of all processes."""
        with Path("transactions").open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(f"{name}\n")
            file.flush()
            file.seek(0)
            return len(file.readlines())


class Plan:
    """When to kill whom."""

    def __init__(self, number, when, victims):
        self.number = number
        self.when = when
        self._victims = victims
        self._scheduler = os.getpid()

    def kill(self):
        """Kill now."""
        victims = {
            "writer": [os.getpid()],
            "scheduler": [self._scheduler],
            "template": [self._template()],
            "both": [self._template(), self._scheduler],
        }
        for pid in victims[self._victims]:
            os.kill(pid, signal.SIGKILL)
        if self._victims == "both":
            # Whoever is left shall not go on as if nothing had happened.
            os.kill(os.getpid(), signal.SIGKILL)

    def _template(self):
        """Find the scheduler's one child."""
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    stat = (folder / "stat").read_text()
                except OSError:
                    continue
                if int(stat[stat.rindex(")") + 2 :].split()[1]) == self._scheduler:
                    return int(folder.name)
        return self._scheduler


def main():
    """Run the file, and kill as planned."""
    file, number, when, victims = sys.argv[1:]
    plan = Plan(int(number), when, victims)

    def faulty(*arguments, **options):
        return FaultyStore(open_store(*arguments, **options), plan)

    for module in (child, runs):
        # The template is forked from here, and children from it: they all open this store.
        vars(module)["open_store"] = faulty
    start_run(RunRequest(Path(file), run_id="r"), load_settings(), Nobody())


if __name__ == "__main__":
    assert MARK not in os.environ
    main()
