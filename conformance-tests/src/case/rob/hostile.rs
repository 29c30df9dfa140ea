//! Content that is not what it says.

use anymq_api::{AckMode, BodyKind, Capability, ErrorKind, Message};

use super::{Context, Failure, Pair, Passed, Verdict, all_that_comes, expect_body, texts_of, travel};
use crate::{case::expect_kind, harness::ForeignKind};

pub(super) async fn content(context: &Context) -> Verdict {
    let pair = context.pair(AckMode::Auto).await?;
    let own = own(context)?;
    for message in &own {
        let received = travel(context, &pair, message.clone()).await?;
        if received.kind() != BodyKind::Bytes {
            expect_body(&received, message)?;
        }
        ask_for_everything(&received)?;
    }
    let foreign = foreign(context, &pair).await?;
    // And consumption goes on.
    pair.send(&["last"]).await?;
    let rest = all_that_comes(context, &pair.consumer, 1).await?;
    ensure_eq!(texts_of(&rest), ["last"], "after all the hostile ones");
    Ok(Passed::With(format!("{} of its own clients, {foreign}", own.len())))
}

/// What a client of this make can send of it.
fn own(context: &Context) -> Result<Vec<Message>, Failure> {
    let mut all = vec![
        Message::bytes(b"\xff\xfe\x00".as_slice()),
        Message::text("{\"no\": map"),
    ];
    if context.supports(Capability::Headers) && context.supports(Capability::TypedBodies) {
        let types = [
            "text/plain",
            "application/json",
            "text/plain; charset=utf-16",
            "x",
            "application/xml",
        ];
        for content_type in types {
            all.push(Message::bytes(b"\xff{not json".as_slice()).with_content_type(content_type));
            all.push(Message::text("{not json").with_content_type(content_type));
        }
    }
    if context.supports(Capability::TypedBodies) {
        all.push(Message::object(&nested(50))?);
        // What would be too deep to read is not made in the first place.
        expect_kind(Message::object(&nested(200)), ErrorKind::MessageFormat)?;
    }
    Ok(all)
}

fn nested(depth: usize) -> serde_json::Value {
    (0..depth).fold(serde_json::Value::Null, |inner, _| {
        serde_json::Value::Array(vec![inner])
    })
}

/// What other clients send; says how it went.
async fn foreign(context: &Context, pair: &Pair) -> Result<String, Failure> {
    if !context.harness().has_foreign_clients() {
        return Ok("no foreign clients exist in the VM".into());
    }
    for kind in ForeignKind::HOSTILE {
        match context.harness().send_foreign(&pair.destination, kind).await {
            None => return Ok("the harness cannot send foreign ones".into()),
            Some(Err(error)) => return Err(Failure::new(format!("the foreign client fails: {error}"))),
            Some(Ok(())) => {}
        }
        let received = context.receive(&pair.consumer).await?;
        if received.kind() == BodyKind::Bytes {
            let body = received.as_bytes().map(|bytes| &**bytes);
            ensure!(body == Some(kind.body()), "{kind:?}: other bytes came");
        }
        ask_for_everything(&received)?;
    }
    Ok(format!("{} of foreign ones", ForeignKind::HOSTILE.len()))
}

/// Every way of reading it gives something or says that it cannot.
fn ask_for_everything(message: &Message) -> Result<(), Failure> {
    read(message.body_as::<String>())?;
    read(message.body_as::<Vec<u8>>())?;
    read(message.body_as::<anymq_api::Map>())?;
    read(message.object_as::<serde_json::Value>())?;
    read(message.object_as::<String>())?;
    Ok(())
}

fn read<T>(outcome: anymq_api::Result<Option<T>>) -> Result<(), Failure> {
    match outcome {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::MessageFormat => Ok(()),
        Err(error) => Err(error.into()),
    }
}
