//! Certificates and keys, out of PEM files and the system's store.

use std::path::Path;

use anymq_api::{
    Error, Result,
    spi::{excerpt, read_file},
};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

use crate::options::configuration;

/// In bytes. The store of a whole system has some 220 KB.
const LONGEST: usize = 4 << 20;

/// Those that may sign the broker's certificate.
pub(crate) fn authorities(file: Option<&Path>) -> Result<RootCertStore> {
    file.map_or_else(system, from_file)
}

fn from_file(file: &Path) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in chain(file)? {
        roots
            .add(certificate)
            .map_err(|error| useless(file, "holds what is no certificate of an authority").with_source(error))?;
    }
    Ok(roots)
}

/// A few broken ones among many are usual, and left out.
fn system() -> Result<RootCertStore> {
    let mut found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let detail = "the system has no certificate authorities: name one with the option `ca`";
        let error = configuration(detail);
        return Err(match found.errors.pop() {
            Some(cause) => error.with_source(cause),
            None => error,
        });
    }
    Ok(roots)
}

/// All certificates of a file, at least one.
pub(crate) fn chain(file: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let bytes = read_file(file, LONGEST)?;
    let parsed: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    // The reason is left out: it may hold a piece of the file.
    let chain = parsed.map_err(|_| useless(file, "is not PEM"))?;
    if chain.is_empty() {
        return Err(useless(file, "holds no certificate in PEM"));
    }
    Ok(chain)
}

/// The first private key of a file.
pub(crate) fn key(file: &Path) -> Result<PrivateKeyDer<'static>> {
    let bytes = read_file(file, LONGEST)?;
    // The reason is left out: it may hold a piece of the file.
    PrivateKeyDer::from_pem_slice(&bytes)
        .map_err(|_| useless(file, "holds no private key in PEM that is not encrypted"))
}

fn useless(file: &Path, problem: &str) -> Error {
    let shown = excerpt(&file.to_string_lossy());
    configuration(&format!("the file `{shown}` {problem}"))
}
