"""Audit the Python this runs on: are its installed files intact, and what is in its library?

Seven tasks, each in a process of its own. Everything they know of each other went through XComs.
"""

import hashlib
import importlib.metadata
import re
import sysconfig
from base64 import urlsafe_b64encode
from collections import Counter
from decimal import Decimal
from pathlib import Path

from crosscom import DAG, Variable, task
from crosscom.operators import BashOperator

LIBRARY = Path(sysconfig.get_path("stdlib"))
DEFINITION = re.compile(r"^[ \t]*(?:async[ \t]+)?(def|class)[ \t]+(\w+)", re.MULTILINE)
NOT_LIBRARY = {"site-packages", "dist-packages", "test", "tests", "idle_test"}


def digest_of(path, algorithm):
    """Give a file's digest as an installer records it."""
    found = hashlib.new(algorithm, path.read_bytes()).digest()
    return urlsafe_b64encode(found).rstrip(b"=").decode()


with DAG("python_audit", doc_md=__doc__) as dag:

    @task
    def list_installed(ti=None):
        """Push what each distribution recorded of its files; return how many there are of each."""
        recorded = {}
        for distribution in importlib.metadata.distributions():
            files = [file for file in distribution.files or () if file.hash is not None]
            recorded[distribution.metadata["Name"]] = [
                (str(file), file.hash.mode, file.hash.value) for file in files
            ]
        ti.xcom_push("recorded", recorded)
        return {name: len(files) for name, files in recorded.items()}

    @task(multiple_outputs=True)
    def read_library():
        """Return every definition in the standard library, and its largest module."""
        definitions, sizes = [], {}
        for path in sorted(LIBRARY.rglob("*.py")):
            module = path.relative_to(LIBRARY)
            if NOT_LIBRARY.isdisjoint(module.parts):
                source = path.read_text(encoding="utf-8", errors="replace")
                sizes[str(module)] = len(source)
                found = DEFINITION.findall(source)
                definitions.extend((str(module), kind, name) for kind, name in found)
        return {"definitions": definitions, "largest": max(sizes, key=sizes.get)}

    @task(multiple_outputs=True)
    def check_files(recorded):
        """Hash each recorded file and compare; a set, a Decimal and a tuple come back as such."""
        changed, missing, intact = set(), set(), 0
        for name, files in recorded.items():
            distribution = importlib.metadata.distribution(name)
            for file, algorithm, digest in files:
                path = Path(distribution.locate_file(file))
                if not path.is_file():
                    missing.add(file)
                elif digest_of(path, algorithm) != digest:
                    changed.add(file)
                else:
                    intact += 1
        share = Decimal(100 * intact) / max(intact + len(changed) + len(missing), 1)
        return {"changed": changed, "missing": missing, "intact": (intact, round(share, 2))}

    @task
    def count_definitions(definitions):
        """Return how many functions and classes each package defines, largest first."""
        packages = Counter((Path(module).parts[0], kind) for module, kind, _ in definitions)
        return packages.most_common(10)

    count_lines = BashOperator(
        task_id="count_lines",
        bash_command='wc -l < "$LIBRARY/$LARGEST"',
        env={
            "LIBRARY": str(LIBRARY),
            "LARGEST": "{{ ti.xcom_pull(task_ids='read_library', key='largest') }}",
        },
        append_env=True,
        output_processor=int,
    )

    @task(retries=1, retry_delay=0.2)
    def publish(share, ti=None):
        """Fail once, on purpose: what the first try pushed is gone when the second begins."""
        left_over = ti.xcom_pull(key="draft", default="nothing")
        ti.xcom_push("draft", {"try": ti.try_number, "intact": share})
        if ti.try_number == 1:
            raise ConnectionError("the first try fails on purpose; watch its XComs go")
        ti.xcom_push("found_of_first_try", left_over)
        return f"published by try {ti.try_number}"

    @task
    def report(installed, changed, missing, intact, packages, lines):
        """Compare with the last audit, kept in a Variable, and return the summary."""
        before = Variable.get("python_audit_files", default=None, deserialize_json=True)
        files = sum(installed.values())
        Variable.set("python_audit_files", files, serialize_json=True)
        return {
            "distributions": len(installed),
            "files": files,
            "files since the last audit": 0 if before is None else files - before,
            "intact": intact,
            "changed": changed,
            "missing": len(missing),
            "largest package": packages[0],
            "lines in the largest module": lines,
        }

    installed = list_installed()
    library = read_library()
    checked = check_files(installed["recorded"])
    packages = count_definitions(library["definitions"])
    library >> count_lines
    report(
        installed,
        checked["changed"],
        checked["missing"],
        checked["intact"],
        packages,
        count_lines.output,
    ) << publish(checked["intact"])
