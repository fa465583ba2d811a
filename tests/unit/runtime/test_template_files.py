"""Which files the templates of a DAG need."""

from crosscom import DAG, task
from crosscom.operators import BashOperator
from crosscom.runtime.template_files import template_files, uses_templates


def files_of(folder, command):
    """Name the template files of a DAG with one command."""
    dag = DAG("d", template_searchpath=folder)
    BashOperator(task_id="bash", dag=dag, bash_command=command, env={"A": "{{ ds }}"})
    return sorted(path.name for path in template_files(dag))


def test_a_file_brings_all_that_it_includes(tmp_path):
    """Named by its ending or in a template, directly or by another file, also in a ring."""
    (tmp_path / "job.sh").write_text("{% extends 'base.sh' %}{% include ['a.txt', 'none.txt'] %}")
    (tmp_path / "base.sh").write_text("{% import 'macros.j2' as m %}{% include name %}")
    (tmp_path / "macros.j2").write_text("{% include 'job.sh' %}")
    (tmp_path / "a.txt").write_bytes(b"\xff include")

    everything = ["a.txt", "base.sh", "job.sh", "macros.j2"]
    assert files_of(tmp_path, "job.sh") == everything
    assert files_of(tmp_path, "{% include 'job.sh' %}") == everything


def test_what_is_not_there_or_broken_is_left_to_rendering(tmp_path):
    """Whoever renders it is told."""
    (tmp_path / "broken.sh").write_text("{% include %}")

    assert files_of(tmp_path, "nope.sh") == []
    assert files_of(tmp_path, "broken.sh") == ["broken.sh"]
    assert files_of(tmp_path, "echo include {{ ds }}") == []


def test_a_dag_with_templates_says_so():
    """So that Jinja can be loaded once for all its tasks."""
    with DAG("plain") as plain:
        task(task_id="t")(lambda rows: rows)([{"a": ("text",)}])
    with DAG("rich") as rich:
        task(task_id="t")(lambda rows: rows)([{"a": ("{{ ds }}",)}])

    assert (uses_templates(plain), uses_templates(rich)) == (False, True)
