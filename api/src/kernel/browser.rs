//! Looking at a queue: one scan, step by step, each step bounded by the request time-out.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{
        Arc, LazyLock, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::session::{SessionCore, SessionHandle};
use crate::{
    Acknowledge, Address, Browser, DeliveryInfo, Envelope, Error, ErrorKind, Received, Result, Retry,
    spi::{BrowseSpec, DriverBrowser},
};

type Step = Pin<Box<dyn Future<Output = (Box<dyn DriverBrowser>, Result<Option<Envelope>>)> + Send>>;

/// Where the scan stands.
#[derive(Default)]
enum Scan {
    Idle(Box<dyn DriverBrowser>),
    /// Asked for the next message. Kept here, so that giving up the wait skips nothing.
    Asked(Step),
    #[default]
    Over,
}

pub(crate) struct BrowserCore {
    session: Arc<SessionCore>,
    destination: Address,
    selector: Option<String>,
    scan: Mutex<Scan>,
    /// One step at a time.
    turn: tokio::sync::Mutex<()>,
    closed: AtomicBool,
    /// Wakes who waits for a step.
    ended: Notify,
}

impl BrowserCore {
    pub(crate) async fn open(session: &Arc<SessionCore>, spec: BrowseSpec) -> Result<Arc<Self>> {
        let (destination, selector) = (spec.destination.clone(), spec.selector.clone());
        let limit = session.connection.request_timeout;
        let opening = session.connection.driver.browse(spec);
        let scan = tokio::time::timeout(limit, opening)
            .await
            .map_err(|_| late(session))??;
        let core = Arc::new(Self {
            session: Arc::clone(session),
            destination,
            selector,
            scan: Mutex::new(Scan::Idle(scan)),
            turn: tokio::sync::Mutex::default(),
            closed: AtomicBool::new(false),
            ended: Notify::new(),
        });
        session.browsers.add(&core);
        // A session that was closed meanwhile may not have known of this scan.
        session.open()?;
        Ok(core)
    }

    fn check_open(&self) -> Result<()> {
        self.session.open()?;
        if self.closed.load(Ordering::Acquire) {
            return Err(Error::closed("browser"));
        }
        Ok(())
    }

    async fn next(&self) -> Result<Option<Received>> {
        // Listening before looking, so that no close falls between the two.
        let mut ended = std::pin::pin!(self.ended.notified());
        ended.as_mut().enable();
        self.check_open()?;
        self.session.usable()?;
        tokio::select! {
            biased;
            () = ended => Err(self.check_open().err().unwrap_or_else(|| Error::closed("browser"))),
            outcome = self.next_live() => outcome,
        }
    }

    async fn next_live(&self) -> Result<Option<Received>> {
        let _turn = self.turn.lock().await;
        let limit = self.session.connection.request_timeout;
        loop {
            let step = std::future::poll_fn(|context| self.poll_step(context));
            let answer = tokio::time::timeout(limit, step)
                .await
                .map_err(|_| late(&self.session))?;
            let outcome = answer.map_err(|error| self.session.connection.failure().cloned().unwrap_or(error));
            let Some(envelope) = outcome? else { return Ok(None) };
            let expiration = envelope.headers().expiration;
            if expiration.is_none_or(|expiration| expiration > self.session.connection.clock.now()) {
                return Ok(Some(browsed(envelope)));
            }
        }
    }

    fn poll_step(&self, context: &mut Context<'_>) -> Poll<Result<Option<Envelope>>> {
        // Taken out, so that the driver is called without the lock.
        let mut step = match std::mem::take(&mut *self.scan.lock()) {
            Scan::Over => return Poll::Ready(Ok(None)),
            Scan::Asked(step) => step,
            Scan::Idle(mut driver) => Box::pin(async move {
                let outcome = driver.next().await;
                (driver, outcome)
            }),
        };
        match step.as_mut().poll(context) {
            Poll::Pending => {
                self.put_back(Scan::Asked(step));
                Poll::Pending
            }
            Poll::Ready((driver, outcome)) => {
                if !matches!(outcome, Ok(None)) {
                    self.put_back(Scan::Idle(driver));
                }
                Poll::Ready(outcome)
            }
        }
    }

    /// Goes on from here, unless it was closed meanwhile.
    fn put_back(&self, scan: Scan) {
        let mut place = self.scan.lock();
        if !self.closed.load(Ordering::Acquire) {
            *place = scan;
        }
    }

    /// Ends the scan, at once, whoever waits for its next message.
    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let scan = std::mem::take(&mut *self.scan.lock());
        self.ended.notify_waiters();
        drop(scan);
    }
}

fn late(session: &SessionCore) -> Error {
    let limit = session.connection.request_timeout;
    Error::new(ErrorKind::Timeout, format!("no answer within {limit:?}")).with_retry(Retry::Safe)
}

/// What was looked at is not the application's to settle.
fn browsed(envelope: Envelope) -> Received {
    static BROWSED: LazyLock<Arc<Browsed>> = LazyLock::new(|| Arc::new(Browsed));
    let info = DeliveryInfo {
        count: 1,
        ..DeliveryInfo::default()
    };
    let nobody: Weak<Browsed> = Arc::downgrade(&BROWSED);
    Received::new(envelope, info, nobody)
}

struct Browsed;

impl Browsed {
    fn refuse() -> Result<()> {
        let detail = "the message was browsed, not delivered";
        Err(Error::new(ErrorKind::IllegalState, detail))
    }
}

#[async_trait]
impl Acknowledge for Browsed {
    async fn acknowledge(&self, _delivery: u64) -> Result<()> {
        Self::refuse()
    }

    async fn release(&self, _delivery: u64) -> Result<()> {
        Self::refuse()
    }

    async fn reject(&self, _delivery: u64) -> Result<()> {
        Self::refuse()
    }
}

/// The browsers of a session, which end with it.
#[derive(Default)]
pub(crate) struct Browsers(Mutex<Vec<Weak<BrowserCore>>>);

impl Browsers {
    fn add(&self, browser: &Arc<BrowserCore>) {
        let mut all = self.0.lock();
        all.retain(|browser| browser.strong_count() > 0);
        all.push(Arc::downgrade(browser));
    }

    pub(crate) fn close(&self) {
        let browsers = std::mem::take(&mut *self.0.lock());
        for browser in browsers.iter().filter_map(Weak::upgrade) {
            browser.close();
        }
    }
}

/// What the application holds. The last one to go closes the browser.
pub(crate) struct BrowserHandle {
    core: Arc<BrowserCore>,
    /// Children keep their parents.
    _session: SessionHandle,
}

impl BrowserHandle {
    pub(crate) fn new(core: Arc<BrowserCore>, session: SessionHandle) -> Self {
        Self {
            core,
            _session: session,
        }
    }
}

impl Drop for BrowserHandle {
    fn drop(&mut self) {
        self.core.close();
    }
}

impl fmt::Debug for BrowserHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Browser")
            .field("destination", &self.core.destination)
            .field("selector", &self.core.selector)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Browser for BrowserHandle {
    fn destination(&self) -> Result<Address> {
        self.core.check_open()?;
        Ok(self.core.destination.clone())
    }

    fn selector(&self) -> Result<Option<String>> {
        self.core.check_open()?;
        Ok(self.core.selector.clone())
    }

    async fn next(&self) -> Result<Option<Received>> {
        tokio::task::coop::consume_budget().await;
        self.core.next().await.map_err(|error| {
            error
                .with_operation("browse")
                .with_provider(self.core.session.connection.provider)
                .with_resource(&self.core.destination)
        })
    }

    async fn close(&self) -> Result<()> {
        self.core.close();
        Ok(())
    }
}
