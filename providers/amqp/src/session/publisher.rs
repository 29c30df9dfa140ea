use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use anymq_api::{Address, DestinationKind, Error, Result, Timestamp};
use lapin::{Channel, options::ConfirmSelectOptions};

use super::{command::Outgoing, flights::Flights};
use crate::{direct_reply, inbound::Inbound, link::Link, topology::Topology};

/// Publishes a session's messages over one channel.
pub(crate) struct Publisher {
    link: Arc<Link>,
    channel: Arc<Channel>,
    transaction: Option<Transaction>,
    flights: Flights,
    /// For messages of a transaction that are confirmed one by one.
    confirming: Option<Box<Publisher>>,
    /// When the channel was opened.
    opened: Instant,
}

/// How long a channel on which messages are refused is kept at least: a full queue refuses on every channel.
const REFUSING: Duration = Duration::from_secs(1);

/// What the open transaction must remember of its sends.
pub(crate) struct Transaction {
    pub(crate) inbound: Arc<Inbound>,
    /// The first send that failed: the transaction cannot be committed any more.
    pub(crate) failure: Option<Error>,
    /// Temporary queues that were sent to.
    pub(crate) temporary: HashSet<Address>,
    /// Messages to be delivered later, and all for quorum queues. The time of the first runs already, but at the broker it
    /// would begin with the commit: only then it is known how much is left.
    pub(crate) held: Vec<Outgoing>,
    /// Direct replies: the broker would deliver them at once, and a rollback would not undo them.
    pub(crate) replies: Vec<Outgoing>,
    pub(crate) begun: Instant,
    /// It has sends, which nothing may commit but a commit.
    pub(crate) sends: bool,
}

impl Transaction {
    fn on(channel: &Channel) -> Self {
        Self {
            inbound: Arc::new(Inbound::new(channel.clone(), true)),
            failure: None,
            temporary: HashSet::new(),
            held: Vec::new(),
            replies: Vec::new(),
            begun: Instant::now(),
            sends: false,
        }
    }
}

impl Publisher {
    /// Every message is confirmed.
    pub(crate) async fn confirmed(link: Arc<Link>) -> Result<Self> {
        let channel = confirming(&link).await?;
        Ok(Self {
            link,
            channel: Arc::new(channel),
            transaction: None,
            flights: Flights::default(),
            confirming: None,
            opened: Instant::now(),
        })
    }

    /// Messages wait at the broker for the commit; deliveries come over the same channel.
    pub(crate) async fn transacted(link: Arc<Link>) -> Result<Self> {
        let channel = transacting(&link).await?;
        Ok(Self {
            link,
            transaction: Some(Transaction::on(&channel)),
            channel: Arc::new(channel),
            flights: Flights::default(),
            confirming: None,
            opened: Instant::now(),
        })
    }

    pub(crate) fn inbound(&self) -> Option<&Arc<Inbound>> {
        self.transaction.as_ref().map(|transaction| &transaction.inbound)
    }

    pub(super) fn transaction(&mut self) -> Option<(&Arc<Link>, &Channel, &mut Transaction)> {
        let transaction = self.transaction.as_mut()?;
        Some((&self.link, &self.channel, transaction))
    }

    /// Submits a message, after all that were submitted before.
    pub(crate) async fn publish(&mut self, mut outgoing: Outgoing) {
        let is_unsure = self.transaction.is_some() && is_unsure(&self.link, &outgoing.address);
        if let Err(error) = self.prepare(&outgoing.address, is_unsure).await {
            return self.refuse(outgoing, error);
        }
        match &mut self.transaction {
            Some(transaction) if outgoing.due.is_some() || is_unsure => {
                outgoing.ticket.hold();
                transaction.held.push(outgoing);
            }
            Some(transaction) if direct_reply::is_one(&outgoing.address) => {
                outgoing.ticket.hold();
                transaction.replies.push(outgoing);
            }
            _ => self.dispatch(outgoing).await,
        }
    }

    /// The transaction ends: what it held back is on its way now, but for what comes back, which the commit would not vouch
    /// for.
    pub(super) async fn dispatch_held(&mut self) -> Vec<Outgoing> {
        let Some(transaction) = &mut self.transaction else {
            return Vec::new();
        };
        let held = std::mem::take(&mut transaction.held);
        let (unsure, sure) = held
            .into_iter()
            .partition(|outgoing| is_unsure(&self.link, &outgoing.address));
        self.dispatch_all(sure).await;
        unsure
    }

    /// Over a channel beside that of the transaction.
    pub(super) async fn confirming(&mut self) -> Result<&mut Self> {
        let publisher = match self.confirming.take() {
            Some(publisher) => publisher,
            None => Box::new(Self::confirmed(Arc::clone(&self.link)).await?),
        };
        Ok(self.confirming.insert(publisher))
    }

    pub(super) async fn dispatch_all(&mut self, held: Vec<Outgoing>) {
        for outgoing in held {
            self.dispatch(outgoing).await;
        }
    }

    async fn dispatch(&mut self, mut outgoing: Outgoing) {
        if let Some(due) = outgoing.due
            && let Err(error) = detour(&self.link, &mut outgoing, due).await
        {
            return self.refuse(outgoing, error);
        }
        if let Err(error) = self.flights.launch(&self.channel, &self.link, outgoing).await {
            self.note_failure(error);
        }
    }

    fn refuse(&mut self, outgoing: Outgoing, error: Error) {
        let named = error.clone().with_resource(&outgoing.address);
        outgoing.ticket.fail(named);
        self.note_failure(error);
    }

    async fn prepare(&mut self, address: &Address, is_unsure: bool) -> Result<()> {
        Topology::ensure(&self.link, address).await?;
        if is_unsure {
            // Here, so that a commit need not wait for it.
            self.confirming().await?;
        }
        if let Some(transaction) = &mut self.transaction {
            transaction.inbound.check()?;
            transaction.sends = true;
            if address.kind() == DestinationKind::TemporaryQueue && !direct_reply::is_one(address) {
                transaction.temporary.insert(address.clone());
            }
            return Ok(());
        }
        if !self.channel.status().connected() || self.is_stuck() {
            self.replace_channel().await?;
        }
        Ok(())
    }

    /// Whether the channel may refuse for ever what others take: RabbitMQ 3.10 asks a quorum queue's first member, up or
    /// not, on behalf of a channel that was opened when the queue had no leader.
    fn is_stuck(&self) -> bool {
        self.flights.has_refused() && self.opened.elapsed() >= REFUSING
    }

    /// A refused message ended the channel, or may be followed by others; later ones need not suffer.
    async fn replace_channel(&mut self) -> Result<()> {
        self.all_confirmed().await;
        self.close().await;
        if !self.link.is_up() {
            return Err(self.link.ended());
        }
        self.link.topology.forget_exchanges();
        self.channel = Arc::new(confirming(&self.link).await?);
        self.opened = Instant::now();
        self.flights = Flights::default();
        Ok(())
    }

    /// The broker ended the channel of a transaction, and undid it: the next one gets another.
    pub(crate) async fn renew(&mut self) -> Result<Option<Arc<Inbound>>> {
        if self.transaction.is_none() || self.channel.status().connected() || !self.link.is_up() {
            return Ok(None);
        }
        self.all_confirmed().await;
        self.link.topology.forget_exchanges();
        let channel = transacting(&self.link).await?;
        self.transaction = Some(Transaction::on(&channel));
        self.channel = Arc::new(channel);
        self.flights = Flights::default();
        Ok(self.inbound().cloned())
    }

    fn note_failure(&mut self, error: Error) {
        if let Some(transaction) = &mut self.transaction {
            transaction.failure.get_or_insert(error);
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.flights.is_empty()
    }

    /// Waits for confirmations, and passes them on. Dropping the future loses none.
    pub(crate) async fn confirm(&mut self) {
        let landed = self.flights.landed().await;
        if let Some(error) = self.flights.settle(landed, &self.link) {
            self.note_failure(error);
        }
    }

    /// Waits until everything submitted has reached the socket: other frames would overtake it before.
    pub(crate) async fn written(&mut self) {
        let landed = self.flights.written().await;
        if let Some(error) = self.flights.settle(landed, &self.link) {
            self.note_failure(error);
        }
    }

    pub(crate) async fn all_confirmed(&mut self) {
        while !self.is_idle() {
            self.confirm().await;
        }
    }

    pub(crate) async fn close(&mut self) {
        // An open transaction is undone by it.
        close(&self.channel).await;
        if let Some(confirming) = self.confirming.take() {
            close(&confirming.channel).await;
        }
    }
}

async fn close(channel: &Channel) {
    if channel.status().connected() {
        // A lost link is no error.
        let _ = channel.close(200, "OK".into()).await;
    }
}

/// Whether a commit does not vouch for it. What is wrong with an address was found out before.
fn is_unsure(link: &Link, address: &Address) -> bool {
    link.topology.may_be_quorum(link, address).unwrap_or_default()
}

/// By way of a delay queue, as long as it is not due.
async fn detour(link: &Arc<Link>, outgoing: &mut Outgoing, due: Timestamp) -> Result<()> {
    let left = due.saturating_since(Timestamp::now());
    if left.is_zero() {
        return Ok(());
    }
    let Outgoing { address, route, .. } = outgoing;
    let queue = Topology::delay(link, address, route, left).await?;
    *route = queue.route(std::mem::take(&mut route.key));
    Ok(())
}

async fn transacting(link: &Link) -> Result<Channel> {
    let channel = link.open_channel().await?;
    channel.tx_select().await.map_err(|cause| link.error(cause))?;
    Ok(channel)
}

async fn confirming(link: &Link) -> Result<Channel> {
    let channel = link.open_channel().await?;
    let options = ConfirmSelectOptions::default();
    channel
        .confirm_select(options)
        .await
        .map_err(|cause| link.error(cause))?;
    Ok(channel)
}
