//! An in-VM broker that begins again where the one before it ended.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use anymq_api::{BoxError, Error, ErrorKind, Result};
use anymq_in_vm::{
    InVmBroker, InVmBrokerBuilder,
    store::{Change, Store, Stored},
};
use async_trait::async_trait;

use super::{End, Restart};

/// In-VM brokers behind one name, one after the other, over one store. The last one ends with this.
///
/// ```
/// use std::sync::Arc;
///
/// use anymq_conformance::restart::{End, InVmRestarts, Restart};
/// use anymq_in_vm::{InVmBroker, InVmDriver, store::MemoryStore};
///
/// # async fn example() -> Result<(), anymq_api::BoxError> {
/// let store = Arc::new(MemoryStore::default());
/// let mut broker = InVmRestarts::begin("restarts-doc", store, InVmBroker::builder)?;
/// broker.restart(End::Crash).await?;
/// let _driver = InVmDriver::new("restarts-doc");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct InVmRestarts {
    name: String,
    store: Arc<dyn Store>,
    builder: fn() -> InVmBrokerBuilder,
    broker: InVmBroker,
    access: Arc<Access>,
}

impl InVmRestarts {
    /// Begins the first one, which is like all later ones but for what the store holds.
    ///
    /// # Errors
    /// When there is a broker of this name, or the store cannot be read.
    pub fn begin(name: impl Into<String>, store: Arc<dyn Store>, builder: fn() -> InVmBrokerBuilder) -> Result<Self> {
        let name = name.into();
        let (broker, access) = run(&name, &store, builder)?;
        Ok(Self {
            name,
            store,
            builder,
            broker,
            access,
        })
    }

    /// The brokers' name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

fn run(name: &str, store: &Arc<dyn Store>, builder: fn() -> InVmBrokerBuilder) -> Result<(InVmBroker, Arc<Access>)> {
    let access = Arc::new(Access {
        store: Arc::clone(store),
        cut: AtomicBool::new(false),
    });
    let broker = builder().with_store(Arc::clone(&access) as _)?.build_named(name)?;
    Ok((broker, access))
}

#[async_trait]
impl Restart for InVmRestarts {
    async fn restart(&mut self, end: End) -> std::result::Result<(), BoxError> {
        if end == End::Crash {
            self.access.cut.store(true, Ordering::Release);
        }
        self.broker.shutdown();
        (self.broker, self.access) = run(&self.name, &self.store, self.builder)?;
        Ok(())
    }
}

impl Drop for InVmRestarts {
    fn drop(&mut self) {
        self.broker.shutdown();
    }
}

/// One broker's way to the store. One that crashes writes nothing more, least of all that it has ended.
#[derive(Debug)]
struct Access {
    store: Arc<dyn Store>,
    cut: AtomicBool,
}

impl Store for Access {
    fn load(&self) -> Result<Stored> {
        self.store.load()
    }

    fn apply(&self, changes: &[Change]) -> Result<()> {
        if self.cut.load(Ordering::Acquire) {
            return Err(Error::new(ErrorKind::ResourceAllocation, "the broker has crashed"));
        }
        self.store.apply(changes)
    }

    fn close(&self) -> Result<()> {
        if self.cut.load(Ordering::Acquire) {
            return Ok(());
        }
        self.store.close()
    }
}
