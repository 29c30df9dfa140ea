//! SHR: shared subscriptions.

checks! { Shr;
    "SHR-01", Capability, Topic, [SharedSubscriptions], [], "8.3.2",
        "non-durable: consumers of one name share, one message to one";
    "SHR-02", Capability, Topic, [SharedSubscriptions], [], "8.3.2",
        "non-durable: two names are two subscriptions";
    "SHR-03", Capability, Topic, [SharedSubscriptions], [], "8.3.2",
        "non-durable: lives from its first to its last consumer; one leaving loses nothing";
    "SHR-04", Capability, Topic, [SharedSubscriptions, DurableGuard], [], "8.3.2",
        "non-durable: joining with another topic or selector is refused";
    "SHR-05", Capability, Topic, [SharedSubscriptions], [], "8.3.2, 8.3.4",
        "non-durable: the client id is optional and part of the identity";
    "SHR-06", Capability, Topic, [SharedDurableSubscriptions], [], "8.3.4",
        "durable: keeps messages without consumers, and shares on return";
    "SHR-07", Capability, Topic, [SharedDurableSubscriptions, DurableGuard], [], "8.3.4",
        "durable: another topic or selector replaces it when inactive, and is refused when active";
    "SHR-08", Capability, Topic, [SharedDurableSubscriptions, DurableGuard, DurableSubscriptions], [], "8.3.3, 8.3.4",
        "durable: shared and unshared under one name are refused, in both orders";
    "SHR-09", Capability, Topic, [SharedSubscriptions, DurableSubscriptions], [], "8.3.2",
        "non-durable and durable under one name are independent";
    "SHR-10", Capability, Topic, [SharedDurableSubscriptions], [], "8.3.4",
        "durable: unsubscribing follows the rules of the unshared, with and without client id";
    "SHR-11", Capability, Topic, [SharedSubscriptions, ClientAck, SharedRedistribution], [], "4.2.8",
        "what a closed sharer left unacknowledged goes to another, flagged";
}
