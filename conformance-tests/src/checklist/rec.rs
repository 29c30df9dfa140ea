//! REC: recovery.

checks! { Rec;
    "REC-01", Capability, QueueOrDurable, [Recover], [], "6.2.10",
        "recover delivers again what was not acknowledged, and only that";
    "REC-02", Capability, QueueOrDurable, [Recover, RedeliveryFlag], [], "6.2.10",
        "recovered messages are flagged and counted two or more";
    "REC-03", Capability, QueueOrDurable, [Recover], [], "6.2.10",
        "recover starts at the oldest unacknowledged message, in order, before what was never delivered",
        observable = true,
        note = Some("strict in-VM, recorded elsewhere");
    "REC-04", Capability, QueueOrDurable, [Recover], [], "6.2.10, tck reverseReceiveClientAckTest",
        "recover covers every consumer of the session";
    "REC-05", Core, Once, [Transactions], [], "api:Session.recover",
        "recover in a transacted session is an illegal state";
    "REC-06", Capability, QueueOrDurable, [Recover], [], "6.2.10, qpid",
        "recover inside a listener brings the current message again after the call, without deadlock or overlap";
    "REC-07", Capability, QueueOrDurable, [Recover, DeliveryCount], [], "6.2.10",
        "recover with nothing open does nothing; each further one raises the count";
}
