//! GRP: message groups.

checks! { Grp;
    "GRP-01", Capability, Queue, [MessageGroups], [], "3.5.9, ext",
        "a group's messages go to one consumer at a time, in order";
    "GRP-02", Capability, Queue, [MessageGroups], [], "ext",
        "groups spread, and move on when their consumer closes, with nothing lost";
}
