use std::{collections::BTreeMap, sync::Arc};

use anymq_api::{
    ConnectOptions, ConnectionFactory, Error, ErrorKind, Result,
    kernel::{self, FactoryOptions},
    spi::{BrokerUrl, Driver, Provider, ProviderSetup, excerpt},
};

use crate::{connection_url::ConnectionUrl, suggest};

/// Which provider serves which URL scheme.
///
/// [`builtin`](Self::builtin) holds the providers of the enabled cargo features; third parties' are registered
/// explicitly. There is no global registry: whoever makes one passes it on, for example to a
/// [`Directory`](crate::Directory).
///
/// ```
/// # #[cfg(feature = "in-vm")]
/// # fn main() -> anymq::Result<()> {
/// use anymq::{ErrorKind, Registry};
///
/// let registry = Registry::builtin();
/// assert!(registry.schemes().any(|scheme| scheme == "vm"));
/// let factory = registry.connection_factory("vm://shop")?;
///
/// let error = registry.connection_factory("vmm://shop").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Configuration);
/// assert!(error.detail().ends_with("did you mean `vm`?"));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "in-vm"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct Registry {
    providers: BTreeMap<&'static str, Arc<dyn Provider>>,
}

/// A connection as its URL says.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) brokers: Brokers,
    pub(crate) options: ConnectOptions,
}

#[derive(Debug)]
pub(crate) enum Brokers {
    One(Arc<dyn Driver>),
    /// That stand in for each other.
    Several(Vec<ProviderSetup>),
}

impl Setup {
    pub(crate) fn factory(self) -> Result<Arc<dyn ConnectionFactory>> {
        let options = FactoryOptions::default().with_connect(self.options);
        match self.brokers {
            Brokers::One(driver) => Ok(kernel::factory(driver, options)),
            Brokers::Several(brokers) => kernel::failover_factory(brokers, options),
        }
    }
}

impl Registry {
    /// The providers whose cargo features are enabled.
    pub fn builtin() -> Self {
        let providers: &[Arc<dyn Provider>] = &[
            #[cfg(feature = "in-vm")]
            Arc::new(anymq_in_vm::InVmProvider),
            #[cfg(feature = "amqp")]
            Arc::new(anymq_amqp::AmqpProvider),
            #[cfg(feature = "stomp")]
            Arc::new(anymq_stomp::StompProvider),
            #[cfg(feature = "mqtt")]
            Arc::new(anymq_mqtt::MqttProvider),
        ];
        let mut registry = Self::empty();
        for provider in providers {
            registry.insert(provider);
        }
        registry
    }

    /// No providers at all.
    pub const fn empty() -> Self {
        Self {
            providers: BTreeMap::new(),
        }
    }

    /// Adds a provider under all its schemes, or not at all.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when it has no scheme, when one is taken already, or is none (a lower-case letter,
    /// then lower-case letters, digits, `+`, `-`, `.`), or is `failover`, which is reserved.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "handed over: whoever registers it need not keep it"
    )]
    pub fn register(&mut self, provider: Arc<dyn Provider>) -> Result<()> {
        let schemes = provider.schemes();
        if schemes.is_empty() {
            return Err(configuration(format!("{provider:?} serves no scheme")));
        }
        for (index, scheme) in schemes.iter().enumerate() {
            if !is_scheme(scheme) || *scheme == "failover" {
                return Err(configuration(format!("`{scheme}` cannot be registered as a scheme")));
            }
            if self.providers.contains_key(scheme) || schemes[..index].contains(scheme) {
                return Err(configuration(format!("the scheme `{scheme}` is taken already")));
            }
        }
        self.insert(&provider);
        Ok(())
    }

    /// The schemes it serves, sorted.
    pub fn schemes(&self) -> impl Iterator<Item = &'static str> {
        self.providers.keys().copied()
    }

    /// A connection factory for a broker's URL. Nothing is connected yet.
    ///
    /// # Errors
    /// As [`connection_factory`](crate::connection_factory()).
    pub fn connection_factory(&self, url: &str) -> Result<Arc<dyn ConnectionFactory>> {
        self.connection_factory_with(url, ConnectOptions::new())
    }

    /// A connection factory whose connections take `options` before those of the URL.
    ///
    /// # Errors
    /// As [`connection_factory`](crate::connection_factory()).
    pub fn connection_factory_with(&self, url: &str, options: ConnectOptions) -> Result<Arc<dyn ConnectionFactory>> {
        self.setup(&ConnectionUrl::parse(url)?, options)?.factory()
    }

    /// What the providers make of the URL, with `options` before what the URL chooses.
    pub(crate) fn setup(&self, url: &ConnectionUrl, options: ConnectOptions) -> Result<Setup> {
        match url {
            ConnectionUrl::One(url) => {
                let ProviderSetup {
                    driver, options: own, ..
                } = self.broker(url)?;
                let options = options.or(&own);
                Ok(Setup {
                    brokers: Brokers::One(driver),
                    options,
                })
            }
            ConnectionUrl::Several(url) => {
                let brokers = url.brokers().iter().map(|broker| self.broker(broker));
                let brokers = Brokers::Several(brokers.collect::<Result<_>>()?);
                let mut own = url.options();
                let options = options.or(&own.take_connect_options()?);
                own.finish(&[])?;
                Ok(Setup { brokers, options })
            }
        }
    }

    fn broker(&self, url: &BrokerUrl) -> Result<ProviderSetup> {
        let mut setup = self.provider(url.scheme())?.setup(url)?;
        // No provider can forget them; one that has its own idea of them has set it.
        setup.options.credentials = setup.options.credentials.or_else(|| url.credentials().cloned());
        Ok(setup)
    }

    fn provider(&self, scheme: &str) -> Result<&Arc<dyn Provider>> {
        self.providers.get(scheme).ok_or_else(|| self.unknown(scheme))
    }

    fn unknown(&self, scheme: &str) -> Error {
        let reason = absence(scheme).unwrap_or_default();
        let hint = suggest::hint(scheme, self.schemes());
        let scheme = excerpt(scheme);
        configuration(format!("no provider for the scheme `{scheme}`{reason}{hint}"))
    }

    fn insert(&mut self, provider: &Arc<dyn Provider>) {
        for scheme in provider.schemes() {
            self.providers.insert(scheme, Arc::clone(provider));
        }
    }
}

/// Why a scheme of ours is not served.
fn absence(scheme: &str) -> Option<&'static str> {
    match scheme {
        "vm" if !cfg!(feature = "in-vm") => Some(": enable the cargo feature `in-vm` of `anymq`"),
        "amqp" | "amqps" if !cfg!(feature = "amqp") => Some(": enable the cargo feature `amqp` of `anymq`"),
        "stomp" | "stomps" if !cfg!(feature = "stomp") => Some(": enable the cargo feature `stomp` of `anymq`"),
        "mqtt" | "mqtts" if !cfg!(feature = "mqtt") => Some(": enable the cargo feature `mqtt` of `anymq`"),
        _ => None,
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.'))
}

fn configuration(problem: String) -> Error {
    Error::new(ErrorKind::Configuration, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Schemes(&'static [&'static str]);

    impl Provider for Schemes {
        fn schemes(&self) -> &[&'static str] {
            self.0
        }

        fn setup(&self, url: &BrokerUrl) -> Result<ProviderSetup> {
            Err(Error::new(ErrorKind::Other, url.scheme()))
        }
    }

    fn refusal<T>(result: Result<T>) -> String {
        let error = result.err().expect("a refusal");
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
        error.detail().to_owned()
    }

    #[test]
    fn a_provider_is_found_by_any_of_its_schemes_in_any_case() {
        let mut registry = Registry::empty();
        registry.register(Arc::new(Schemes(&["loops", "loop"]))).unwrap();
        assert_eq!(registry.schemes().collect::<Vec<_>>(), ["loop", "loops"]);
        for url in ["loop://x", "LOOPS://x"] {
            let error = registry.connection_factory(url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Other, "{error}");
        }
    }

    #[test]
    fn a_scheme_is_taken_once_and_a_refused_provider_leaves_nothing() {
        let mut registry = Registry::empty();
        registry.register(Arc::new(Schemes(&["a"]))).unwrap();
        assert!(refusal(registry.register(Arc::new(Schemes(&["b", "a"])))).contains("`a` is taken"));
        assert!(refusal(registry.register(Arc::new(Schemes(&["c", "c"])))).contains("`c` is taken"));
        assert_eq!(registry.schemes().collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn what_is_no_scheme_is_refused() {
        for schemes in [&[][..], &[""], &["A"], &["1a"], &["a:"], &["failover"]] {
            refusal(Registry::empty().register(Arc::new(Schemes(schemes))));
        }
    }

    #[test]
    fn unknown_schemes_are_refused_with_the_known_ones() {
        let mut registry = Registry::empty();
        registry.register(Arc::new(Schemes(&["loop", "ring"]))).unwrap();
        let detail = refusal(registry.connection_factory("lop://u:hunter2@x"));
        assert_eq!(
            detail,
            "no provider for the scheme `lop`; known: loop, ring; did you mean `loop`?"
        );
    }

    #[test]
    fn our_own_schemes_say_why_they_are_not_served() {
        let builtin = Registry::builtin();
        for (scheme, feature, enabled) in [
            ("vm", "in-vm", cfg!(feature = "in-vm")),
            ("amqp", "amqp", cfg!(feature = "amqp")),
            ("amqps", "amqp", cfg!(feature = "amqp")),
            ("stomp", "stomp", cfg!(feature = "stomp")),
            ("stomps", "stomp", cfg!(feature = "stomp")),
            ("mqtt", "mqtt", cfg!(feature = "mqtt")),
            ("mqtts", "mqtt", cfg!(feature = "mqtt")),
        ] {
            if enabled {
                continue;
            }
            let detail = refusal(builtin.connection_factory(&format!("{scheme}://h")));
            assert!(detail.contains(&format!("the cargo feature `{feature}`")), "{detail}");
        }
    }

    #[test]
    fn the_builtin_schemes_follow_the_features() {
        let schemes: Vec<_> = Registry::builtin().schemes().collect();
        assert_eq!(schemes.contains(&"vm"), cfg!(feature = "in-vm"));
        assert_eq!(schemes.contains(&"amqp"), cfg!(feature = "amqp"));
        assert_eq!(schemes.contains(&"stomp"), cfg!(feature = "stomp"));
        assert_eq!(schemes.contains(&"mqtt"), cfg!(feature = "mqtt"));
    }
}
