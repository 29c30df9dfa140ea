//! BYTES: bytes bodies.

checks! { Bytes;
    "BYTES-01", CoreLocal, Once, [], [], "api:BytesMessage",
        "a fresh bytes message can only be written";
    "BYTES-02", Core, Any, [], [], "api:BytesMessage.reset",
        "after reset or receipt it can only be read, from the start, repeatedly; clearing makes it fresh";
    "BYTES-03", Core, Any, [], [], "api",
        "each primitive written is read back in order, over the wire";
    "BYTES-04", CoreLocal, Once, [], [], "api:BytesMessage",
        "the layout is Java's data output form, the same for every provider";
    "BYTES-05", CoreLocal, Once, [], [], "3.11",
        "reads are not checked against what was written";
    "BYTES-06", CoreLocal, Once, [], [], "api:BytesMessage.readBytes",
        "reading past the end is an end-of-message error, malformed text a format error; array reads tell how much";
    "BYTES-07", CoreLocal, Once, [], [], "3.11.3, ext for EOF",
        "a read that does not fit leaves the position, so that a narrower one works";
    "BYTES-08", CoreLocal, Once, [], [], "api",
        "an array read with an impossible length is an invalid argument and consumes nothing";
    "BYTES-09", CoreLocal, Once, [], [], "api",
        "the untyped writer takes primitives, text and bytes; else a format error, null an invalid argument";
    "BYTES-10", CoreLocal, Once, [], [], "api",
        "the body length is the whole, wherever the position stands";
    "BYTES-11", Core, Any, [], [], "3.11",
        "an empty body, all byte values and a random megabyte arrive unaltered";
}
