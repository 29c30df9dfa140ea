//! TMP: temporary destinations.

checks! { Tmp;
    "TMP-01", Capability, Once, [TemporaryDestinations], [], "6.2.2",
        "each creation gives a unique destination that works at once";
    "TMP-02", Capability, Once, [TemporaryDestinations], [], "6.2.2, tck",
        "only the owning connection may consume";
    "TMP-03", Capability, Once, [TemporaryDestinations, Headers], [], "6.2.2",
        "every connection may send to it";
    "TMP-04", Capability, Once, [TemporaryDestinations], [], "6.2.2",
        "it lives as long as its connection, not its session";
    "TMP-05", Capability, Once, [TemporaryDestinations], [], "api:TemporaryQueue.delete",
        "deleting it under an active consumer is refused and harms nothing";
    "TMP-06", Capability, Once, [TemporaryDestinations], [], "10.3, qpid",
        "after deletion it is an invalid destination";
    "TMP-07", Capability, Once, [TemporaryDestinations], [], "6.2.2",
        "a send after its owner has gone errs or is dropped; nothing is kept or hangs", observable = true;
    "TMP-08", Capability, Once, [TemporaryDestinations], [], "4.1.5, 4.2.7",
        "temporary queues share and temporary topics copy; deleting again is harmless";
}
