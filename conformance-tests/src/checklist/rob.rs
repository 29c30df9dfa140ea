//! ROB: robustness.

checks! { Rob;
    "ROB-01", Core, Any, [Properties], [], "ext",
        "very many and very large properties arrive, or are clearly refused";
    "ROB-02", Core, Any, [], [], "ext, 4.2.6",
        "odd destination names work literally or are invalid; wildcards widen nothing";
    "ROB-03", Core, Any, [], [], "ext",
        "control characters in headers and properties forge nothing";
    "ROB-04", Core, QueueOrDurable, [], [KillLink], "ext",
        "garbage from the broker is a connection error, without panic or unbounded memory", observable = true;
    "ROB-05", Core, Any, [], [], "3.11.4, ext",
        "hostile content becomes bytes or a format error on access, and consumption goes on";
    "ROB-07", Core, Any, [], [Limits], "ext",
        "a message above the broker's limit is an error to its sender, whose producer stays usable";
    "ROB-09", Core, Once, [], [], "ext",
        "hundreds of open and close cycles leave nothing behind";
}
