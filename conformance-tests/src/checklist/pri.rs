//! PRI: priority.

checks! { Pri;
    "PRI-01", Capability, Queue, [Priority], [], "3.4.10",
        "from a backlog, high priority comes before what was sent earlier at normal priority";
    "PRI-02", Capability, Queue, [Priority], [], "6.2.9.2",
        "equal priorities come in order of sending";
    "PRI-03", Capability, Queue, [Priority], [], "3.4.10",
        "ten levels come in order",
        observable = true,
        note = Some("strict in-VM; elsewhere the number of levels is recorded");
}
