"""Signals that ask to stop: counted between steps, or raised where that is asked for."""

import os
import select
import signal
import threading

import pytest

from crosscom.runtime.interrupts import Interrupts


def send(number):
    """Send a signal to this process, and let Python handle it."""
    os.kill(os.getpid(), number)
    signal.getsignal(number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_counted_and_wakes(number):
    """A signal makes the descriptor readable until it is drained, and raises nothing."""
    with Interrupts() as interrupts:
        send(number)

        assert select.select([interrupts], [], [], 10)[0]
        assert interrupts.count == 1
        interrupts.drain()
        assert not select.select([interrupts], [], [], 0)[0]


def test_a_signal_is_raised_where_that_is_asked_for():
    """Inside of `raised` a signal is counted and raises; the next one in there only counts."""
    with Interrupts() as interrupts:
        with interrupts.raised():
            with pytest.raises(KeyboardInterrupt):
                send(signal.SIGINT)
            send(signal.SIGINT)
        send(signal.SIGTERM)

        assert interrupts.count == 3


def test_handlers_are_given_back():
    """Afterwards signals are handled as before."""
    before = signal.getsignal(signal.SIGINT)

    with Interrupts():
        assert signal.getsignal(signal.SIGINT) is not before

    assert signal.getsignal(signal.SIGINT) is before


def test_an_ignored_signal_stays_ignored():
    """Under `nohup` the end of the terminal is no reason to stop."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupts() as interrupts:
            send(signal.SIGHUP)
            assert interrupts.count == 0
    finally:
        signal.signal(signal.SIGHUP, before)


def test_another_thread_leaves_signals_alone():
    """Outside of the main thread nothing is installed."""
    found = []

    def enter():
        with Interrupts():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()

    assert found == [signal.getsignal(signal.SIGINT)]
