//! Key stores: Java reads no PEM files.

use std::path::Path;
use std::time::Duration;
use std::{fs, io};

use super::BrokerError;
use super::installation::Installation;
use crate::broker::{BrokerTls, GuardedProcess, ProcessSpec};

/// The broker's certificate and key.
pub(super) const KEYS: &str = "keys.p12";
/// The authority of its clients: the first in the file.
pub(super) const AUTHORITIES: &str = "authorities.p12";
pub(super) const KIND: &str = "PKCS12";
/// Any word does: the directory is ours alone.
pub(super) const PASSWORD: &str = "anymq-anymq";

const LIMIT: Duration = Duration::from_secs(60);

/// Writes both into the directory.
pub(super) async fn write(installation: &Installation, directory: &Path, tls: &BrokerTls) -> Result<(), BrokerError> {
    let keys = ProcessSpec::new(&installation.openssl, directory.join("openssl.out"))
        .args(["pkcs12", "-export", "-passout", &format!("pass:{PASSWORD}")])
        .args([Path::new("-in"), &tls.certificate, Path::new("-inkey"), &tls.key])
        .args([Path::new("-out"), &directory.join(KEYS)]);
    run(&keys, "openssl pkcs12").await?;
    let file = directory.join(AUTHORITIES);
    // It would be added to.
    forget(&file).map_err(BrokerError::io("remove an old key store"))?;
    let authorities = ProcessSpec::new(&installation.keytool, directory.join("keytool.out"))
        .args(["-importcert", "-noprompt", "-alias", "clients"])
        .args(["-storetype", KIND, "-storepass", PASSWORD])
        .args([Path::new("-file"), &tls.ca, Path::new("-keystore"), &file]);
    run(&authorities, "keytool -importcert").await
}

fn forget(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

async fn run(spec: &ProcessSpec, command: &str) -> Result<(), BrokerError> {
    let process = GuardedProcess::spawn(spec)?;
    match process.wait(LIMIT).await? {
        0 => Ok(()),
        status => Err(BrokerError::Control {
            command: command.to_owned(),
            status,
            output: process.log_tail(),
        }),
    }
}
