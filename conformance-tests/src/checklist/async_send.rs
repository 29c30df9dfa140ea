//! ASYNC: asynchronous sends.

checks! { Async;
    "ASYNC-01", Capability, Any, [AsyncSend], [], "7.3",
        "each successful send completes exactly once, with its message, and never also fails";
    "ASYNC-02", Capability, Any, [AsyncSend], [], "7.3.1",
        "completion means that the broker has the message as safely as after a plain send";
    "ASYNC-03", Capability, Any, [AsyncSend], [], "7.3.8",
        "completions of one producer come in the order of its sends";
    "ASYNC-04", Capability, Any, [AsyncSend], [], "7.3.8",
        "a session runs one completion callback at a time";
    "ASYNC-05", Capability, Any, [AsyncSend], [], "7.3.8",
        "the callback never runs inside the send call";
    "ASYNC-06", Capability, Once, [AsyncSend], [], "7.3.2",
        "an error from the send call itself means no callback";
    "ASYNC-07", Capability, QueueOrDurable, [AsyncSend], [KillLink], "7.3.2",
        "a later failure calls back once, with the error";
    "ASYNC-08", Capability, Any, [AsyncSend], [], "7.3.3",
        "plain and asynchronous sends of one producer keep their order";
    "ASYNC-09", Capability, Any, [AsyncSend], [], "7.3.4",
        "closing producer, session or connection waits for outstanding sends and their callbacks";
    "ASYNC-10", Capability, Any, [AsyncSend, Transactions], [], "7.3.4",
        "commit and rollback wait for outstanding sends and their callbacks";
    "ASYNC-11", Capability, Any, [AsyncSend], [], "7.3.4",
        "a callback that closes its own objects or ends its transaction is an illegal state, not a deadlock";
    "ASYNC-12", Capability, Any, [AsyncSend], [], "7.3.6",
        "after the callback the outcome of the send is known and the message can be reused";
    "ASYNC-13", Capability, Once, [AsyncSend], [], "api, tck",
        "a missing listener is an invalid argument; other misuse errs as in plain sends";
}
