import pytest

from crosscom.stores.memory import MemoryStore
from crosscom.testing import StoreContract


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self):
        return MemoryStore()
