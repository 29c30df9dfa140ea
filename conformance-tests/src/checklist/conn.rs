//! CONN: connection life cycle.

checks! { Conn;
    "CONN-01", Core, Any, [], [], "6.1.4",
        "before start, neither a receive nor a listener gets a message that waits for an existing consumer";
    "CONN-02", Core, Any, [], [], "6.1.4",
        "a connection that is not started can send, and a started one receives what it sent";
    "CONN-03", Core, Any, [], [], "6.1.4",
        "start hands over what waited while the connection was not started";
    "CONN-04", Core, Any, [], [], "6.1.5",
        "starting a started connection changes nothing and doubles nothing";
    "CONN-05", Core, Any, [], [], "6.1.5",
        "stopping a stopped or never started connection is no error";
    "CONN-06", Core, Any, [], [], "6.1.5",
        "once stop has returned, no listener call begins and no pending receive gets a message until start";
    "CONN-07", Core, Any, [], [], "6.1.5",
        "a timed receive runs out while the connection is stopped, although a message waits";
    "CONN-08", Core, Any, [], [], "6.1.5",
        "a no-wait receive on a stopped connection finds nothing";
    "CONN-09", Core, Any, [], [], "6.1.5",
        "stop waits for a running listener, which can go on sending, acknowledging and committing meanwhile";
    "CONN-11", Core, Any, [], [], "6.1.5",
        "messages that came between stop and start arrive once and in order after start";
    "CONN-13", Core, Any, [], [], "6.1.5",
        "a listener that stops its own connection is refused or succeeds, and never deadlocks", observable = true;
    "CONN-14", Core, Any, [], [], "6.1.8",
        "a listener that closes its own connection is refused or succeeds, its message acknowledged, without deadlock",
        observable = true;
    "CONN-15", Core, Any, [], [], "6.1.8",
        "closing the connection ends a blocked receive, and close returns after it";
    "CONN-16", Core, Any, [], [], "6.1.8",
        "close waits for a running listener, which can use session and connection until it returns";
    "CONN-17", Core, Any, [], [], "6.1.8",
        "closing a connection closes its sessions, producers, consumers and browsers";
    "CONN-18", Core, Once, [], [], "6.1.8",
        "every call but close on a closed connection is an illegal state";
    "CONN-19", Core, Any, [], [], "6.1.8",
        "every call but close on the objects of a closed connection is an illegal state";
    "CONN-20", Core, Once, [], [], "6.1.8",
        "closing again, also concurrently, is no error";
    "CONN-21", Capability, QueueOrDurable, [Transactions], [], "6.1.8",
        "closing the connection undoes open transactions: sends vanish, receives come back";
    "CONN-22", Capability, QueueOrDurable, [ClientAck], [], "6.1.8",
        "closing the connection gives unacknowledged messages to a later consumer";
    "CONN-23", Core, Any, [], [], "6.1.8",
        "a received message stays readable after its connection closed, and acknowledging it is an illegal state";
    "CONN-24", Core, Once, [], [BadCredentials], "10.3",
        "rejected credentials give a security error";
    "CONN-26", Core, Any, [], [], "6.1, 2.14",
        "sessions created from several tasks at once all work";
}
