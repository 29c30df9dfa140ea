//! CID: client identifier.

checks! { Cid;
    "CID-01", Core, Once, [], [], "6.1.2",
        "without a client id none is read; with one, the same is read",
        note = Some("the id is given when connecting; a setter does not exist");
    "CID-02", Core, Once, [], [], "6.1.2",
        "the client id cannot change once the connection is in use",
        note = Some("the id is given when connecting; a setter does not exist");
    "CID-03", Core, Once, [], [], "6.1.2, tck",
        "the client id cannot be given twice", note = Some("the id is given when connecting; a setter does not exist");
    "CID-04", Core, Once, [], [AdminClientId], "6.1.2",
        "an id that the factory's configuration fixes cannot be replaced, and is the one read",
        note = Some("through the options");
    "CID-05", Capability, Once, [ClientIdExclusive], [], "6.1.2, api:Connection.setClientID",
        "a second connection with a client id in use is refused at once; the first and its subscriptions are unharmed";
    "CID-06", Capability, Once, [ClientIdExclusive], [], "6.1.2",
        "a client id is free again once its connection is closed";
    "CID-07", Core, Once, [], [], "10.3, tck",
        "an id that the provider cannot take, such as an empty one, is an invalid client id";
}
