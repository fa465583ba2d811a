from __future__ import annotations


class TestInit:
    def test_a_first_dag(self, crosscom, here):
        """A new folder gets a DAG, a configuration and a .gitignore."""
        answer = crosscom("init", "hello")

        assert answer == (
            0,
            (
                "made hello: first.py, crosscom.toml, .gitignore\n"
                "now:  cd hello && crosscom run first.py\n"
            ),
            "",
        )
        assert {".gitignore", "crosscom.toml", "first.py"} == {
            path.name for path in (here / "hello").iterdir()
        }

    def test_the_dag_is_short(self, crosscom, here):
        """The first DAG has 25 lines at most, and no jargon."""
        crosscom("init", "hello")

        text = (here / "hello" / "first.py").read_text()

        assert len(text.splitlines()) <= 25
        assert not {"xcom", "operator", "schedule", "catchup"} & set(text.lower().split())

    def test_json(self, crosscom, here):
        """With --json it tells what it made."""
        (here / "empty").mkdir()

        assert crosscom("init", "empty", "--json").json == {
            "folder": "empty",
            "files": ["first.py", "crosscom.toml", ".gitignore"],
        }

    def test_below_a_folder_with_a_store(self, crosscom, here, monkeypatch):
        """A project below a folder with a `.crosscom` shares that store."""
        (here / ".crosscom").mkdir()
        crosscom("init", "hello")
        monkeypatch.chdir(here / "hello")

        assert 0 == crosscom("push", "d@r/t", "1", "--create-run").code
        assert (here / ".crosscom" / "crosscom.db").is_file()
        assert not (here / "hello" / ".crosscom").exists()

    def test_a_folder_that_is_not_empty(self, crosscom, here):
        """A folder with something in it is left alone."""
        (here / "mine").mkdir()
        (here / "mine" / "file").write_text("")

        assert crosscom("init", "mine").refusal == (
            "cannot make a project in mine: the folder is not empty; choose another name"
        )
        assert ["file"] == [path.name for path in (here / "mine").iterdir()]

    def test_a_file(self, crosscom, here):
        """A file in the place of the folder is left alone."""
        (here / "mine").write_text("")

        assert crosscom("init", "mine").refusal == "cannot make a project in mine: File exists"
