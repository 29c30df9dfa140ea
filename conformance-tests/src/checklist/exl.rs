//! EXL: connection events.

checks! { Exl;
    "EXL-01", Core, Once, [], [], "6.1.7",
        "the exception listener that was set is the one read, and none by default";
    "EXL-02", Core, QueueOrDurable, [], [KillLink], "6.1.7",
        "a link that dies while only consuming is reported as an event";
    "EXL-03", Core, QueueOrDurable, [], [KillLink], "6.1.7",
        "an error that a call has returned is not also reported as an event",
        note = Some("error events; life-cycle events are exempt");
    "EXL-04", Core, QueueOrDurable, [], [KillLink], "6.1.7",
        "events of one connection arrive one at a time";
    "EXL-06", Core, QueueOrDurable, [], [KillLink], "6.1.7, ext",
        "after the link died, blocked receives and sends end or recover, and never hang";
}
