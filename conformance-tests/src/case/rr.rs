//! RR: request and reply.

use std::sync::Arc;

use anymq_api::{
    AckMode, Address, Capability, Connection, Consumer, ConsumerOptions, Destination, Message, MessageId, Producer,
    Received, Session,
};
use futures_util::future::try_join_all;

use super::{Context, Failure, Passed, Verdict, expect_list, flow::gather, text_of, texts_of};
use crate::checklist::Place;

cases! {
    "RR-01" => correlation,
    "RR-02" => other_forms,
    "RR-03" => many,
}

/// Answers requests, as JMS suggests: with the request's correlation id, or else its message id.
struct Responder {
    requests: Arc<dyn Consumer>,
    replies: Arc<dyn Producer>,
}

impl Responder {
    async fn new(session: &Arc<dyn Session>, address: &Address) -> Result<Self, Failure> {
        Ok(Self {
            requests: session.create_consumer(address).await?,
            replies: session.create_anonymous_producer().await?,
        })
    }

    async fn reply(&self, request: &Received) -> Result<(), Failure> {
        let reply_to = request
            .reply_to()
            .ok_or_else(|| Failure::new("a request has no reply-to"))?;
        let own = request.message_id().map(MessageId::text);
        let id = request.correlation_id().or(own.as_deref());
        let id = id.ok_or_else(|| Failure::new("a request has neither correlation id nor message id"))?;
        let reply = Message::text(format!("re: {}", text_of(request))).with_correlation_id(id.to_owned());
        self.replies.send_to(reply_to, reply).await?;
        Ok(())
    }

    async fn serve(&self, context: &Context, count: usize) -> Result<(), Failure> {
        for _ in 0..count {
            self.reply(&context.receive(&self.requests).await?).await?;
        }
        Ok(())
    }
}

/// Asks and collects the replies.
struct Requester {
    requests: Arc<dyn Producer>,
    replies: Arc<dyn Consumer>,
    reply_to: Address,
}

impl Requester {
    /// With replies to a temporary queue.
    async fn new(session: &Arc<dyn Session>, address: &Address) -> Result<Self, Failure> {
        let reply_to = session.create_temporary_queue().await?.address().clone();
        Self::with_reply_to(session, address, reply_to, ConsumerOptions::new()).await
    }

    async fn with_reply_to(
        session: &Arc<dyn Session>,
        address: &Address,
        reply_to: Address,
        options: ConsumerOptions,
    ) -> Result<Self, Failure> {
        Ok(Self {
            requests: session.create_producer(address).await?,
            replies: session.create_consumer_with(&reply_to, options).await?,
            reply_to,
        })
    }

    /// Gives the correlation id that the reply must have.
    async fn ask(&self, text: &str, id: Option<&str>) -> Result<String, Failure> {
        let mut request = Message::text(text.to_owned()).with_reply_to(&self.reply_to);
        if let Some(id) = id {
            request = request.with_correlation_id(id.to_owned());
        }
        let receipt = self.requests.send(request).await?;
        let own = receipt.message_id().map(ToString::to_string);
        let expected = id.map(str::to_owned).or(own);
        expected.ok_or_else(|| Failure::new("a request got no message id"))
    }

    async fn expect_reply(&self, context: &Context, text: &str, id: &str) -> Result<(), Failure> {
        let reply = context.receive(&self.replies).await?;
        ensure_eq!(text_of(&reply), format!("re: {text}"), "the reply");
        ensure_eq!(reply.correlation_id(), Some(id), "the reply's correlation id");
        Ok(())
    }
}

/// One question, with and without a correlation id of its own, and no more than one answer each.
async fn exchange(context: &Context, requester: &Requester, responder: &Responder) -> Result<(), Failure> {
    for (text, id) in [("with an id", Some("question 1")), ("without", None)] {
        let id = requester.ask(text, id).await?;
        responder.serve(context, 1).await?;
        requester.expect_reply(context, text, &id).await?;
    }
    context.nothing(&requester.replies).await
}

async fn session_of(connection: &Arc<dyn Connection>) -> Result<Arc<dyn Session>, Failure> {
    Ok(connection.create_session(AckMode::Auto).await?)
}

async fn correlation(context: &Context) -> Verdict {
    let connection = context.started().await?;
    let address = context.destination();
    let responder = Responder::new(&session_of(&connection).await?, &address).await?;
    let session = session_of(&connection).await?;
    let requester = Requester::new(&session, &address).await?;
    let bystander = Requester::new(&session, &address).await?;
    exchange(context, &requester, &responder).await?;
    context.nothing(&bystander.replies).await?;
    Ok(Passed::AsStated)
}

async fn other_forms(context: &Context) -> Verdict {
    let (plain, selected, selectors) = match context.place() {
        Place::Topic => ("a plain topic", "a topic with selectors", Capability::TopicSelectors),
        _ => ("a plain queue", "a queue with selectors", Capability::QueueSelectors),
    };
    let mut forms = vec![plain];
    over_a_plain_one(context).await?;
    if context.supports(selectors) {
        by_selector(context).await?;
        forms.push(selected);
    }
    if context.supports(Capability::TemporaryDestinations) {
        over_temporary(context).await?;
        forms.push("a temporary topic, a temporary queue");
    }
    Ok(Passed::With(forms.join(", ")))
}

/// A responder on a connection of its own.
async fn distant_responder(context: &Context, address: &Address) -> Result<Responder, Failure> {
    Responder::new(&session_of(&context.started().await?).await?, address).await
}

async fn over_a_plain_one(context: &Context) -> Result<(), Failure> {
    let address = context.destination();
    let responder = distant_responder(context, &address).await?;
    let session = session_of(&context.started().await?).await?;
    let reply_to = context.destination();
    let requester = Requester::with_reply_to(&session, &address, reply_to, ConsumerOptions::new()).await?;
    exchange(context, &requester, &responder).await
}

/// Two requesters share a destination of replies, and each takes its own.
async fn by_selector(context: &Context) -> Result<(), Failure> {
    let (address, reply_to) = (context.destination(), context.destination());
    let responder = distant_responder(context, &address).await?;
    let session = session_of(&context.started().await?).await?;
    let mut requesters = Vec::new();
    for id in ["a", "b"] {
        let options = ConsumerOptions::new().with_selector(format!("JMSCorrelationID = '{id}'"));
        let requester = Requester::with_reply_to(&session, &address, reply_to.clone(), options).await?;
        requester.ask(id, Some(id)).await?;
        requesters.push((requester, id));
    }
    responder.serve(context, 2).await?;
    for (requester, id) in requesters.iter().rev() {
        requester.expect_reply(context, id, id).await?;
        context.nothing(&requester.replies).await?;
    }
    Ok(())
}

async fn over_temporary(context: &Context) -> Result<(), Failure> {
    let address = context.destination();
    let responder = distant_responder(context, &address).await?;
    let session = session_of(&context.started().await?).await?;
    let topic = session.create_temporary_topic().await?.address().clone();
    let requester = Requester::with_reply_to(&session, &address, topic, ConsumerOptions::new()).await?;
    exchange(context, &requester, &responder).await?;
    let requester = Requester::new(&session, &address).await?;
    exchange(context, &requester, &responder).await
}

/// All questions are asked before the first is answered, and answered last first.
async fn many(context: &Context) -> Verdict {
    const REQUESTERS: usize = 5;
    const EACH: usize = 20;
    let address = context.destination();
    let responder = distant_responder(context, &address).await?;
    let mut requesters = Vec::new();
    for _ in 0..REQUESTERS {
        let session = session_of(&context.started().await?).await?;
        requesters.push(Requester::new(&session, &address).await?);
    }
    let asking = requesters.iter().enumerate().map(async |(number, requester)| {
        for question in 0..EACH {
            let id = id_of(number, question);
            requester.ask(&id, Some(&id)).await?;
        }
        Ok::<_, Failure>(())
    });
    try_join_all(asking).await?;
    let requests = context.receive_many(&responder.requests, REQUESTERS * EACH).await?;
    for request in requests.iter().rev() {
        responder.reply(request).await?;
    }
    let replies: Vec<_> = requesters.iter().map(|requester| &requester.replies).collect();
    let got = gather(context, &replies, REQUESTERS * EACH).await?;
    for (number, got) in got.iter().enumerate() {
        let ids: Vec<_> = (0..EACH).rev().map(|question| id_of(number, question)).collect();
        let texts: Vec<_> = ids.iter().map(|id| format!("re: {id}")).collect();
        expect_list(&texts_of(got), &texts)?;
        let got_ids: Vec<_> = got
            .iter()
            .map(|reply| reply.correlation_id().unwrap_or_default().to_owned())
            .collect();
        expect_list(&got_ids, &ids)?;
    }
    Ok(Passed::With(format!("{} requests in flight", REQUESTERS * EACH)))
}

fn id_of(requester: usize, question: usize) -> String {
    format!("{requester}.{question:03}")
}
