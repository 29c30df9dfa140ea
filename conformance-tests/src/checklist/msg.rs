//! MSG: rules for every body.

checks! { Msg;
    "MSG-01", Core, Any, [TypedBodies], [], "3.11.4",
        "each of the six kinds arrives as itself";
    "MSG-02", Core, Any, [TypedBodies], [], "api:Message.getBody",
        "a message without body arrives with its properties and no body";
    "MSG-03", Core, Once, [], [], "3.11.2",
        "the body of a received message cannot be written";
    "MSG-04", Core, Any, [], [], "3.11.1, 3.11.2",
        "clearing the body of a received message makes it new and writable, its properties still read-only";
    "MSG-05", Capability, QueueOrDurable, [Recover], [], "3.10",
        "a redelivery shows the original message whatever the consumer did to the first";
    "MSG-06", CoreLocal, Once, [], [], "api:Message.getBody",
        "the typed body getter fits each kind; a wrong type is a format error, an empty body none";
    "MSG-07", CoreLocal, Once, [], [], "api:Message.isBodyAssignableTo",
        "asking whether a body can be read as a type agrees with reading it";
    "MSG-08", Core, Any, [], [], "3.11.4",
        "a foreign client's message arrives as the best-fitting kind or as bytes, and stops nobody";
    "MSG-09", CoreLocal, Once, [], [], "3.12",
        "bytes and maps are copied in and out: later changes have no effect";
}
