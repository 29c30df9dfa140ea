//! The links of one connection.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher as _,
    io,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use anymq_api::{
    Error, ErrorKind, Result,
    spi::{ConnectSpec, DriverEvent, EventSink},
};
use anymq_wire::Origin;
use parking_lot::Mutex;

use crate::{
    codec::client_id,
    config::{Config, Security},
    error::PROVIDER,
    link::{Link, NOTHING, Opened},
    wire::{Failure, Request, Setup, Version, Will},
};

/// Links never come back.
pub(crate) const EPOCH: u32 = 0;
/// Links that end within this time ended for the same reason.
const TOGETHER: Duration = Duration::from_secs(1);
/// Stands for those who have no client identifier.
const NOBODY: &str = "anymq";

/// What a session at the broker is for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Keeping<'a> {
    /// It ends with its link.
    Nothing,
    /// The durable subscription of this name, for as long as is configured.
    Durable(&'a str),
    /// That, until the link ends. Version 3.1.1 keeps it all the same.
    ToEnd(&'a str),
    /// Nothing of what was kept under its name.
    Anew(&'a str),
}

/// The links of one connection. When the connection's own is lost, all are: they lead to the same broker, and nobody is served by a
/// connection of which a part is gone.
pub(crate) struct Links {
    config: Config,
    spec: ConnectSpec,
    /// All are one client's.
    origin: Origin,
    events: Arc<dyn EventSink>,
    /// The connection's own.
    main: OnceLock<Weak<Link>>,
    /// The driver's, found by the first link of all.
    version: Arc<OnceLock<Version>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    all: Vec<Weak<Link>>,
    /// Why there will be no more.
    end: Option<Error>,
}

impl Links {
    /// None yet.
    pub(crate) fn new(
        config: &Config,
        version: &Arc<OnceLock<Version>>,
        spec: ConnectSpec,
        events: Arc<dyn EventSink>,
    ) -> Arc<Self> {
        Arc::new(Self {
            config: config.clone(),
            origin: Origin::new(spec.client_id.as_deref()),
            spec,
            events,
            main: OnceLock::new(),
            version: Arc::clone(version),
            state: Mutex::default(),
        })
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Which version is spoken.
    pub(crate) fn version(&self) -> Version {
        self.version.get().copied().unwrap_or(self.config.version())
    }

    /// How many deliveries of one link may be unacknowledged.
    pub(crate) fn max_unsettled(&self) -> u16 {
        self.config.max_unsettled(self.version())
    }

    pub(crate) fn origin(&self) -> &Origin {
        &self.origin
    }

    /// How long it may take to open one and to subscribe.
    pub(crate) fn opening_limit(&self) -> Duration {
        self.spec.connect_timeout + self.spec.request_timeout
    }

    /// The connection's own, with its last will; else as [`open`](Self::open).
    pub(crate) async fn open_main(&self, receive_maximum: u16, in_flight: u16) -> Result<Opened> {
        let will = self.config.will().cloned();
        self.open_with(Keeping::Nothing, receive_maximum, in_flight, will).await
    }

    /// Another one, of which this many deliveries may be unacknowledged, and this many requests in flight. Dropping the future
    /// closes it.
    pub(crate) async fn open(&self, keeping: Keeping<'_>, receive_maximum: u16, in_flight: u16) -> Result<Opened> {
        self.open_with(keeping, receive_maximum, in_flight, None).await
    }

    async fn open_with(
        &self,
        keeping: Keeping<'_>,
        receive_maximum: u16,
        in_flight: u16,
        will: Option<Will>,
    ) -> Result<Opened> {
        if let Some(end) = self.state.lock().end.clone() {
            return Err(end);
        }
        let security = self.config.security(&self.spec).await?;
        let setup = Setup {
            will,
            ..self.setup(&security, keeping, receive_maximum, in_flight)
        };
        let mut opened = Link::open(&setup).await;
        if let Err(failure) = &opened
            && failure.is_other_version
            && let Some(older) = self.open_older(&setup, failure).await
        {
            opened = older;
        }
        opened.map_err(|failure| refusal(failure, &security).with_resource(self.config.resource()))
    }

    /// As the first link of all, in the version before; nothing where that is not to be, or brings nothing.
    async fn open_older(&self, setup: &Setup, first: &Failure) -> Option<Result<Opened, Failure>> {
        let version = self.config.older_version().filter(|_| self.version.get().is_none())?;
        if first.is_silent {
            // It may have hung up for another reason.
            match Link::open(setup).await {
                Err(failure) if failure.is_other_version => {}
                opened => return Some(opened),
            }
        }
        let older = Setup {
            version,
            ..setup.clone()
        };
        let opened = Link::open(&older).await;
        match &opened {
            Ok(_) => drop(self.version.set(version)),
            // It is not that.
            Err(failure) if failure.error.kind() == ErrorKind::Configuration => return None,
            Err(_) => {}
        }
        Some(opened)
    }

    fn setup(&self, security: &Security, keeping: Keeping<'_>, receive_maximum: u16, in_flight: u16) -> Setup {
        let client = self.spec.client_id.as_deref().unwrap_or(NOBODY);
        Setup {
            version: self.version(),
            host: self.config.host().to_owned(),
            port: self.config.port(),
            tls: security.tls.clone(),
            credentials: self.config.credentials(&self.spec).cloned(),
            client_id: match keeping {
                Keeping::Nothing => client_id::passing(client, RandomState::new().hash_one(std::process::id())),
                Keeping::Durable(name) | Keeping::ToEnd(name) | Keeping::Anew(name) => client_id::durable(client, name),
            },
            clean: matches!(keeping, Keeping::Nothing | Keeping::Anew(_)),
            session_expiry: match keeping {
                Keeping::Durable(_) => self.config.session_expiry(),
                Keeping::Nothing | Keeping::ToEnd(_) | Keeping::Anew(_) => 0,
            },
            receive_maximum,
            max_packet: self.config.max_packet(),
            in_flight,
            keep_alive: self.config.keep_alive(),
            will: None,
        }
    }

    /// Notes the connection's own.
    pub(crate) fn enter_main(&self, link: &Arc<Link>) -> Result<()> {
        // Once. All others speak what it speaks.
        let _ = self.version.set(self.version());
        let _ = self.main.set(Arc::downgrade(link));
        self.enter(link)
    }

    /// Whether the broker goes on answering over the connection's own. Links that are cut together do not end in the same moment.
    pub(crate) async fn main_goes_on(&self) -> bool {
        if !self.main_answers().await {
            return false;
        }
        tokio::time::sleep(TOGETHER).await;
        self.main_answers().await
    }

    async fn main_answers(&self) -> bool {
        let Some(main) = self.main.get().and_then(Weak::upgrade) else {
            return false;
        };
        let filter = NOTHING.to_owned();
        let asking = main.ask(Request::Unsubscribe { filter });
        matches!(tokio::time::timeout(self.config.keep_alive(), asking).await, Ok(Ok(())))
    }

    /// Notes one that runs, or ends it where all are at their end.
    pub(crate) fn enter(&self, link: &Arc<Link>) -> Result<()> {
        let mut state = self.state.lock();
        let Some(end) = state.end.clone() else {
            state.all.retain(|other| other.strong_count() > 0);
            state.all.push(Arc::downgrade(link));
            return Ok(());
        };
        drop(state);
        link.abandon();
        Err(end)
    }

    /// One was lost, and so all are. Told once.
    pub(crate) fn lost(&self, error: &Error) {
        let error = error.clone().with_resource(self.config.resource());
        if self.end(&error) {
            self.events.event(DriverEvent::LinkLost { epoch: EPOCH, error });
        }
    }

    /// Ends all of them at once.
    pub(crate) fn abandon(&self) {
        self.end(&Error::closed("connection"));
    }

    /// Whether it is the first end.
    fn end(&self, reason: &Error) -> bool {
        let mut state = self.state.lock();
        let is_first = state.end.is_none();
        state.end.get_or_insert_with(|| reason.clone());
        let all = std::mem::take(&mut state.all);
        drop(state);
        for link in all.iter().filter_map(Weak::upgrade) {
            link.abandon_for(reason);
        }
        is_first
    }
}

/// With TLS 1.3 a broker that refuses our certificate hangs up after the handshake.
fn refusal(failure: Failure, security: &Security) -> Error {
    let end = io::Error::from(io::ErrorKind::UnexpectedEof);
    let tls = security.tls.as_ref().filter(|_| failure.is_silent);
    let refused = tls.and_then(|tls| tls.silent_end(&end));
    refused.map_or(failure.error, |error| error.with_provider(PROVIDER))
}
