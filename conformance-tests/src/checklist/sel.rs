//! SEL: selectors.

checks! { Sel;
    "SEL-01", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "none and empty mean no selector: everything arrives, and the getter says none";
    "SEL-02", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "a malformed selector is refused at creation, leaving nothing behind; SQL comments are malformed";
    "SEL-03", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "only true delivers; false and unknown do not";
    "SEL-04", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "keywords have no case, identifiers have";
    "SEL-05", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "text literals: single quotes, doubled inside, unicode, empty; double quotes and open ends are malformed";
    "SEL-06", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1, tck",
        "integer literals: decimal, octal, hexadecimal, suffix, sign, the whole 64-bit range";
    "SEL-07", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "floating literals in all of Java's forms";
    "SEL-08", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "identifiers start and go on as in Java; a digit first, dots, `#` and `@` are malformed";
    "SEL-09", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "the eleven reserved words are no identifiers";
    "SEL-10", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "any of the five white-space characters separates tokens; symbols need none";
    "SEL-11", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.2",
        "AND, OR and NOT follow three-valued logic in every cell";
    "SEL-12", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "precedence and associativity of logic, comparison and arithmetic; parentheses override";
    "SEL-13", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "numbers compare across exact and approximate, promoted as in Java";
    "SEL-14", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "comparing unlike types is false, for equal and for unequal";
    "SEL-15", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1, tck comparisonTest04–12",
        "texts and booleans know equality only; ordering a literal is malformed, ordering a value not true";
    "SEL-16", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.2",
        "a missing value makes comparison and arithmetic unknown";
    "SEL-17", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "text of digits never counts as a number";
    "SEL-18", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "arithmetic over all numeric types promotes as in Java; on anything else it is not true";
    "SEL-20", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1, qpid",
        "a bare boolean is a condition, a missing one unknown; bare arithmetic or text is malformed";
    "SEL-21", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "BETWEEN includes both ends and equals its two comparisons, unknowns too";
    "SEL-22", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1, tck betweenTest5–7",
        "BETWEEN over text literals is malformed, over a text value not true";
    "SEL-23", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1, tck inTest8",
        "IN takes a non-empty list of text literals, and nothing else";
    "SEL-24", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1, tck inTest5–7",
        "IN and NOT IN: unknown on a missing value, not true on a non-text";
    "SEL-25", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "IN, LIKE and IS NULL need an identifier on their left";
    "SEL-26", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "LIKE matches the whole value by `%` and `_`, by code point and case, and everything else literally";
    "SEL-27", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1, tck likeTest04/17",
        "ESCAPE makes `%` and `_` literal; it is exactly one character, whichever";
    "SEL-28", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1, tck likeTest18–21",
        "LIKE: unknown on missing, not true on non-text; its pattern is a text literal";
    "SEL-30", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.2",
        "IS NULL is never unknown, for properties and nullable headers";
    "SEL-31", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "the six selectable headers work with really sent messages";
    "SEL-32", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.3",
        "the delivery mode compares with its names";
    "SEL-33", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "other headers are refused or never true", observable = true;
    "SEL-34", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1, 3.5.9",
        "the group properties work, an absent JMSX name is missing, a receive-set one does no harm";
    "SEL-35", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1",
        "the body is invisible to selectors";
    "SEL-37", Capability, Queue, [QueueSelectors], [], "4.1.2",
        "unmatched messages stay for others, in order, and do not block matches behind them";
    "SEL-38", Capability, Topic, [TopicSelectors], [], "4.2.2",
        "unmatched messages never enter the subscription";
    "SEL-39", Capability, Any, [QueueSelectors, TopicSelectors], [], "3.8.1.1",
        "the same comparison matches the value in each numeric type";
    "SEL-40", Capability, Any, [QueueSelectors, TopicSelectors], [], "ext",
        "huge selectors work or are refused, without overflow or exponential time";
}
