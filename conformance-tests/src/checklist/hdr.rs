//! HDR: message headers.

checks! { Hdr;
    "HDR-01", CoreLocal, Once, [], [], "3.4",
        "before the first send all headers are absent or zero";
    "HDR-02", Core, Any, [], [], "3.4.11",
        "a send tells destination, mode, id, timestamp, expiration, priority and due time";
    "HDR-03", Core, Once, [], [], "3.4.11",
        "what the client put into those headers before is overwritten";
    "HDR-04", Core, Once, [], [], "3.4.3",
        "ids start with `ID:` and are unique over producers, sessions, connections and tasks";
    "HDR-05", Core, Any, [Headers], [], "3.4.3",
        "sender and receiver see the same id";
    "HDR-06", Core, Any, [Headers], [], "3.4.4",
        "the timestamp lies within the send, in milliseconds, and is equal at the receiver";
    "HDR-07", Core, Any, [Headers], [], "3.4.1",
        "the receiver sees the destination sent to, of the right kind";
    "HDR-08", Core, Any, [Headers], [], "3.4.2",
        "the receiver sees the delivery mode of the send";
    "HDR-09", Core, Any, [Headers], [], "3.4.10",
        "each priority arrives unchanged", note = Some("the value is carried even where it does not order");
    "HDR-10", Core, Any, [Headers], [], "3.4.9",
        "the expiration is send time plus time to live, equal on both sides; without one it is zero";
    "HDR-11", Core, Any, [Headers], [], "3.4.13",
        "the due time is send time plus delay, equal on both sides; without one about the timestamp";
    "HDR-12", Core, Any, [Headers], [], "3.4.5",
        "correlation ids arrive exactly: ascii, unicode, empty apart from none, long, and message ids";
    "HDR-13", Core, Once, [], [], "3.4.5",
        "correlation ids of bytes arrive exactly or are refused";
    "HDR-14", Core, Once, [Headers], [], "3.4.6",
        "reply-to arrives for each kind of destination, or as none, and can be sent to";
    "HDR-15", Core, Any, [Headers], [], "3.4.8",
        "the type arrives exactly: ascii, unicode, none";
    "HDR-16", Core, Any, [], [], "3.4.7",
        "a first delivery is not flagged, whatever the sender did";
    "HDR-18", CoreLocal, Once, [], [], "3.10",
        "a receiver may change the headers of what it received";
}
