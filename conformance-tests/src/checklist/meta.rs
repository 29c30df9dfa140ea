//! META: connection metadata.

checks! { Meta;
    "META-01", Core, Once, [], [], "6.1.6, tck",
        "name and version of the provider are known before start, and the version's numbers agree with its text",
        note = Some("the version is the adapter's; what the broker says of itself is extra");
    "META-02", Core, Once, [], [], "6.1.6, tck",
        "the API version's text agrees with its numbers and is the same for every provider";
    "META-03", Core, Once, [], [], "3.5.9, 6.1.6",
        "the JMSX names include the group names and, where declared, the delivery count, and no invented one";
}
