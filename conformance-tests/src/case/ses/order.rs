//! The order of messages.

use std::sync::Arc;

use anymq_api::{AckMode, BoxError, Capability, Map, Message, OBJECT_CONTENT_TYPE, Producer, StreamWriter};
use futures_util::future::try_join;
use parking_lot::Mutex;

use crate::case::{
    Context, Failure, Passed, Verdict, expect_list, flow::numbered, listening::listen, setup::send_texts, text_of,
};

/// How many messages the rule about order is tried with, at least.
const MANY: usize = 1000;

/// A message of some kind and size that tells its number.
fn assorted(context: &Context, number: usize) -> Result<Message, Failure> {
    let padding = "x".repeat([0, 10, 1000, 20_000][number / 5 % 4]);
    let kinds = if context.supports(Capability::TypedBodies) {
        5
    } else {
        2
    };
    Ok(match number % kinds {
        0 => Message::text(format!("{number} {padding}")),
        // No text, so that nobody takes it for one.
        1 => Message::bytes([&[0xff], format!("{number} {padding}").as_bytes()].concat()),
        2 => Message::map(
            Map::new()
                .with("number", number.to_string())?
                .with("padding", padding)?,
        ),
        3 => {
            let mut writer = StreamWriter::new();
            writer.write_string(number.to_string());
            writer.write_string(padding);
            Message::stream(writer.finish())
        }
        _ => Message::object(&(number.to_string(), padding))?,
    })
}

/// Kind, number and size.
fn label(message: &Message) -> String {
    let split = |text: &str| match text.split_once(' ') {
        Some((number, padding)) => format!("{number} ({})", padding.len()),
        None => text.to_owned(),
    };
    let told = if message.content_type() == Some(OBJECT_CONTENT_TYPE) {
        let object = message.object_as::<(String, String)>().ok().flatten();
        object.map(|(number, padding)| format!("object {number} ({})", padding.len()))
    } else if let Some(bytes) = message.as_bytes() {
        Some(split(&String::from_utf8_lossy(bytes)))
    } else if let Some(map) = message.as_map() {
        let text = |name| map.string(name).ok().flatten();
        text("number")
            .zip(text("padding"))
            .map(|(number, padding)| format!("{number} ({})", padding.len()))
    } else if let Ok(mut reader) = message.stream_reader() {
        let mut text = || reader.read_string().ok().flatten();
        text()
            .zip(text())
            .map(|(number, padding)| format!("{number} ({})", padding.len()))
    } else {
        message.as_text().map(split)
    };
    format!("{:?} {}", message.kind(), told.unwrap_or_default())
}

async fn send_all(producer: &Arc<dyn Producer>, messages: &[Message]) -> Result<(), Failure> {
    for message in messages {
        producer.send(message.clone()).await?;
    }
    Ok(())
}

pub(super) async fn one_producer(context: &Context) -> Verdict {
    let messages: Result<Vec<_>, _> = (0..MANY).map(|number| assorted(context, number)).collect();
    let messages = messages?;
    let labels: Vec<_> = messages.iter().map(label).collect();
    try_join(
        by_receive(context, &messages, &labels),
        by_listener(context, &messages, &labels),
    )
    .await?;
    Ok(Passed::With(format!("{MANY} by receive and {MANY} by listener")))
}

async fn by_receive(context: &Context, messages: &[Message], labels: &[String]) -> Result<(), Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    let receiving = context.receive_many(&pair.consumer, messages.len());
    let ((), received) = try_join(send_all(&pair.producer, messages), receiving).await?;
    let received: Vec<_> = received.iter().map(|received| label(received)).collect();
    expect_list(&received, labels)?;
    context.nothing(&pair.consumer).await
}

async fn by_listener(context: &Context, messages: &[Message], labels: &[String]) -> Result<(), Failure> {
    let pair = context.pair(AckMode::Auto).await?;
    let heard = Arc::<Mutex<Vec<String>>>::default();
    let noting = Arc::clone(&heard);
    let listener = listen(move |received| {
        noting.lock().push(label(&received));
        std::future::ready(Ok::<(), BoxError>(()))
    });
    pair.consumer.set_listener(Some(listener)).await?;
    send_all(&pair.producer, messages).await?;
    let so_far = || heard.lock().len();
    context.grows_to("what the listener got", labels.len(), so_far).await?;
    context.quiet().await;
    expect_list(&heard.lock(), labels)
}

pub(super) async fn several_producers(context: &Context) -> Verdict {
    const EACH: usize = 100;
    let words = ["first", "second", "third"];
    let pair = context.pair(AckMode::Auto).await?;
    let mut producers = Vec::new();
    for _ in words {
        producers.push(pair.session.create_producer(&pair.destination).await?);
    }
    let texts = words.map(|word| numbered(word, EACH));
    let mut sent = Vec::new();
    for number in 0..EACH {
        for (own, producer) in texts.iter().zip(&producers) {
            send_texts(producer, &own[number..=number]).await?;
            sent.push(own[number].clone());
        }
    }
    let received = context.receive_many(&pair.consumer, sent.len()).await?;
    let received: Vec<_> = received.iter().map(text_of).collect();
    for (word, own) in words.iter().zip(&texts) {
        let came = received.iter().filter(|text| text.starts_with(word));
        expect_list(&came.cloned().collect::<Vec<_>>(), own)?;
    }
    context.nothing(&pair.consumer).await?;
    let branch = if received == sent {
        "in the order sent across producers too"
    } else {
        "in the order sent within each producer only"
    };
    Ok(Passed::Observed(branch.to_owned()))
}
