//! STRM: stream bodies.

checks! { Strm;
    "STRM-01", Core, Any, [TypedBodies], [], "api:StreamMessage",
        "fresh is write-only; after reset or receipt read-only, rewound at will; clearing makes it fresh";
    "STRM-02", Core, Any, [TypedBodies], [], "3.11",
        "a sequence of every type reads back in order, with its types";
    "STRM-03", CoreLocal, Once, [], [], "3.11.3",
        "all 100 conversions of stream elements convert, or are a format error",
        note = Some("also over the wire, where typed bodies are carried");
    "STRM-04", CoreLocal, Once, [], [], "3.11.3",
        "a failed conversion leaves the position, so that another type can be tried";
    "STRM-05", CoreLocal, Once, [], [], "api",
        "the end is an end-of-message error for every reader, repeatedly";
    "STRM-06", CoreLocal, Once, [], [], "3.11.3",
        "a null element reads as none, as false or as an error, by the type asked for";
    "STRM-07", CoreLocal, Once, [], [], "api:StreamMessage.readBytes",
        "bytes can be read in pieces, ended by a short count or an end mark";
    "STRM-08", CoreLocal, Once, [], [], "api",
        "another read in the middle of the pieces is a format error";
    "STRM-09", CoreLocal, Once, [], [], "api",
        "a bytes read of another element is a format error; null and empty are told apart";
    "STRM-10", CoreLocal, Once, [], [], "api",
        "the untyped reader gives the type that was written";
    "STRM-11", CoreLocal, Once, [], [], "10.3",
        "the untyped writer refuses an unsupported type as a format error";
}
