//! SEL: headers and the properties of the standard.

use anymq_api::{AckMode, DeliveryMode, Message, Priority, SendOptions, Timestamp};

use super::{
    examples,
    expected::{Expected, Group, Row, Seen},
    passed, rows, table,
    table::{Sample, Tried},
};
use crate::case::{Context, Failure, Passed, Verdict, flow::gather, texts_of};

/// Further than any clock is off.
const FAR: i64 = 24 * 60 * 60 * 1000;

pub(super) async fn selectable(context: &Context) -> Verdict {
    let sample = Sample::from(examples::message()?);
    let mut tables = vec![table::check(context, &sample, &rows("SEL-31")).await?];
    tables.push(all_set(context).await?);
    tables.push(none_set(context).await?);
    by_id(context).await?;
    passed(&tables)
}

async fn all_set(context: &Context) -> Result<Tried, Failure> {
    const SET: Group = group! {
        yes: "JMSType = 'car'", "JMSType LIKE 'c%'", "JMSType IN ('bus', 'car')", "JMSPriority = 7",
            "JMSPriority > 6 AND JMSPriority < 8", "JMSPriority BETWEEN 7 AND 9", "JMSPriority + 1 = 8",
            "JMSCorrelationID = 'order ''7'''", "JMSCorrelationID LIKE 'order%'", "JMSCorrelationID IS NOT NULL",
            "JMSDeliveryMode = 'NON_PERSISTENT'", "JMSMessageID IS NOT NULL", "JMSMessageID LIKE 'ID:_%'",
            "JMSTimestamp IS NOT NULL", "JMSType = 'car' AND JMSPriority = 7 AND JMSCorrelationID <> 'other'";
        no: "JMSType = 'Car'", "JMSType <> 'car'", "JMSType IS NULL", "JMSPriority = 4", "JMSPriority = '7'",
            "JMSPriority < 7", "JMSCorrelationID = 'order'", "JMSCorrelationID IS NULL", "JMSDeliveryMode = 'PERSISTENT'",
            "JMSMessageID = 'ID:'", "JMSMessageID IS NULL", "JMSTimestamp = 0", "JMSTimestamp LIKE '%'", "JMSTimestamp < 1000";
        bad: ;
    };
    let message = Message::text("all set")
        .with_message_type("car")
        .with_correlation_id("order '7'");
    let options = SendOptions::new()
        .with_priority(Priority::new(7)?)
        .with_delivery_mode(DeliveryMode::NonPersistent);
    let now = Timestamp::now().as_millis();
    let (before, after) = (now - FAR, now + FAR);
    let mut rows = SET.rows();
    rows.push(Row::new(
        Expected::Match,
        format!("JMSTimestamp BETWEEN {before} AND {after}"),
    ));
    rows.push(Row::new(Expected::NoMatch, format!("JMSTimestamp < {before}")));
    rows.push(Row::new(Expected::NoMatch, format!("JMSTimestamp > {after}")));
    table::check(context, &Sample { message, options }, &rows).await
}

async fn none_set(context: &Context) -> Result<Tried, Failure> {
    const NONE: Group = group! {
        yes: "JMSType IS NULL", "JMSCorrelationID IS NULL", "JMSPriority = 4", "JMSDeliveryMode = 'PERSISTENT'",
            "NOT (JMSType IS NOT NULL)";
        no: "JMSType = ''", "JMSType <> 'car'", "NOT (JMSType = 'car')", "JMSType LIKE '%'", "JMSCorrelationID = ''",
            "JMSCorrelationID NOT IN ('x')", "JMSCorrelationID IS NOT NULL", "JMSPriority <> 4";
        bad: ;
    };
    table::check(context, &Message::text("none set").into(), &NONE.rows()).await
}

/// The id is known when a message was sent: a queue keeps it for the one who asks by it.
async fn by_id(context: &Context) -> Result<(), Failure> {
    if !context.is_queue() {
        return Ok(());
    }
    let session = context.started().await?.create_session(AckMode::Auto).await?;
    let queue = context.destination();
    let producer = session.create_producer(&queue).await?;
    let mut ids = Vec::new();
    for text in ["first", "second", "third"] {
        let receipt = producer.send(Message::text(text)).await?;
        let id = receipt.message_id().map(ToString::to_string);
        ids.push(id.ok_or_else(|| Failure::new("a receipt has no id"))?);
    }
    let selector = format!("JMSMessageID = '{}'", ids[1].replace('\'', "''"));
    let consumer = context.selective(&session, &queue, &selector).await?;
    let got = gather(context, &[&consumer], 1).await?.concat();
    ensure_eq!(texts_of(&got), ["second"], "{selector}");
    Ok(())
}

pub(super) async fn delivery_mode(context: &Context) -> Verdict {
    const NON_PERSISTENT: Group = group! {
        yes: "JMSDeliveryMode = 'NON_PERSISTENT'", "JMSDeliveryMode <> 'PERSISTENT'", "JMSDeliveryMode LIKE 'NON!_%' ESCAPE '!'",
            "JMSDeliveryMode IN ('PERSISTENT', 'NON_PERSISTENT')";
        no: "JMSDeliveryMode = 'PERSISTENT'", "JMSDeliveryMode <> 'NON_PERSISTENT'", "JMSDeliveryMode = 1",
            "JMSDeliveryMode = 'NonPersistent'", "JMSDeliveryMode IS NULL";
        bad: ;
    };
    let persistent = Sample::from(examples::message()?);
    let options = SendOptions::new().with_delivery_mode(DeliveryMode::NonPersistent);
    let non_persistent = Sample {
        options,
        ..persistent.clone()
    };
    passed(&[
        table::check(context, &persistent, &rows("SEL-32")).await?,
        table::check(context, &non_persistent, &NON_PERSISTENT.rows()).await?,
    ])
}

pub(super) async fn others(context: &Context) -> Verdict {
    let reply_to = context.destination();
    let name = reply_to.name().replace('\'', "''");
    let message = Message::text("answer").with_reply_to(&reply_to);
    // Set, so that it could be read; and far off.
    let options = SendOptions::new().with_ttl(context.timing().wait * 100);
    let sample = Sample { message, options };
    let headers = [
        ("JMSDestination", vec!["LIKE '%'".to_owned(), "<> 'x'".to_owned()]),
        ("JMSReplyTo", vec!["LIKE '%'".to_owned(), format!("= '{name}'")]),
        ("JMSExpiration", vec!["> 0".to_owned(), "= 0".to_owned()]),
        ("JMSRedelivered", vec!["= FALSE".to_owned(), "= TRUE".to_owned()]),
    ];
    let mut branches = Vec::new();
    for (header, conditions) in headers {
        let never = |condition: String| Row::new(Expected::NeverTrue, format!("{header} {condition}"));
        let mut rows: Vec<_> = conditions.into_iter().map(never).collect();
        rows.push(never("IS NOT NULL".to_owned()));
        let tried = table::check(context, &sample, &rows).await?;
        let refused = tried.seen.iter().filter(|seen| **seen != Seen::NoMatch).count();
        branches.push(match refused {
            0 => format!("{header} is never true"),
            all if all == rows.len() => format!("{header} is refused"),
            _ => format!("{header} is refused or never true"),
        });
    }
    Ok(Passed::Observed(branches.join(", ")))
}

pub(super) async fn group(context: &Context) -> Verdict {
    const SET: Group = group! {
        yes: "JMSXGroupID = 'g'", "JMSXGroupSeq = 3", "JMSXGroupID = 'g' AND JMSXGroupSeq BETWEEN 1 AND 3", "JMSXGroupID LIKE 'g'",
            "JMSXGroupID IS NOT NULL", "JMSXGroupSeq > 2.5";
        no: "JMSXGroupID = 'G'", "JMSXGroupID <> 'g'", "JMSXGroupID IS NULL", "JMSXGroupSeq > 3", "JMSXGroupSeq = '3'",
            "JMSXGroupSeq IS NULL", "jmsxgroupid = 'g'";
        bad: ;
    };
    // Set when a message is received: what they are before that nobody says.
    const RECEIVING: [&str; 6] = [
        "JMSXDeliveryCount = 1",
        "JMSXDeliveryCount > 0",
        "JMSXDeliveryCount IS NULL",
        "JMSXRcvTimestamp > 0",
        "JMSXState = 2",
        "JMSXConsumerTXID IS NULL",
    ];
    let plain = Sample::from(examples::message()?);
    let mut of_plain = rows("SEL-34");
    of_plain.extend(RECEIVING.map(|selector| Row::new(Expected::Valid, selector)));
    let grouped = Message::text("grouped")
        .with_property("JMSXGroupID", "g")?
        .with_property("JMSXGroupSeq", 3)?;
    passed(&[
        table::check(context, &plain, &of_plain).await?,
        table::check(context, &grouped.into(), &SET.rows()).await?,
    ])
}
