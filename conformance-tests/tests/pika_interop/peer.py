"""Does with pika what it is told: one JSON object a line in, one a line out. It ends when its input ends.

Bodies are hexadecimal. A header's value is [mark, value], with the mark that stands on the wire; "py" leaves the choice
of the mark to pika.
"""

import json
import struct
import sys
import time

import pika
import pika.data

NUMBERS = {
    "t": ">?", "b": ">b", "B": ">B", "s": ">h", "u": ">H", "I": ">i", "i": ">I", "l": ">q", "T": ">Q", "f": ">f", "d": ">d",
}
FIELDS = [
    "content_type", "content_encoding", "delivery_mode", "priority", "correlation_id", "reply_to", "expiration",
    "message_id", "timestamp", "type", "user_id", "app_id",
]

DIRECT = "amq.rabbitmq.reply-to"

encode_as_pika = pika.data.encode_value
decode_as_pika = pika.data.decode_value
decode_properties = pika.BasicProperties.decode


class Marked:
    def __init__(self, mark, value):
        self.mark, self.value = mark, value

    def encoded(self):
        if self.mark in NUMBERS:
            return struct.pack(NUMBERS[self.mark], self.value)
        data = bytes.fromhex(self.value) if self.mark == "x" else self.value.encode()
        return struct.pack(">I", len(data)) + data


def encode_value(pieces, value):
    if not isinstance(value, Marked):
        return encode_as_pika(pieces, value)
    data = value.mark.encode() + value.encoded()
    pieces.append(data)
    return len(data)


# pika forgets the marks, and reads floats and numbers below zero as something else.
def decode_value(encoded, offset):
    mark = encoded[offset:offset + 1].decode()
    if mark in NUMBERS:
        value = struct.unpack_from(NUMBERS[mark], encoded, offset + 1)[0]
        return [mark, value], offset + 1 + struct.calcsize(NUMBERS[mark])
    value, end = decode_as_pika(encoded, offset)
    return [mark, value.hex() if isinstance(value, bytes) else value], end


# The broker's greeting has a table too, which pika must understand.
def decode_message_properties(self, encoded, offset=0):
    pika.data.decode_value = decode_value
    try:
        return decode_properties(self, encoded, offset)
    finally:
        pika.data.decode_value = decode_as_pika


pika.data.encode_value = encode_value
pika.BasicProperties.decode = decode_message_properties


def header(marked):
    mark, value = marked
    return value if mark == "py" else Marked(mark, value)


class Peer:
    def connect(self, port):
        # It waits for orders and not for frames, so it sends no heartbeats.
        parameters = pika.ConnectionParameters("127.0.0.1", port, heartbeat=0)
        self.connection = pika.BlockingConnection(parameters)
        self.open()

    def open(self):
        self.replies = None
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()

    # Direct replies come to the channel of their requests only.
    def ask(self, key, body, fields):
        if self.replies is None:
            self.replies = []
            self.channel.basic_consume(DIRECT, lambda _, *reply: self.replies.append(reply), auto_ack=True)
        self.publish("", key, body, {**fields, "reply_to": DIRECT}, {})

    def reply(self, limit):
        end = time.monotonic() + limit
        while not self.replies and time.monotonic() < end:
            self.connection.process_data_events(0.01)
        return self.message(*self.replies.pop(0)) if self.replies else None

    def hang_up(self):
        self.channel.close()
        self.open()

    def declare(self, queue, durable):
        return self.channel.queue_declare(queue, durable=durable, exclusive=not durable).method.queue

    def count(self, queue):
        return self.channel.queue_declare(queue, passive=True).method.message_count

    def bind(self, queue, exchange, key):
        self.channel.queue_bind(queue, exchange, key)

    def exchange(self, exchange, kind):
        self.channel.exchange_declare(exchange, kind)

    def publish(self, exchange, key, body, fields, headers):
        headers = {name: header(value) for name, value in headers.items()} or None
        properties = pika.BasicProperties(headers=headers, **fields)
        self.channel.basic_publish(exchange, key, bytes.fromhex(body), properties, mandatory=True)

    def get(self, queue, limit):
        end = time.monotonic() + limit
        while True:
            method, properties, body = self.channel.basic_get(queue)
            if method is not None:
                return self.message(method, properties, body)
            if time.monotonic() >= end:
                return None
            self.connection.process_data_events(0.01)

    def message(self, method, properties, body):
        fields = {name: getattr(properties, name) for name in FIELDS if getattr(properties, name) is not None}
        return {
            "tag": method.delivery_tag,
            "redelivered": method.redelivered,
            "exchange": method.exchange,
            "key": method.routing_key,
            "body": body.hex(),
            "fields": fields,
            "headers": properties.headers or {},
        }

    def ack(self, tag):
        self.channel.basic_ack(tag)
        # Acknowledgements have no answer; this has one, and comes after it.
        self.channel.basic_qos()

    def give_back(self, tag):
        self.channel.basic_nack(tag, requeue=True)
        self.channel.basic_qos()


def main():
    peer = Peer()
    for line in sys.stdin:
        order = json.loads(line)
        try:
            answer = {"ok": getattr(peer, order.pop("do"))(**order)}
        except Exception as error:
            answer = {"error": repr(error)}
        print(json.dumps(answer), flush=True)


main()
