import pytest

from crosscom.stores.sqlite import SQLiteStore
from crosscom.testing import StoreContract


class TestSQLiteStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        store = SQLiteStore(tmp_path / "store.db")
        yield store
        store.close()
