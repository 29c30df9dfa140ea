//! A shop that works on every broker: orders, a kitchen that listens, bills in transactions, a display that is switched
//! off for a while, and questions with answers. What a provider cannot do is said and left out.
//!
//! ```sh
//! cargo run --example orders                                                   # the broker that orders/anymq.toml names
//! ANYMQ_URL=amqp://guest:guest@localhost:5672/%2f cargo run --example orders   # RabbitMQ; the same story
//! ```
//!
//! It prints the broker's name and then what `story.txt` has.

use std::env;

use anymq::{Registry, prelude::*};
use tokio::sync::mpsc;

/// How long something that must come may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long nothing has to come before we believe that there is nothing.
const QUIET: Duration = Duration::from_millis(500);

struct Shop {
    connection: Arc<dyn Connection>,
    orders: Queue,
    bills: Queue,
    questions: Queue,
    prices: Topic,
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let shop = Shop::open().await?;
    if shop.can(
        "An order is taken when somebody has time",
        &[Capability::Queues, Capability::ClientAck, Capability::Properties],
    )? {
        shop.take_an_order().await?;
    }
    if shop.can("The kitchen listens", &[Capability::Queues])? {
        shop.cook().await?;
    }
    if shop.can(
        "An order becomes a bill, or nothing happens",
        &[Capability::Queues, Capability::Transactions],
    )? {
        shop.bill().await?;
    }
    if shop.can("A display is off for a while", &[Capability::DurableSubscriptions])? {
        shop.display().await?;
    }
    if shop.can(
        "A question is answered",
        &[
            Capability::Queues,
            Capability::TemporaryDestinations,
            Capability::Headers,
        ],
    )? {
        shop.ask().await?;
    }
    shop.connection.close().await?;
    println!("\nclosed");
    Ok(())
}

impl Shop {
    async fn open() -> Result<Self, BoxError> {
        // The file that `ANYMQ_CONFIG` names, else the one beside this program. An application would say
        // `Directory::load()`, which takes `anymq.toml` in the current directory.
        let here = concat!(env!("CARGO_MANIFEST_DIR"), "/orders");
        let directory = Directory::builder().current_dir(here).build()?;
        let factory = match env::var("ANYMQ_URL") {
            Ok(url) => {
                let options = ConnectOptions::new().with_client_id("till-1");
                Registry::builtin().connection_factory_with(&url, options)?
            }
            Err(_) => directory.connection_factory("shop")?,
        };
        let connection = factory.create_connection().await?;
        let metadata = connection.metadata()?;
        let broker = metadata.broker.as_deref().unwrap_or(metadata.provider_name);
        println!("connected to {broker}");
        // Before this nothing is delivered, and every receive waits in vain.
        connection.start().await?;
        Ok(Self {
            connection,
            orders: directory.queue("orders")?,
            bills: directory.queue("bills")?,
            questions: directory.queue("questions")?,
            prices: directory.topic("prices")?,
        })
    }

    /// Begins a part of the story, if the provider has what it needs. Without asking, what is missing would be refused by
    /// name when it is used.
    fn can(&self, part: &str, needs: &[Capability]) -> anymq::Result<bool> {
        println!("\n{part}");
        let capabilities = self.connection.capabilities()?;
        let missing = needs.iter().find(|need| !capabilities.supports(**need));
        if let Some(missing) = missing {
            println!("  left out: this provider does not have {}", missing.describe());
        }
        Ok(missing.is_none())
    }

    /// One message to one consumer, which says when it is done with it.
    async fn take_an_order(&self) -> Result<(), BoxError> {
        let session = self.connection.create_session(AckMode::Client).await?;
        let producer = session.create_producer(&self.orders).await?;
        producer
            .send(Message::text("one espresso").with_property("table", 7)?)
            .await?;

        let consumer = session.create_consumer(&self.orders).await?;
        let order = next(&consumer).await?;
        println!("  {} for table {}", text(&order), order.properties().i32("table")?);
        order.acknowledge().await?;
        Ok(session.close().await?)
    }

    /// A listener is called for each message, one after the other.
    async fn cook(&self) -> Result<(), BoxError> {
        let session = self.connection.create_session(AckMode::Auto).await?;
        let kitchen = session.create_consumer(&self.orders).await?;
        let (served, mut plates) = mpsc::unbounded_channel();
        kitchen
            .listen(move |order| {
                let served = served.clone();
                async move { Ok(served.send(text(&order).to_owned())?) }
            })
            .await?;

        let counter = self.connection.create_session(AckMode::Auto).await?;
        let producer = counter.create_producer(&self.orders).await?;
        for order in ["two eggs", "one toast", "three waffles"] {
            producer.send(Message::text(order)).await?;
            let plate = tokio::time::timeout(PATIENCE, plates.recv()).await?;
            println!("  {} served", plate.ok_or("the kitchen is closed")?);
        }
        counter.close().await?;
        Ok(session.close().await?)
    }

    /// What is received and sent in a transaction happens together, or not at all.
    async fn bill(&self) -> Result<(), BoxError> {
        let session = self.connection.create_session(AckMode::Transacted).await?;
        let counter = session.create_producer(&self.orders).await?;
        counter.send(Message::text("one cake")).await?;
        session.commit().await?;

        let orders = session.create_consumer(&self.orders).await?;
        let bills = session.create_producer(&self.bills).await?;
        let order = next(&orders).await?;
        bills.send(Message::text("cake 34.00")).await?;
        session.rollback().await?;
        println!("  {}: rolled back, with a bill that was wrong", text(&order));

        // The order is back, and the bill was never there.
        let order = next(&orders).await?;
        bills.send(Message::text("cake 3.40")).await?;
        session.commit().await?;
        println!("  {}: once more (redelivered: {})", text(&order), order.redelivered());
        session.close().await?;

        let session = self.connection.create_session(AckMode::Auto).await?;
        let consumer = session.create_consumer(&self.bills).await?;
        while let Some(bill) = consumer.receive_timeout(QUIET).await? {
            println!("  the bill: {}", text(&bill));
        }
        Ok(session.close().await?)
    }

    /// A durable subscription keeps what is published while its subscriber is away.
    async fn display(&self) -> Result<(), BoxError> {
        let session = self.connection.create_session(AckMode::Auto).await?;
        let publisher = session.create_producer(&self.prices).await?;
        let subscribe = || session.create_durable_consumer(&self.prices, "display", ConsumerOptions::new());

        let display = subscribe().await?;
        publisher.send(Message::text("espresso 1.20")).await?;
        println!("  on: {}", text(&next(&display).await?));
        display.close().await?;

        for price in ["espresso 1.30", "cake 3.40"] {
            publisher.send(Message::text(price)).await?;
        }
        println!("  off: two prices published");

        let display = subscribe().await?;
        for _ in 0..2 {
            println!("  on again: {}", text(&next(&display).await?));
        }
        display.close().await?;
        // Else it would go on keeping what nobody fetches.
        session.unsubscribe("display").await?;
        Ok(session.close().await?)
    }

    /// The question names where the answer goes, the answer names the question by its id.
    async fn ask(&self) -> Result<(), BoxError> {
        let waiter = self.connection.create_session(AckMode::Auto).await?;
        let guest = self.connection.create_session(AckMode::Auto).await?;
        let answers = guest.create_temporary_queue().await?;
        let inbox = guest.create_consumer(&answers).await?;
        let question = Message::text("is there cake?").with_reply_to(&answers);
        let asked = guest.create_producer(&self.questions).await?.send(question).await?;

        let question = next(&waiter.create_consumer(&self.questions).await?).await?;
        let (Some(reply_to), Some(id)) = (question.reply_to(), question.message_id()) else {
            return Err("nobody waits for the answer".into());
        };
        let answer = Message::text("for you, always").with_correlation_id(id);
        waiter
            .create_anonymous_producer()
            .await?
            .send_to(reply_to, answer)
            .await?;

        let answer = next(&inbox).await?;
        let same = answer.correlation_id() == asked.message_id().map(MessageId::text).as_deref();
        println!(
            "  {} {} (answers this question: {same})",
            text(&question),
            text(&answer)
        );
        waiter.close().await?;
        Ok(guest.close().await?)
    }
}

/// The next message of a consumer, which must come.
async fn next(consumer: &Arc<dyn Consumer>) -> Result<Received, BoxError> {
    let received = consumer.receive_timeout(PATIENCE).await?;
    Ok(received.ok_or("nothing came")?)
}

fn text(message: &Received) -> &str {
    message.as_text().unwrap_or("(no text)")
}
