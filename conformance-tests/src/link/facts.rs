//! What a connection that is wrapped says of itself.

/// The methods of a [`DriverConnection`](anymq_api::spi::DriverConnection) that go on to `inner` as they are, whoever wraps
/// it: what it says of itself.
macro_rules! facts_of_inner {
    () => {
        fn broker(&self) -> Option<String> {
            self.inner.broker()
        }

        fn capabilities(&self) -> anymq_api::Capabilities {
            self.inner.capabilities()
        }

        fn capabilities_of(&self, destination: &anymq_api::Address) -> anymq_api::Capabilities {
            self.inner.capabilities_of(destination)
        }

        fn limits(&self) -> anymq_api::Limits {
            self.inner.limits()
        }

        fn release_scope(&self) -> anymq_api::spi::ReleaseScope {
            self.inner.release_scope()
        }

        fn check_destination(&self, destination: &anymq_api::Address) -> anymq_api::Result<()> {
            self.inner.check_destination(destination)
        }
    };
}
pub(crate) use facts_of_inner;
