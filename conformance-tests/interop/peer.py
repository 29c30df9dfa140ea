"""Does with stomp.py what it is told: one JSON object a line in, one a line out. It ends when its input ends.

Bodies are hexadecimal.
"""

import json
import queue
import sys

import stomp


class Inbox(stomp.ConnectionListener):
    def __init__(self):
        self.frames = queue.Queue()

    def on_message(self, frame):
        self.frames.put(frame)

    def on_error(self, frame):
        self.frames.put(frame)


class Peer:
    def __init__(self):
        self.inbox = Inbox()

    def connect(self, order):
        address = [("127.0.0.1", order["port"])]
        # Texts are told by their having no length.
        self.connection = stomp.Connection12(address, auto_decode=False, auto_content_length=False)
        self.connection.set_listener("", self.inbox)
        self.connection.connect("guest", "guest", wait=True)

    def send(self, order):
        body = bytes.fromhex(order["body"])
        headers = dict(order["headers"])
        if order["bytes"]:
            headers["content-length"] = str(len(body))
        else:
            body = body.decode()
        self.connection.send(order["destination"], body, headers=headers)

    def subscribe(self, order):
        self.connection.subscribe(order["destination"], id=order["destination"], ack="client-individual")

    def receive(self, order):
        frame = self.inbox.frames.get(timeout=order["limit"])
        if frame.cmd == "MESSAGE":
            self.connection.ack(frame.headers["ack"])
        body = frame.body if isinstance(frame.body, bytes) else (frame.body or "").encode()
        return {"command": frame.cmd, "headers": frame.headers, "body": body.hex()}


peer = Peer()
for line in sys.stdin:
    order = json.loads(line)
    try:
        answer = {"ok": getattr(peer, order["do"])(order)}
    except Exception as error:
        answer = {"error": repr(error)}
    print(json.dumps(answer), flush=True)
