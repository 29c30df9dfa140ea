//! BRW: queue browsers.

checks! { Brw;
    "BRW-01", Capability, Queue, [Browser], [], "4.1.6",
        "browsing shows messages in order and removes none";
    "BRW-02", Capability, Queue, [Browser], [], "4.1.6",
        "browsing an empty queue ends at once";
    "BRW-03", Capability, Queue, [Browser, QueueSelectors], [], "4.1.6",
        "browsers select, tell their selector and refuse a malformed one";
    "BRW-04", Capability, Queue, [Browser, ExactRedelivery], [], "4.1.6",
        "browsing neither flags, counts nor locks";
    "BRW-05", Capability, Queue, [Browser, DeliveryDelay, Ttl], [], "4.1.6, 3.4.9",
        "delayed and expired messages are not shown";
    "BRW-06", Capability, Queue, [Browser], [], "4.1.6",
        "changes during a scan may show or not, without error, duplicate or hang", observable = true;
    "BRW-08", Capability, Queue, [Browser], [], "4.1.6, qpid",
        "browsing leaves an open transaction alone, and cannot acknowledge";
    "BRW-09", Capability, Queue, [Browser], [], "api",
        "browsing anything but a queue is an invalid destination; a closed browser is an illegal state";
}
