//! How we say who we are.

use std::str::FromStr;

use anymq_api::{Credentials, Error, ErrorKind, Result};
use anymq_tls::TlsOptions;
use lapin::uri::SASLMechanism;

use crate::error::error;

/// The SASL mechanism.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Login {
    /// By user name and password.
    #[default]
    Plain,
    /// By the client certificate.
    External,
}

impl Login {
    pub(crate) fn mechanism(self) -> SASLMechanism {
        match self {
            Self::Plain => SASLMechanism::Plain,
            Self::External => SASLMechanism::External,
        }
    }

    /// Whether there is what it needs, and nothing that would be ignored.
    pub(crate) fn check(self, tls: Option<&TlsOptions>, credentials: Option<&Credentials>) -> Result<()> {
        if self == Self::Plain {
            return Ok(());
        }
        if !tls.is_some_and(TlsOptions::has_client_certificate) {
            return Err(refused(
                "option `auth`: `external` needs `amqps` and a client certificate",
            ));
        }
        if credentials.is_some() {
            let problem = "option `auth`: with `external` the certificate says who logs in, so give no user name";
            return Err(refused(problem));
        }
        Ok(())
    }
}

impl FromStr for Login {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "plain" => Ok(Self::Plain),
            "external" => Ok(Self::External),
            _ => Err(refused("neither `plain` nor `external`")),
        }
    }
}

fn refused(problem: &str) -> Error {
    error(ErrorKind::Configuration, problem)
}
