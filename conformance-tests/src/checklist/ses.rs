//! SES: sessions.

checks! { Ses;
    "SES-01", Core, Once, [], [], "api:Session.getAcknowledgeMode",
        "a session tells its acknowledgement mode, and a transacted one says so";
    "SES-02", Core, Once, [], [], "tck",
        "an unknown acknowledgement mode is refused";
    "SES-03", Core, Once, [], [], "ext",
        "a mode that the provider lacks is refused when the session is created, not later";
    "SES-04", Core, Any, [], [], "6.2.4, 3.12",
        "a message can be sent by any session, connection or provider, whoever made it";
    "SES-05", Core, Any, [], [], "6.2.15",
        "on a closed session, every call but close is an illegal state, also on its consumers and producers";
    "SES-06", Core, Any, [], [], "6.2.15",
        "closing a session again is no error and leaves the connection and its other sessions working";
    "SES-07", Core, Any, [], [], "6.2.15",
        "closing a session from another task ends its blocked receive";
    "SES-08", Core, Any, [], [], "6.2.15",
        "closing a session from another task waits for its running listener";
    "SES-09", Core, Any, [], [], "6.2.15",
        "a listener that closes its own session is refused or succeeds, its message acknowledged, without deadlock",
        observable = true;
    "SES-10", Core, Any, [], [], "6.2.13",
        "the listeners of one session never overlap";
    "SES-11", Core, Any, [], [], "6.2.14",
        "a blocking listener of one session does not hold up another session's";
    "SES-13", Core, Any, [], [], "6.2.9",
        "one producer's messages arrive in the order sent, by receive and by listener, whatever their kind and size";
    "SES-14", Core, Any, [], [], "6.2.9.2",
        "order to one destination also holds over several producers of a session",
        observable = true,
        note = Some("asserted per producer, recorded across producers");
    "SES-16", Core, Any, [], [], "6.2.3, 5.2",
        "the same name means the same destination in every session and connection, and compares equal";
    "SES-17", Capability, Once, [Queues, Topics], [], "ext",
        "a queue and a topic of one name are different";
    "SES-18", Core, Once, [], [], "6.2.3, 10.3",
        "naming a destination that does not exist yet is fine; a name that cannot be represented is an invalid destination";
    "SES-19", Core, Once, [TemporaryDestinations], [], "10.3, tck",
        "consumers, producers and browsers on a deleted temporary destination are an invalid destination";
}
