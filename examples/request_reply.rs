//! A question and its answer: a request with a reply-to, and a reply that names the request by its id.
//!
//! ```sh
//! cargo run --example request_reply                                                   # the embedded broker
//! ANYMQ_URL=amqp://guest:guest@localhost:5672/%2f cargo run --example request_reply   # RabbitMQ
//! ```

use std::env;

use anymq::prelude::*;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let url = env::var("ANYMQ_URL").unwrap_or_else(|_| "vm://request-reply".to_owned());
    let connection = anymq::connection_factory(&url)?.create_connection().await?;
    connection.start().await?;
    let prices = Queue::new("request-reply.prices")?;

    // Dropping a consumer closes it, so this one stays here.
    let service = connection.create_session(AckMode::Auto).await?;
    let requests = service.create_consumer(&prices).await?;
    answer(&requests, service.create_anonymous_producer().await?).await?;

    let session = connection.create_session(AckMode::Auto).await?;
    let replies = session.create_temporary_queue().await?;
    let inbox = session.create_consumer(&replies).await?;
    let producer = session.create_producer(&prices).await?;
    for drink in ["espresso", "water"] {
        let request = Message::text(drink).with_reply_to(&replies);
        let sent = producer.send(request).await?;
        let reply = inbox
            .receive_timeout(Duration::from_secs(5))
            .await?
            .ok_or("no reply came")?;
        // With several requests on their way, this tells whose reply it is.
        assert_eq!(
            reply.correlation_id(),
            sent.message_id().map(MessageId::text).as_deref()
        );
        println!("{drink}? {}", reply.as_text().unwrap_or_default());
    }
    Ok(connection.close().await?)
}

/// Answers every request by a listener.
async fn answer(requests: &Arc<dyn Consumer>, replier: Arc<dyn Producer>) -> anymq::Result<()> {
    requests
        .listen(move |request| {
            let replier = Arc::clone(&replier);
            async move {
                let reply_to = request.reply_to().ok_or("nobody waits for the reply")?;
                let id = request.message_id().ok_or("a request without an id")?;
                let price = match request.as_text() {
                    Some("espresso") => "1.20",
                    _ => "nothing of the kind here",
                };
                let reply = Message::text(price).with_correlation_id(id);
                replier.send_to(reply_to, reply).await?;
                Ok(())
            }
        })
        .await
}
