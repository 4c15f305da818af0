"""Listens like systemd's notification socket at the path given; prints each message as a line of JSON."""

import json
import os
import socket
import sys

# The service has a user of its own.
os.umask(0)
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print(json.dumps("listening"), flush=True)
while True:
    # A file that comes along, as with BARRIER=1, is closed by not being taken: that is the answer.
    print(json.dumps(listener.recv(65536).decode()), flush=True)
