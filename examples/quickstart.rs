//! A first look at anymq: queues, topics and transactions, on the broker that `ANYMQ_URL` names.
//!
//! ```sh
//! cargo run --example quickstart                                            # the embedded broker
//! ANYMQ_URL=amqp://guest:guest@localhost:5672/%2f cargo run --example quickstart   # RabbitMQ
//! ANYMQ_CONFIG=anymq.toml cargo run --example quickstart                    # the connection `shop` of a file
//! ```

use std::env;

use anymq::prelude::*;
use tokio::sync::mpsc;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let factory = factory()?;
    let connection = factory.create_connection().await?;
    let metadata = connection.metadata()?;
    println!(
        "connected to {}",
        metadata.broker.as_deref().unwrap_or(metadata.provider_name)
    );
    connection.start().await?;

    point_to_point(&connection).await?;
    publish_subscribe(&connection).await?;
    transactions(&connection).await?;

    connection.close().await?;
    println!("closed");
    Ok(())
}

/// `ANYMQ_URL` goes before the connection `shop` of the configuration file, and that before the embedded broker.
fn factory() -> anymq::Result<Arc<dyn ConnectionFactory>> {
    if let Ok(url) = env::var("ANYMQ_URL") {
        return anymq::connection_factory(&url);
    }
    // The file that `ANYMQ_CONFIG` names, else `anymq.toml` in the current directory; then the environment.
    let directory = Directory::load()?;
    if directory.names().next().is_some() {
        return directory.connection_factory("shop");
    }
    anymq::connection_factory("vm://quickstart")
}

/// One message to one consumer, which says when it is done with it.
async fn point_to_point(connection: &Arc<dyn Connection>) -> Result<(), BoxError> {
    println!("\npoint-to-point");
    let session = connection.create_session(AckMode::Client).await?;
    let orders = Queue::new("quickstart.orders")?;
    let producer = session.create_producer(&orders).await?;
    let consumer = session.create_consumer(&orders).await?;

    let order = Message::text("one espresso").with_property("table", 7)?;
    producer.send(order).await?;
    println!("  sent an order");

    let received = consumer.receive_timeout(Duration::from_secs(5)).await?;
    let order = received.ok_or("no order came")?;
    let table = order.properties().i32("table")?;
    println!("  received {:?} for table {table}", order.as_text().unwrap_or_default());
    order.acknowledge().await?;
    println!("  acknowledged it");
    Ok(session.close().await?)
}

/// One message to every subscriber, each with a listener.
async fn publish_subscribe(connection: &Arc<dyn Connection>) -> Result<(), BoxError> {
    println!("\npublish/subscribe");
    let session = connection.create_session(AckMode::Auto).await?;
    let prices = Topic::new("quickstart.prices")?;
    let (heard, mut reports) = mpsc::unbounded_channel();
    let mut subscribers = Vec::new();
    for name in ["display", "website"] {
        let subscriber = session.create_consumer(&prices).await?;
        let heard = heard.clone();
        let listener = move |price: Received| {
            let report = format!("{name} heard {:?}", price.as_text().unwrap_or_default());
            let heard = heard.clone();
            async move { Ok(heard.send(report)?) }
        };
        subscriber.listen(listener).await?;
        subscribers.push(subscriber);
    }

    let publisher = session.create_producer(&prices).await?;
    publisher.send(Message::text("espresso 1.20")).await?;
    println!("  published a price");

    let mut lines = Vec::new();
    for _ in &subscribers {
        let line = tokio::time::timeout(Duration::from_secs(5), reports.recv()).await?;
        lines.push(line.ok_or("a listener went away")?);
    }
    // Each subscriber has its copy; which one is first is nobody's promise.
    lines.sort();
    for line in lines {
        println!("  {line}");
    }
    Ok(session.close().await?)
}

/// Sends become visible together, or not at all.
async fn transactions(connection: &Arc<dyn Connection>) -> Result<(), BoxError> {
    println!("\ntransactions");
    let session = connection.create_session(AckMode::Transacted).await?;
    let bills = Queue::new("quickstart.bills")?;
    let producer = session.create_producer(&bills).await?;

    producer.send(Message::text("coffee 1.20")).await?;
    producer.send(Message::text("cake 3.40")).await?;
    session.commit().await?;
    println!("  sent two bills and committed");

    producer.send(Message::text("a mistake")).await?;
    session.rollback().await?;
    println!("  sent a third and rolled it back");

    let reader = connection.create_session(AckMode::Auto).await?;
    let consumer = reader.create_consumer(&bills).await?;
    while let Some(bill) = consumer.receive_timeout(Duration::from_millis(500)).await? {
        println!("  received {:?}", bill.as_text().unwrap_or_default());
    }
    println!("  nothing more came");
    reader.close().await?;
    Ok(session.close().await?)
}
