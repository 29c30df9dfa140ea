"""Does with paho-mqtt what it is told: one JSON object a line in, one a line out. It ends when its input ends.

Bodies and correlation data are hexadecimal.
"""

import json
import queue
import sys

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

PROPERTIES = {
    "indicator": "PayloadFormatIndicator",
    "expiry": "MessageExpiryInterval",
    "content-type": "ContentType",
    "reply-to": "ResponseTopic",
    "correlation": "CorrelationData",
    "user": "UserProperty",
}
# How long an answer of the broker may take.
LIMIT = 20


class Peer:
    def connect(self, port, version):
        self.is_5 = version == "5"
        self.inbox, self.answers = queue.Queue(), queue.Queue()
        client = mqtt.Client("", protocol=mqtt.MQTTv5 if self.is_5 else mqtt.MQTTv311)
        client.username_pw_set("guest", "guest")
        client.on_connect = lambda client, data, flags, reason, *properties: self.answers.put(str(reason))
        client.on_subscribe = lambda client, data, mid, granted, *properties: self.answers.put(granted)
        client.on_message = lambda client, data, message: self.inbox.put(message)
        client.connect("127.0.0.1", port)
        client.loop_start()
        self.client = client
        reason = self.answers.get(timeout=LIMIT)
        assert reason in ("Success", "0"), reason

    def subscribe(self, filter, qos):
        if self.is_5:
            self.client.subscribe(filter, options=SubscribeOptions(qos))
        else:
            self.client.subscribe(filter, qos)
        self.answers.get(timeout=LIMIT)

    def publish(self, topic, body, qos, retain, properties):
        told = None
        if self.is_5:
            told = Properties(PacketTypes.PUBLISH)
            for name, value in properties.items():
                if name == "correlation":
                    value = bytes.fromhex(value)
                if name == "user":
                    value = [tuple(pair) for pair in value]
                setattr(told, PROPERTIES[name], value)
        info = self.client.publish(topic, bytes.fromhex(body), qos, retain, told)
        info.wait_for_publish(LIMIT)
        assert info.is_published()

    def receive(self, limit):
        try:
            message = self.inbox.get(timeout=limit)
        except queue.Empty:
            return None
        properties = {}
        for name, theirs in PROPERTIES.items():
            if self.is_5 and hasattr(message.properties, theirs):
                value = getattr(message.properties, theirs)
                properties[name] = value.hex() if name == "correlation" else value
        return {
            "topic": message.topic,
            "body": message.payload.hex(),
            "qos": message.qos,
            "retain": bool(message.retain),
            "properties": properties,
        }


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
