"""Frames of an event stream from standard input, as botocore reads them: type and payload, a line each."""

import json
import sys

from botocore.eventstream import EventStreamBuffer

buffer = EventStreamBuffer()
while data := sys.stdin.buffer.read(7):
    buffer.add_data(data)
    for event in buffer:
        print(json.dumps([event.headers[":event-type"], event.payload.decode()]))
