from __future__ import annotations

import logging
from dataclasses import dataclass

import pytest

import crosscom as xc
from crosscom import errors
from crosscom.model import TaskInstanceKey, XComAddress


@dataclass
class Point:
    """A class that no module knows by its name."""

    x: int


Point.__module__ = "shapes"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def churn(home):
    """Fill the configured store with two runs."""
    with xc.open() as store:
        store.push("churn@r6/train:model", "old")
        store.push("churn@r7/train:model", {"depth": 3})
        store.push("churn@r7/train:model", {"depth": 4})
        store.push("churn@r7/train", None)
        store.push("churn@r7/load[0]:rows", (1, 2))
        store.push("churn@r7/load[1]:rows", (3,))
    return home


class TestGet:
    def test_value(self, churn):
        """A handle's value is what was pushed, equal and of the same type."""
        assert {"depth": 4} == xc.get("churn/train:model").value
        assert (3,) == xc.get("churn@r7/load[1]:rows").value
        assert "old" == xc.get("churn@^1/train:model").value

    def test_return_value(self, churn):
        """Without a key it is what the task returned; None is a value."""
        handle = xc.get("churn/train")

        assert ("return_value", None) == (handle.key, handle.value)

    def test_a_full_address(self, churn):
        """An address may be given as an object."""
        address = XComAddress(TaskInstanceKey("churn", "r6", "train"), "model")

        assert "old" == xc.get(address).value

    def test_it_is_your_own(self, churn):
        """Changing a value changes nothing stored."""
        handle = xc.get("churn/train:model")
        handle.value["depth"] = 99

        assert {"depth": 4} == handle.value

    def test_it_names_this_entry(self, churn):
        """A handle gives the same value also after another was pushed over it."""
        handle = xc.get("churn/train:model")
        with xc.open() as store:
            store.push("churn@r7/train:model", "newer")

        assert {"depth": 4} == handle.value
        assert "newer" == xc.get("churn/train:model").value

    def test_it_loads_late(self, churn):
        """Nothing is loaded until the value is asked for: then a damaged one is an error."""
        import sqlite3

        database = sqlite3.connect(churn / ".crosscom" / "crosscom.db")
        database.execute("UPDATE xcom SET data = x'7b' WHERE key = 'model'")
        database.commit()
        database.close()

        handle = xc.get("churn/train:model")

        assert "dict" == handle.type_name
        with pytest.raises(errors.XComCorrupted):
            handle.value  # asking for it loads it

    def test_what_is_known(self, churn):
        """A handle tells type, size and preview without loading."""
        handle = xc.get("churn/train:model")

        assert ("dict", 11, '{"depth":4}') == (handle.type_name, handle.size_bytes, handle.preview)
        assert "churn@r7/train:model" == str(handle.address)

    def test_forgotten_meanwhile(self, churn):
        """The value of a handle whose entry was forgotten is an error."""
        handle = xc.get("churn/train:model")
        from crosscom.cli import main

        assert 0 == main(["rm", "churn/train:model", "--yes"])

        with pytest.raises(errors.XComNotFound) as caught:
            handle.value  # asking for it loads it
        assert str(caught.value) == (
            "churn@r7/train:model was forgotten since this handle was made; ask for it again"
        )

    @pytest.mark.parametrize(
        ("address", "error", "text"),
        [
            ("chrun/t", errors.DagNotFound, "did you mean 'churn'?"),
            ("churn@r77/t", errors.RunNotFound, "did you mean 'r7'?"),
            ("churn/trian", errors.TaskNotFound, "did you mean 'train'?"),
            ("churn/train:modl", errors.XComNotFound, "did you mean 'model'?"),
            ("churn/load:rows", errors.InvalidAddress, "write which one, as load[0]"),
            ("churn", errors.InvalidAddress, "write it as churn/TASK_ID"),
            ("churn/load[7]:rows", errors.TaskNotFound, "it has 2 indexes, 0 to 1"),
            (7, errors.InvalidAddress, "not a int"),
        ],
    )
    def test_nothing_there(self, churn, address, error, text):
        """What is not there is an error that names what is."""
        with pytest.raises(error) as caught:
            xc.get(address)

        assert str(caught.value).endswith(text)

    def test_no_store_yet(self, home):
        """Looking makes no store."""
        with pytest.raises(errors.StoreError):
            xc.get("churn/train")

        assert [] == list(home.iterdir())


class TestLs:
    def test_level_by_level(self, churn):
        """Each level's handles list the next."""
        (dag,) = xc.ls()
        runs = dag.ls()
        load0, load1, train = runs[0].ls()
        model, returned = train.ls()

        assert ("churn", "r7") == (dag.dag_id, dag.latest.key.run_id)
        assert [("r7", "external"), ("r6", "external")] == [(run.run_id, run.state) for run in runs]
        assert [0, 1, -1] == [load0.map_index, load1.map_index, train.map_index]
        assert ("train", "none") == (train.task_id, train.state)
        assert [{"depth": 4}, None] == [model.value, returned.value]

    def test_by_address(self, churn):
        """An address lists what lies below it."""
        assert ["r7", "r6"] == [run.run_id for run in xc.ls("churn")]
        assert ["train"] == [task.task_id for task in xc.ls("churn@^1")]
        assert [(1, 2), (3,)] == [handle.value for handle in xc.ls("churn/load")]
        assert ["model"] == [handle.key for handle in xc.ls("churn/train:model")]

    def test_a_listing_is_a_sequence(self, churn):
        """A listing knows its length, and is cut like a list."""
        listing = xc.ls("churn@r7")

        assert 3 == len(listing)
        assert ["train"] == [task.task_id for task in listing[2:]]
        assert "train" == listing[-1].task_id


class TestHistory:
    def test_oldest_first(self, churn):
        """Every entry is there with its value, the live one last."""
        history = xc.history("churn/train:model")

        assert [{"depth": 3}, {"depth": 4}] == [handle.value for handle in history]
        assert [False, True] == [handle.entry.live for handle in history]
        assert 2 == len(history[0].history())

    def test_nothing_was_ever_there(self, churn):
        """A key that was never pushed is an error."""
        with pytest.raises(errors.XComNotFound):
            xc.history("churn/train:modl")


class TestPictures:
    def test_text(self, churn):
        """Handles and listings show what is known, without loading."""
        handle = xc.get("churn@r7/train:model")

        assert repr(handle).startswith("<XComHandle churn@r7/train:model dict 11 B by hand 2")
        assert repr(handle).endswith('{"depth":4}>')
        assert repr(xc.ls("churn")).splitlines()[0].split() == ["run", "state", "started", "ended"]
        assert repr(xc.ls()[0]).startswith("<DagHandle churn r7 external ")

    def test_an_empty_listing(self, churn):
        """An empty listing says so."""
        assert "nothing in churn" == repr(xc.ls("churn")[5:])
        assert "<table>" in xc.ls("churn")[5:]._repr_html_()

    def test_html_is_escaped(self, churn):
        """Nothing that was pushed becomes part of the page that shows it."""
        with xc.open() as store:
            store.push("churn@r7/train:<b>", "<script>alert(1)</script>")

        for shown in (xc.get("churn/train:<b>")._repr_html_(), xc.ls("churn/train")._repr_html_()):
            assert "<script>" not in shown
            assert "<b>" not in shown
            assert "&lt;script&gt;" in shown

    def test_repr_of_every_level(self, churn):
        """Each level shows itself, as text and as HTML."""
        for listing in (xc.ls(), xc.ls("churn"), xc.ls("churn@r7"), xc.ls("churn/train")):
            assert len(listing) + 1 == len(repr(listing).splitlines())
            assert len(listing) + 1 == listing._repr_html_().count("<tr>")


class TestOpen:
    def test_push_and_pull(self, home):
        """A store is a library of its own: values by address, in one file."""
        with xc.open("results.db") as store:
            store.push("tuning@r1/trial[3]:params", {"rate": 0.1, "layers": (64, 32)})
        with xc.open("results.db") as store:
            found = store.pull("tuning/trial[3]:params")

        assert {"rate": 0.1, "layers": (64, 32)} == found
        assert ["results.db"] == [path.name for path in home.iterdir()]

    def test_memory(self, home):
        """A memory store is forgotten when it is closed."""
        with xc.open("memory:") as store:
            store.push("d@r/t", 1)
            value = store.pull("d@r/t")

        assert 1 == value
        with xc.open("memory:") as store:
            assert None is store.pull("d@r/t", default=None)

    def test_the_configured_store(self, churn):
        """Without a URL it is the configured store, whose home is made where it is missing."""
        with xc.open() as store:
            assert store.url == f"sqlite://{churn}/.crosscom/crosscom.db"
            assert f"<OpenedStore {store.url}>" == repr(store)
            assert {"depth": 4} == store.pull("churn/train:model")

    def test_push_again(self, home):
        """A second push replaces the first, which becomes history."""
        with xc.open("memory:") as store:
            for value in (1, 2):
                store.push("d@r/t", value)

            assert 2 == store.pull("d/t")
            assert [1, 2] == [handle.value for handle in store.history("d/t")]
            assert [2] == [handle.value for handle in store.ls("d/t")]
            assert 2 == store.get("d/t").value
            assert ["d"] == [handle.dag_id for handle in store.ls()]

    def test_a_full_address(self, home):
        """An address may be given as an object."""
        address = XComAddress(TaskInstanceKey("d", "r", "t"), "k")
        with xc.open("memory:") as store:
            store.push(address, 1)

            assert 1 == store.pull(address)

    def test_the_latest_run(self, home):
        """Without a run, the latest is meant; there must be one."""
        with xc.open("memory:") as store:
            with pytest.raises(errors.DagNotFound):
                store.push("d/t", 1)
            with pytest.raises(errors.DagNotFound):
                store.pull("d/t")
            store.push("d@r1/t", 1)
            store.push("d@r2/t", 2)
            store.push("d/t:k", 3)

            assert 3 == store.pull("d@r2/t:k")

    def test_classes(self, home):
        """A class of one's own comes back where it is named, and nowhere else."""
        with xc.open("results.db", classes=[Point]) as store:
            store.push("d@r/t", Point(1))
            assert Point(1) == store.pull("d@r/t")
            assert Point(1) == store.get("d@r/t").value
        with xc.open("results.db") as store:
            with pytest.raises(errors.XComDecodeError):
                store.pull("d@r/t", default=None)
            with pytest.raises(errors.XComSerializationError):
                store.push("d@r/t", Point(1))

    def test_classes_of_the_configured_store(self, churn):
        """`get`, `ls` and `history` take classes too."""
        with xc.open(classes=[Point]) as store:
            store.push("churn@r7/train:point", Point(1))

        assert Point(1) == xc.get("churn/train:point", classes=[Point]).value
        assert Point(1) == xc.ls("churn/train:point", classes=[Point])[0].value
        assert Point(1) == xc.history("churn/train:point", classes=[Point])[0].value

    def test_read_only(self, churn):
        """A store that is opened to read refuses every push."""
        with xc.open(read_only=True) as store:
            assert {"depth": 4} == store.pull("churn/train:model")
            with pytest.raises(errors.StoreReadOnly):
                store.push("churn@r7/train:model", 1)

    def test_read_only_makes_nothing(self, home):
        """A store that is missing is not made to be read."""
        with pytest.raises(errors.StoreError):
            xc.open(read_only=True)

        assert [] == list(home.iterdir())

    def test_a_task_that_the_dag_does_not_have(self, home):
        """In the run of a DAG only its own tasks can be pushed to."""
        with xc.DAG("shop") as dag:

            @xc.task
            def count():
                return 3

            count()
        dag.test(run_id="r1")

        with xc.open() as store:
            with pytest.raises(errors.TaskNotFound, match="did you mean 'count'"):
                store.push("shop@r1/cuont", 4)
            with pytest.raises(errors.TaskNotFound, match="did you mean 'count'"):
                store.push("shop/cuont", 4)
            store.push("shop@r1/count", 4)

            assert [3, 4] == [handle.value for handle in store.history("shop/count")]
            assert "success" == store.ls("shop@r1")[0].state

    def test_closing_twice(self, home):
        """Closing a store twice is harmless."""
        store = xc.open("memory:")
        store.close()
        store.close()

    def test_no_store(self, home):
        """A URL of no kind of store is refused."""
        with pytest.raises(errors.SettingsError, match="supported are"):
            xc.open("postgresql://db/x")


class TestAbsent:
    @pytest.fixture
    def store(self, home):
        """Give a store in which only `d@r/t:rows` rests."""
        with xc.open("memory:") as store:
            store.push("d@r/t:rows", None)
            yield store

    def test_default(self, store, caplog):
        """A default is given for what is absent, and only for that."""
        assert 7 == store.pull("d/t:rwos", default=7)
        assert None is store.pull("d/t:rwos", default=None)
        assert None is store.pull("d/t:rows", default=7)
        assert [] == caplog.records

    def test_none_with_a_line_in_the_log(self, store, caplog):
        """Without default it is None, and the log says what is there instead."""
        with caplog.at_level(logging.WARNING):
            assert None is store.pull("d/t:rwos")

        (line,) = caplog.messages
        assert "has no XCom 'rwos'" in line
        assert "did you mean 'rows'?" in line

    def test_required(self, store):
        """What is required and absent is an error."""
        with pytest.raises(errors.XComNotFound) as caught:
            store.pull("d/t:rwos", required=True)

        assert ("rows",) == caught.value.pushed
        assert "rows" == caught.value.nearest

    def test_default_and_required(self, store):
        """A default for what is required makes no sense."""
        with pytest.raises(TypeError, match="not both"):
            store.pull("d/t:rows", default=1, required=True)

    def test_on_missing(self, home):
        """With core.on_missing = error what is absent is an error everywhere."""
        (home / "crosscom.toml").write_text("[core]\non_missing = 'error'")
        with xc.open("memory:") as store:
            store.push("d@r/t:rows", 1)

            with pytest.raises(errors.XComNotFound):
                store.pull("d/t:rwos")
            assert 7 == store.pull("d/t:rwos", default=7)
