from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from crosscom.errors import SettingsError
from crosscom.settings import OPTION_NAMES, Settings, ensure_home, load_settings


def refusal(folder, environ=None, *, file=None, name="crosscom.toml"):
    """Write *file*, load, and give the text of the error."""
    if file is not None:
        (folder / name).write_text(file)
    with pytest.raises(SettingsError) as caught:
        load_settings(folder, environ or {})
    return str(caught.value)


class TestDefaults:
    def test_nothing_configured(self, tmp_path):
        """Without a file and variables, the home is below the folder and the store in the home."""
        settings = load_settings(tmp_path, {})

        assert tmp_path / ".crosscom" == settings.home
        assert f"sqlite://{tmp_path}/.crosscom/crosscom.db" == settings.store_url
        assert ("process", "auto", "none") == (
            settings.isolation,
            settings.start_method,
            settings.on_missing,
        )
        assert (30.0, 5.0, 60.0) == (
            settings.import_timeout_seconds,
            settings.kill_grace_seconds,
            settings.lock_timeout_seconds,
        )
        assert ((), ()) == (settings.allowed_classes, settings.bundle_include)

    def test_slots_are_the_processors(self, tmp_path):
        """As many tries run at once as this process may use processors, and two at least."""
        usable = (
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
        )

        assert max(2, usable or 2) == load_settings(tmp_path, {}).slots

    def test_loading_writes_nothing(self, tmp_path):
        """Loading settings makes neither a home nor a file."""
        load_settings(tmp_path, {})

        assert [] == list(tmp_path.iterdir())

    def test_the_working_directory_is_the_start(self, tmp_path, monkeypatch):
        """Without a start, the working directory and this process's environment count."""
        monkeypatch.chdir(tmp_path)
        monkeypatch.delenv("CROSSCOM_HOME", raising=False)
        monkeypatch.setenv("CROSSCOM__CORE__SLOTS", "3")

        settings = load_settings()

        assert (tmp_path / ".crosscom", 3) == (settings.home, settings.slots)


class TestHome:
    def test_the_variable_comes_first(self, tmp_path):
        """CROSSCOM_HOME names the home, even where a nearer folder is there."""
        (tmp_path / ".crosscom").mkdir()

        settings = load_settings(tmp_path, {"CROSSCOM_HOME": "/srv/state"})

        assert Path("/srv/state") == settings.home
        assert "sqlite:///srv/state/crosscom.db" == settings.store_url

    def test_a_relative_variable(self, tmp_path):
        """A relative CROSSCOM_HOME starts at the folder."""
        settings = load_settings(tmp_path, {"CROSSCOM_HOME": "./a/../state"})

        assert tmp_path / "state" == settings.home

    def test_an_empty_variable(self, tmp_path):
        """An empty CROSSCOM_HOME counts as absent."""
        assert tmp_path / ".crosscom" == load_settings(tmp_path, {"CROSSCOM_HOME": ""}).home

    def test_the_nearest_folder_upwards(self, tmp_path):
        """The nearest `.crosscom/` upwards is the home."""
        (tmp_path / ".crosscom").mkdir()
        (tmp_path / "a" / ".crosscom").mkdir(parents=True)
        (tmp_path / "a" / "b").mkdir()

        assert tmp_path / "a" / ".crosscom" == load_settings(tmp_path / "a" / "b", {}).home

    def test_ensure_home_makes_it_once(self, tmp_path):
        """The home is made with a `.gitignore` that hides everything in it."""
        settings = load_settings(tmp_path, {"CROSSCOM_HOME": "deep/state"})

        assert settings.home == ensure_home(settings) == ensure_home(settings)
        assert "*\n" == (tmp_path / "deep" / "state" / ".gitignore").read_text()

    def test_ensure_home_leaves_a_folder_alone(self, tmp_path):
        """A home that is there already gets no file."""
        ensure_home(Settings(home=tmp_path, store_url="memory:"))

        assert [] == list(tmp_path.iterdir())

    def test_ensure_home_that_cannot_be_made(self, tmp_path):
        """A home that cannot be made is an error that names folder and variable."""
        (tmp_path / "file").write_text("")

        with pytest.raises(SettingsError) as caught:
            ensure_home(Settings(home=tmp_path / "file", store_url="memory:"))

        assert str(caught.value) == (
            f"cannot make the home folder {tmp_path}/file: {os.strerror(errno.EEXIST)}; "
            "set CROSSCOM_HOME to a folder you may write"
        )


class TestFile:
    FILE = """
        [core]
        store = "state.db"
        slots = 7
        isolation = "reuse"
        start_method = "exec"
        on_missing = "error"
        import_timeout_seconds = 1
        kill_grace_seconds = 0.5
        lock_timeout_seconds = 2.0
        [serializers]
        allow = ["shop.models:Order", "shop.models:*", "shop:Order.Line"]
        [bundle]
        include = ["sql/*.sql"]
    """

    def test_every_option(self, tmp_path):
        """Every option can be set in crosscom.toml; a relative store starts at its folder."""
        (tmp_path / "crosscom.toml").write_text(self.FILE)
        (tmp_path / "dags").mkdir()

        settings = load_settings(tmp_path / "dags", {})

        assert settings == Settings(
            home=tmp_path / "dags" / ".crosscom",
            store_url=f"sqlite://{tmp_path}/state.db",
            slots=7,
            isolation="reuse",
            start_method="exec",
            on_missing="error",
            import_timeout_seconds=1.0,
            kill_grace_seconds=0.5,
            lock_timeout_seconds=2.0,
            allowed_classes=("shop.models:Order", "shop.models:*", "shop:Order.Line"),
            bundle_include=("sql/*.sql",),
        )

    def test_the_nearest_file_counts_alone(self, tmp_path):
        """A file further up is not read once a nearer one is found."""
        (tmp_path / "crosscom.toml").write_text("[core]\nslots = 7\non_missing = 'error'")
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "crosscom.toml").write_text("[core]\nslots = 8")

        settings = load_settings(tmp_path / "a", {})

        assert (8, "none") == (settings.slots, settings.on_missing)

    def test_pyproject(self, tmp_path):
        """The table [tool.crosscom] of a pyproject.toml counts like a crosscom.toml."""
        (tmp_path / "pyproject.toml").write_text("[tool.crosscom.core]\nslots = 9")

        assert 9 == load_settings(tmp_path, {}).slots

    def test_crosscom_toml_before_pyproject(self, tmp_path):
        """Of two files in one folder, crosscom.toml counts."""
        (tmp_path / "pyproject.toml").write_text("[tool.crosscom.core]\nslots = 9")
        (tmp_path / "crosscom.toml").write_text("[core]\nslots = 8")

        assert 8 == load_settings(tmp_path, {}).slots

    @pytest.mark.parametrize("other", ["[tool.ruff]", "name = 'crosscom'", "tool = 'crosscom'", ""])
    def test_a_pyproject_of_others_is_passed_by(self, tmp_path, other):
        """A pyproject.toml without the table does not hide a file further up."""
        (tmp_path / "crosscom.toml").write_text("[core]\nslots = 8")
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "pyproject.toml").write_text(other)

        assert 8 == load_settings(tmp_path / "a", {}).slots

    def test_a_url_stays_as_it_is(self, tmp_path):
        """A store with a scheme, and the memory store, are kept as they were written."""
        for url in ("sqlite:///srv/x.db", "memory:", "postgresql://db/x"):
            assert url == load_settings(tmp_path, {"CROSSCOM__CORE__STORE": url}).store_url


class TestEnvironment:
    def test_it_comes_before_the_file(self, tmp_path):
        """A variable replaces what a file says, option by option."""
        (tmp_path / "crosscom.toml").write_text("[core]\nslots = 7\non_missing = 'error'")

        settings = load_settings(tmp_path, {"CROSSCOM__CORE__SLOTS": "9"})

        assert (9, "error") == (settings.slots, settings.on_missing)

    def test_lists_are_separated_by_commas(self, tmp_path):
        """Lists are written with commas; an empty text is an empty list."""
        settings = load_settings(
            tmp_path,
            {
                "CROSSCOM__SERIALIZERS__ALLOW": "a:B, c.d:*",
                "CROSSCOM__BUNDLE__INCLUDE": "",
            },
        )

        assert (("a:B", "c.d:*"), ()) == (settings.allowed_classes, settings.bundle_include)

    def test_numbers_are_read_from_text(self, tmp_path):
        """Seconds may be a fraction."""
        settings = load_settings(tmp_path, {"CROSSCOM__CORE__LOCK_TIMEOUT_SECONDS": "0.25"})

        assert 0.25 == settings.lock_timeout_seconds

    def test_every_option_has_a_variable(self, tmp_path):
        """No option is unknown as a variable: a wrong value is refused by the option's own rule."""
        for name in OPTION_NAMES:
            variable = "CROSSCOM__" + name.upper().replace(".", "__")
            if name == "bundle.include":
                continue
            text = (
                refusal(tmp_path, {variable: " "})
                if name != "serializers.allow"
                else refusal(tmp_path, {variable: "no-class"})
            )

            assert text.startswith(f"cannot use option {name} from {variable}: it must be ")

    def test_other_variables_are_left_alone(self, tmp_path):
        """Variables with one underscore belong to others."""
        others = {"CROSSCOM_VAR_X": "1", "CROSSCOM_SLOTS": "x"}

        assert load_settings(tmp_path, {}) == load_settings(tmp_path, others)


class TestRefusals:
    def test_an_unknown_option(self, tmp_path):
        """An unknown option names its file and the nearest known one."""
        assert refusal(tmp_path, file="[core]\nslot = 1") == (
            f"unknown option 'core.slot' in {tmp_path}/crosscom.toml; did you mean 'core.slots'?"
        )

    def test_an_unknown_option_like_none(self, tmp_path):
        """Where nothing is near, the known ones are named."""
        assert refusal(tmp_path, {"CROSSCOM__QQ": "1"}) == (
            f"unknown option 'qq' in CROSSCOM__QQ; known are: {', '.join(OPTION_NAMES)}"
        )

    def test_an_unknown_section(self, tmp_path):
        """An unknown section names the nearest known one."""
        assert refusal(tmp_path, file="[cores]\nslots = 1") == (
            f"unknown section 'cores' in {tmp_path}/crosscom.toml; did you mean 'core'?"
        )

    def test_a_section_that_is_no_table(self, tmp_path):
        """A section must be a table."""
        assert refusal(tmp_path, file="core = 3") == (
            f"cannot use core from {tmp_path}/crosscom.toml: it must be a table, as [core]"
        )

    def test_a_tool_table_that_is_none(self, tmp_path):
        """[tool.crosscom] must be a table."""
        assert refusal(tmp_path, file="[tool]\ncrosscom = 3", name="pyproject.toml") == (
            f"cannot use [tool.crosscom] of {tmp_path}/pyproject.toml: it must be a table"
        )

    @pytest.mark.parametrize(
        ("line", "rule"),
        [
            ("slots = 0", "a whole number from 1 to 10000"),
            ("slots = 10001", "a whole number from 1 to 10000"),
            ("slots = true", "a whole number from 1 to 10000"),
            ("slots = 2.0", "a whole number from 1 to 10000"),
            ("slots = '2'", "a whole number from 1 to 10000"),
            ("store = ''", "the path of a file, or a URL as sqlite:///path"),
            ('store = "a\\u0000"', "the path of a file, or a URL as sqlite:///path"),
            ("store = 1", "the path of a file, or a URL as sqlite:///path"),
            ("isolation = 'proces'", "'process', 'reuse' or 'none'; did you mean 'process'?"),
            ("isolation = 1", "'process', 'reuse' or 'none'"),
            ("start_method = 'spawn'", "'auto', 'fork' or 'exec'"),
            ("on_missing = false", "'none' or 'error'"),
            ("lock_timeout_seconds = -1", "a number of seconds from 0 to 604800 (a week)"),
            ("lock_timeout_seconds = inf", "a number of seconds from 0 to 604800 (a week)"),
            ("lock_timeout_seconds = nan", "a number of seconds from 0 to 604800 (a week)"),
            ("lock_timeout_seconds = true", "a number of seconds from 0 to 604800 (a week)"),
            ("lock_timeout_seconds = '1'", "a number of seconds from 0 to 604800 (a week)"),
        ],
    )
    def test_a_value_that_breaks_its_rule(self, tmp_path, line, rule):
        """A wrong type or value is refused with option, source and rule."""
        assert refusal(tmp_path, file=f"[core]\n{line}") == (
            f"cannot use option core.{line.split()[0]} from {tmp_path}/crosscom.toml: "
            f"it must be {rule}"
        )

    def test_the_value_is_never_shown(self, tmp_path):
        """A refused value may be secret: the text does not hold it."""
        assert "hunter2" not in refusal(tmp_path, {"CROSSCOM__CORE__SLOTS": "hunter2"})
        assert "hunter2" not in refusal(tmp_path, file='[core]\nstore = "hunter2')

    def test_lists(self, tmp_path):
        """A list must be a list of texts, and classes must be written as module and name."""
        assert refusal(tmp_path, file="[bundle]\ninclude = 'a'").endswith(
            "it must be a list of texts (in the environment: separated by commas)"
        )
        assert refusal(tmp_path, file="[serializers]\nallow = ['shop.Order']").endswith(
            "it must be a list of 'package.module:Class' or 'package.module:*' "
            "(in the environment: separated by commas)"
        )

    def test_no_toml(self, tmp_path):
        """A file that is no TOML is refused with the place."""
        assert refusal(tmp_path, file="[core]\nslots = = 1") == (
            f"cannot read {tmp_path}/crosscom.toml: it is no TOML at line 2, column 9"
        )

    def test_no_text(self, tmp_path):
        """A file that is no UTF-8 is refused."""
        (tmp_path / "crosscom.toml").write_bytes(b"\xff")

        assert refusal(tmp_path) == f"cannot read {tmp_path}/crosscom.toml: it is not UTF-8 text"

    @pytest.mark.skipif(os.geteuid() == 0, reason="impossible here: root reads everything")
    def test_an_unreadable_file(self, tmp_path):
        """A file that may not be read is refused."""
        (tmp_path / "crosscom.toml").touch(mode=0)

        assert refusal(tmp_path) == (
            f"cannot read {tmp_path}/crosscom.toml: {os.strerror(errno.EACCES)}; "
            "make it readable, or remove it"
        )
