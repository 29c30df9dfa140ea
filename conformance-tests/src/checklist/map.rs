//! MAP: map bodies.

checks! { Map;
    "MAP-01", Core, Any, [TypedBodies], [], "3.11.3",
        "each type arrives as itself, and a null entry keeps its key";
    "MAP-02", CoreLocal, Once, [], [], "3.11.3",
        "all 100 conversions of map entries convert, or are a format error",
        note = Some("also over the wire, where typed bodies are carried");
    "MAP-03", CoreLocal, Once, [], [], "3.11.3",
        "text reads as number or boolean by the rules of properties";
    "MAP-04", CoreLocal, Once, [], [], "3.11.3",
        "a missing entry reads as none, as false or as an error, by the type asked for";
    "MAP-05", CoreLocal, Once, [], [], "api:MapMessage.set*",
        "a missing or empty name is an invalid argument; any other text is a name";
    "MAP-06", CoreLocal, Once, [], [], "api",
        "an unsupported type is a format error";
    "MAP-07", CoreLocal, Once, [], [], "api",
        "listing gives every key once, and existence agrees";
    "MAP-08", CoreLocal, Once, [], [], "3.12",
        "bytes are copied in and out, by offset and length";
    "MAP-09", Core, Any, [TypedBodies], [], "3.11",
        "empty, large, dotted and mixed maps arrive unaltered";
    "MAP-10", Core, Any, [TypedBodies], [], "3.11.2, api",
        "a map can be read before it is sent, and only read once received";
}
