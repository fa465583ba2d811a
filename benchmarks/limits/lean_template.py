"""A program that forks a child for every number it is sent; the child sends the next number back.

It knows no store, loads nothing and keeps no spare child. It takes the number of its socket.
"""

import os
import socket
import sys

with socket.socket(fileno=int(sys.argv[1])) as calls:
    while number := calls.recv(64):
        child = os.fork()
        if child == 0:
            calls.send(str(int(number) + 1).encode())
            os._exit(0)
        os.waitpid(child, 0)
