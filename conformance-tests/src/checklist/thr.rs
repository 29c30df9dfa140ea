//! THR: concurrency.

checks! { Thr;
    "THR-01", Core, Once, [], [], "2.14",
        "connections, factories, destinations and metadata serve many tasks at once";
    "THR-02", Core, Any, [], [], "6.2.5",
        "concurrent use of a session is serialised or refused, and loses nothing";
    "THR-03", Core, Any, [], [], "6.2.5, 8.8",
        "closing from another task is safe at any moment";
    "THR-04", Core, Any, [], [], "6.1.8",
        "a close that races with other calls ends each in success or illegal state, and loses no confirmed send";
    "THR-05", Core, Any, [], [], "6.2.14",
        "fifty sessions exchange ten thousand messages without loss or duplicate";
    "THR-07", Core, Any, [], [], "ext",
        "dropped futures and objects leave the rest usable and release what they held";
}
