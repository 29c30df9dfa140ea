//! OBJ: object bodies.

checks! { Obj;
    "OBJ-01", Core, Any, [TypedBodies], [], "3.11",
        "a serialised value, or none, arrives equal";
    "OBJ-02", CoreLocal, Once, [], [], "api:ObjectMessage.setObject",
        "setting takes a snapshot of the value";
    "OBJ-03", CoreLocal, Once, [], [], "api",
        "what cannot be serialised or read back is a format error, and the message can still be acknowledged";
    "OBJ-04", CoreLocal, Once, [], [], "ext",
        "reading a value is limited in size and depth and runs no code of the sender";
}
