//! XA: distributed transactions.

checks! { Xa;
    "XA-01", Capability, QueueOrDurable, [Xa], [], "6.2.7, 11.3",
        "a distributed session refuses local commit and rollback";
    "XA-02", Capability, QueueOrDurable, [Xa], [], "11.3.5",
        "a branch shows nothing until its commit, and rolls back after prepare";
    "XA-03", Capability, QueueOrDurable, [Xa], [RestartBroker], "11.3.5",
        "prepared branches survive a restart and are listed; closing decides none";
}
