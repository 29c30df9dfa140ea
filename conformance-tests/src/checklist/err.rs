//! ERR: errors.

checks! { Err;
    "ERR-01", Core, Once, [], [], "10.2",
        "an error carries its class, a text, the provider's code where there is one, and its cause";
    "ERR-02", Core, Once, [], [], "10.3",
        "each misuse in the class table gives its class";
    "ERR-03", Core, Once, [], [], "6.1.8",
        "a closed object gives an illegal state: no panic, hang or transport error";
    "ERR-05", Core, Once, [], [BadCredentials], "10.3",
        "a broker's refusal of permission is a security error";
    "ERR-06", Core, Once, [], [], "9.2",
        "using a single-domain session for the other domain is an illegal state";
    "ERR-08", Core, Once, [], [], "ext",
        "each undeclared requestable capability is refused by name, and declaration and behaviour agree",
        note = Some("probes each undeclared one; the declared set is equal on every connection of a factory");
}
