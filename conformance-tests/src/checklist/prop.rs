//! PROP: message properties.

checks! { Prop;
    "PROP-01", Core, Any, [Properties], [], "3.5.2",
        "each of the eight types keeps type and value, locally and at the receiver";
    "PROP-02", Core, Any, [Properties], [], "3.5.2",
        "extreme numbers and awkward texts survive the journey";
    "PROP-03", Core, Any, [Properties], [], "3.5.5, 3.8.1.1",
        "the wire keeps the exact type: no widening of integers or floats";
    "PROP-04", CoreLocal, Once, [], [], "3.5.4",
        "all 64 conversions of properties convert, or are a format error",
        note = Some("also over the wire, where properties are carried");
    "PROP-05", CoreLocal, Once, [], [], "3.5.4",
        "text that is no number, or too large a one, is a number format error";
    "PROP-06", CoreLocal, Once, [], [], "3.5.4",
        "text reads as boolean by `true` in any case; everything else is false";
    "PROP-07", CoreLocal, Once, [], [], "3.5.4",
        "numbers and booleans read as text in Java's form, and floats parse back exactly";
    "PROP-08", CoreLocal, Once, [], [], "3.5.4, 3.5.8",
        "a missing property reads as none, as false, or as a number format error, by the type asked for";
    "PROP-09", CoreLocal, Once, [], [], "api:Message.propertyExists",
        "only what was set exists; a property set to none exists, or cannot be set by type";
    "PROP-10", CoreLocal, Once, [], [], "3.5.5",
        "the untyped setter takes the eight types, and anything else is a format error";
    "PROP-11", CoreLocal, Once, [], [], "3.5.5",
        "the untyped getter gives the type that was set, or none";
    "PROP-12", CoreLocal, Once, [], [], "api:Message.set*Property",
        "a missing or empty name is an invalid argument";
    "PROP-13", CoreLocal, Once, [], [], "3.5.1",
        "names must be identifiers of the selector language, unicode letters included";
    "PROP-14", CoreLocal, Once, [], [], "3.5.1, 3.8.1.1",
        "reserved words of the selector language are no names";
    "PROP-15", Core, Any, [Properties], [], "3.8.1.1",
        "names differ by case, also over the wire";
    "PROP-16", Core, Any, [], [], "3.5.3, 3.10",
        "properties of a received message are read-only until cleared";
    "PROP-17", Core, Any, [], [], "3.5.7, 3.11.1",
        "clearing properties, body or neither leaves the others as they were";
    "PROP-18", Core, Any, [], [], "3.5.6",
        "iterating gives each name that was set once, and no header";
    "PROP-19", CoreLocal, Once, [], [], "3.5",
        "setting a name again replaces value and type";
    "PROP-20", Core, Any, [Properties], [], "3.5.9",
        "a client's group id and sequence number arrive";
    "PROP-21", Capability, Any, [DeliveryCount], [], "3.5.11",
        "the delivery count is 1 on first delivery, and always there";
    "PROP-22", Capability, QueueOrDurable, [DeliveryCount], [], "3.5.11",
        "flagged means a count of two or more, and the reverse where the count is native";
    "PROP-23", Capability, Any, [DeliveryCount], [], "3.5.9",
        "a sender's delivery count is not believed";
    "PROP-24", Core, Once, [], [], "3.5.9, ext",
        "unknown JMSX names and header names are refused or ignored, and damage no header";
    "PROP-25", Core, Any, [], [], "3.5.10, ext",
        "wire keys of the provider do not appear as properties, nor can a client overwrite them";
}
