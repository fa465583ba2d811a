"""The proof that a store keeps its promises: for everyone who writes one."""

from __future__ import annotations

from crosscom.testing.contracts.begins import BeginContract
from crosscom.testing.contracts.by_hand import HandContract
from crosscom.testing.contracts.clears import ClearContract, CloseContract
from crosscom.testing.contracts.ends import EndContract
from crosscom.testing.contracts.fences import FenceContract
from crosscom.testing.contracts.prior_dates import PriorDatesContract
from crosscom.testing.contracts.puts import PutContract
from crosscom.testing.contracts.receipts import ReceiptContract
from crosscom.testing.contracts.runs import CodeContract, RunContract
from crosscom.testing.contracts.scheduling import LeaseContract, SettleContract
from crosscom.testing.contracts.variables import VariableContract


class StoreContract(
    PutContract,
    HandContract,
    FenceContract,
    PriorDatesContract,
    RunContract,
    CodeContract,
    BeginContract,
    EndContract,
    ReceiptContract,
    LeaseContract,
    SettleContract,
    ClearContract,
    VariableContract,
    CloseContract,
):
    """Every promise of `crosscom.stores.base`, as tests for pytest.

    Subclass it in a test module and give it a fixture `store`: a new, empty store for each test,
    closed afterwards. A store that passes may be used wherever crosscom uses one.

        class TestMyStore(StoreContract):
            @pytest.fixture
            def store(self, tmp_path):
                store = MyStore(tmp_path)
                yield store
                store.close()

    What several processes and the death of one do to a store is not in it: that needs the way
    your store is opened.
    """
