//! PROD: producers.

checks! { Prod;
    "PROD-01", Core, Once, [], [], "api:Message.DEFAULT_*",
        "defaults: persistent, priority 4, no expiry, no delay, ids and timestamps on";
    "PROD-02", Core, Once, [], [], "7.4",
        "a producer's settings read back and apply to later sends only";
    "PROD-03", Core, Any, [], [], "7.4",
        "settings given with one send apply to that send only";
    "PROD-04", Core, Once, [], [], "3.4.11",
        "mode, priority, expiration and due time on the message itself are ignored";
    "PROD-05", Core, Once, [], [], "tck, api:MessageProducer.setPriority",
        "a priority outside 0 to 9 is refused, and nothing is sent";
    "PROD-06", Core, Once, [], [], "tck",
        "a third delivery mode is refused";
    "PROD-07", Core, Once, [], [], "ext",
        "no negative times; a huge time to live does not wrap into the past";
    "PROD-08", Core, Once, [], [], "api:MessageProducer.send, tck",
        "a producer made for a destination refuses sends that name one";
    "PROD-09", Core, Once, [], [], "api, tck",
        "an anonymous producer refuses sends that name no destination";
    "PROD-10", Core, Once, [], [], "api, tck",
        "an anonymous send to an invalid destination is an invalid destination";
    "PROD-11", Core, Once, [], [], "7.1",
        "an anonymous producer alternates between all kinds of destination without mixing them";
    "PROD-13", Core, Once, [], [], "api",
        "a producer tells its destination, or that it has none";
    "PROD-14", Capability, QueueOrDurable, [Persistence], [RestartBroker], "7.2, 7.7",
        "a persistent message survives the loss of link or broker right after its send returned";
    "PROD-15", Core, QueueOrDurable, [], [KillLink], "7.7",
        "a non-persistent message never comes twice, also over a reconnect";
    "PROD-16", Core, Any, [], [], "6.2.9.2",
        "order holds within each delivery mode at equal priority";
    "PROD-17", Core, Any, [], [], "3.4.3, 3.4.4",
        "with ids or timestamps disabled, each is absent or a normal one", observable = true;
    "PROD-18", Core, Any, [], [], "3.9",
        "after a send the sender's object can be changed and sent again without affecting the first";
    "PROD-19", Core, Any, [], [], "3.9, 3.11",
        "a received message can be sent on: fresh send-set headers, its own headers and properties kept";
    "PROD-20", Core, Any, [], [], "3.12, 3.4.11, tck foreignMsg*",
        "a message of another provider can be sent, and the outcome of the send is told";
    "PROD-21", Core, Once, [], [], "10.3",
        "a message that the provider cannot take is a format error, and nothing is sent";
    "PROD-22", Core, Once, [], [], "6.1.8, tck closed*",
        "a closed producer refuses everything but close; what it sent is unaffected";
    "PROD-25", Core, Any, [], [], "6.2.12",
        "as many deliveries as sends without error";
}
