//! Odd properties and headers.

use anymq_api::{AckMode, Capability, ErrorKind, Message, Properties};

use super::{Context, Failure, Pair, Passed, Verdict, expect_body, expect_entries, expect_only, properties_of};

pub(super) async fn many_and_large(context: &Context) -> Verdict {
    if !context.supports(Capability::Properties) {
        return Ok(Passed::NotRun("no properties are carried".into()));
    }
    let pair = context.pair(AckMode::Auto).await?;
    let many = (0..1000).try_fold(Properties::new(), |all, number| all.with(format!("p{number}"), number))?;
    let of = |name: &str, value: &str| Properties::new().with(name, value);
    let probes = [
        ("1000 properties", many),
        ("a value of 64 kB", of("large", &"v".repeat(64 * 1024))?),
        ("a name of 255 characters", of(&"n".repeat(255), "value")?),
        ("a name of 1000 characters", of(&"n".repeat(1000), "value")?),
        ("an empty value", of("empty", "")?),
    ];
    let mut report = Vec::new();
    for (what, properties) in probes {
        let message = Message::text("probe").with_properties(properties);
        let taken = travels_or_refused(context, &pair, &message).await?;
        report.push(format!("{what} {}", if taken { "arrives" } else { "is refused" }));
    }
    still_serves(context, &pair).await?;
    Ok(Passed::With(report.join(", ")))
}

/// What ends a line, a frame, a name or an escape somewhere, and what would then follow.
const CONTROLS: [&str; 12] = [
    "\r",
    "\n",
    "\r\n",
    "\0",
    ":",
    "\\",
    "\\n\\r\\c\\\\",
    "line\nJMSType:forged",
    "frame\n\nforged body\0SEND\ndestination:/queue/forged\n\n\0",
    "\u{1}\u{7f}\u{85}\u{2028}",
    "%0d%0aforged: 1",
    "\n",
];

pub(super) async fn control_characters(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let mut refused = 0;
    let mut count = 0;
    for text in CONTROLS {
        for message in forms(context, text)? {
            count += 1;
            refused += usize::from(!travels_or_refused(context, &pair, &message).await?);
        }
    }
    still_serves(context, &pair).await?;
    Ok(Passed::With(format!("{count} messages, {refused} refused")))
}

/// Messages that hold the text in each place that an application can reach.
fn forms(context: &Context, text: &str) -> Result<Vec<Message>, Failure> {
    let mut forms = vec![Message::text(text.to_owned())];
    if context.supports(Capability::Headers) {
        forms.push(Message::text("id").with_correlation_id(text));
        forms.push(Message::text("type").with_message_type(text));
    }
    if context.supports(Capability::Properties) {
        let padded = format!("before{text}after");
        let properties = Properties::new()
            .with("odd", text)?
            .with("padded", padded)?
            .with("n", 7)?;
        forms.push(Message::text("properties").with_properties(properties));
        // A name may be refused where it is set.
        if let Ok(named) = Message::text("name").with_property(format!("odd{text}name"), "value") {
            forms.push(named);
        }
    }
    Ok(forms)
}

/// Whether it arrives, and then as it was sent, or is refused as a message.
async fn travels_or_refused(context: &Context, pair: &Pair, message: &Message) -> Result<bool, Failure> {
    match pair.producer.send(message.clone()).await {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::MessageFormat => return Ok(false),
        Err(error) if error.kind() == ErrorKind::ResourceAllocation => return Ok(false),
        Err(error) => return Err(Failure::new(format!("refused as {:?}: {error}", error.kind()))),
    }
    let received = context.receive(&pair.consumer).await?;
    expect_body(&received, message)?;
    ensure_eq!(received.destination(), &pair.destination, "the destination");
    ensure!(received.reply_to().is_none(), "a reply-to that nobody set");
    if context.supports(Capability::Headers) {
        ensure_eq!(
            received.correlation_id(),
            message.correlation_id(),
            "the correlation id"
        );
        ensure_eq!(received.message_type(), message.message_type(), "the type");
    }
    expect_entries(
        &properties_of(received.properties()),
        &properties_of(message.properties()),
    )?;
    Ok(true)
}

/// Nothing was left behind or forged on the way.
async fn still_serves(context: &Context, pair: &Pair) -> Result<(), Failure> {
    pair.send(&["last"]).await?;
    expect_only(context, &pair.consumer, &["last"]).await?;
    Ok(())
}
