use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use rustls::{ClientConfig, SignatureScheme, client::ResolvesClientCert, sign::CertifiedKey};

/// Notices that the broker asks for our certificate.
#[derive(Debug)]
pub(crate) struct Asked {
    certificate: Arc<dyn ResolvesClientCert>,
    asked: AtomicBool,
}

impl Asked {
    /// Listens before what the configuration answers with.
    pub(crate) fn before(config: &mut ClientConfig) -> Arc<Self> {
        let asked = Arc::new(Self {
            certificate: Arc::clone(&config.client_auth_cert_resolver),
            asked: AtomicBool::new(false),
        });
        config.client_auth_cert_resolver = Arc::clone(&asked) as _;
        asked
    }

    pub(crate) fn is_so(&self) -> bool {
        self.asked.load(Ordering::Acquire)
    }
}

impl ResolvesClientCert for Asked {
    fn resolve(&self, issuers: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Release);
        self.certificate.resolve(issuers, schemes)
    }

    fn only_raw_public_keys(&self) -> bool {
        self.certificate.only_raw_public_keys()
    }

    fn has_certs(&self) -> bool {
        self.certificate.has_certs()
    }
}
