//! CTX: simplified API.

checks! { Ctx;
    "CTX-01", Capability, Any, [SimplifiedApi], [], "6.1.4",
        "the first consumer starts the connection, unless told not to";
    "CTX-02", Capability, Once, [SimplifiedApi], [], "6.1.8",
        "contexts share a connection, which closes with the last";
    "CTX-03", Capability, Any, [SimplifiedApi], [], "7.5, 7.4",
        "the producer's settings override the message's, and plain bodies become the right kind";
    "CTX-04", Capability, QueueOrDurable, [SimplifiedApi], [], "8.6",
        "a typed receive of the wrong type is a format error that consumes by the mode's rule";
    "CTX-06", Capability, QueueOrDurable, [SimplifiedApi], [], "6.2.10",
        "acknowledging by context covers the session, is ignored in other modes, and needs it open";
}
