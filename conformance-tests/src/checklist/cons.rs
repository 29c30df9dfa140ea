//! CONS: consumers.

checks! { Cons;
    "CONS-01", Core, Any, [], [], "api:MessageConsumer.receive",
        "an untimed receive waits for a message; a zero timeout does not wait; none only after close";
    "CONS-02", Core, Any, [], [], "api",
        "a timed receive gives up at its timeout, neither before nor much later";
    "CONS-03", Core, Any, [], [], "api",
        "a no-wait receive returns at once and finds an available message when repeated";
    "CONS-04", Core, Any, [], [], "8.8",
        "closing the consumer from another task ends its blocked receive with none";
    "CONS-05", Core, Any, [], [], "6.1.8",
        "a receive after close is an illegal state; closing again is no error";
    "CONS-06", Core, Any, [], [], "api:MessageConsumer.setMessageListener",
        "a listener can be set, asked for and unset, after which receives work again";
    "CONS-07", Core, Any, [], [], "6.2.5",
        "a receive beside a listener is an illegal state, or loses and doubles nothing";
    "CONS-08", Core, Any, [], [], "8.7",
        "a listener set late gets what had already arrived";
    "CONS-10", Core, Any, [], [], "8.8",
        "closing a consumer from another task waits for its running listener";
    "CONS-11", Core, Any, [], [], "8.8, tck",
        "a listener may close its own consumer: its message counts, and no further call comes";
    "CONS-12", Core, Queue, [], [], "8.8, qpid",
        "what a closed consumer had not delivered goes at once to others, in order";
    "CONS-14", Core, Any, [], [], "api:MessageConsumer.getMessageSelector",
        "a consumer tells its selector, or none for none or empty";
    "CONS-15", Core, Any, [], [], "10.3",
        "invalid destinations and selectors are refused by class, leaving no consumer or subscription behind";
    "CONS-16", Core, Queue, [], [], "4.1.2, ext",
        "a slow consumer's prefetch does not starve another for ever";
    "CONS-17", Core, Any, [], [], "ext",
        "a receive dropped while it waits loses no message";
    "CONS-20", Core, Any, [Headers, Properties, TypedBodies], [], "3.10, 4.2.2",
        "a receiver's changes reach neither another consumer nor a redelivery";
    "CONS-21", Capability, Queue, [ExactRedelivery], [], "8.8, qpid",
        "what a closed consumer never handed to the application is not flagged";
}
