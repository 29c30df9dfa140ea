use std::io;

use anymq_api::{Error, ErrorKind};
use rustls::{AlertDescription, CertificateError, Error as Cause};

/// What TLS refused, if that is what the error of a socket tells: [`ErrorKind::Security`], with rustls's error as the
/// source.
///
/// Not only of handshakes: with TLS 1.3 a broker judges our certificate after we have finished ours, so its refusal
/// comes with the first read.
pub fn refusal(error: &io::Error) -> Option<Error> {
    let cause = find(error)?;
    Some(Error::new(ErrorKind::Security, detail(cause)).with_source(cause.clone()))
}

/// Client libraries wrap errors, sometimes more than once.
fn find(error: &io::Error) -> Option<&Cause> {
    let mut inner: &(dyn std::error::Error + 'static) = error.get_ref()?;
    loop {
        if let Some(cause) = inner.downcast_ref::<Cause>() {
            return Some(cause);
        }
        inner = match inner.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(wrapped) => wrapped,
            None => inner.source()?,
        };
    }
}

fn detail(cause: &Cause) -> String {
    let problem = match cause {
        Cause::InvalidCertificate(problem) => return of_certificate(problem),
        Cause::AlertReceived(alert) => return of_alert(*alert),
        Cause::InvalidMessage(_) => "what answers there does not speak TLS",
        Cause::PeerIncompatible(_) => "the broker speaks no TLS that is safe enough; 1.2 and 1.3 are",
        _ => "the TLS handshake failed",
    };
    format!("{problem} ({cause})")
}

fn of_certificate(problem: &CertificateError) -> String {
    use CertificateError as Problem;
    let known = match problem {
        Problem::Expired | Problem::ExpiredContext { .. } => "has expired",
        Problem::NotValidYet | Problem::NotValidYetContext { .. } => "is not valid yet",
        Problem::UnknownIssuer => "is of an unknown authority",
        Problem::NotValidForName | Problem::NotValidForNameContext { .. } => "is for another name",
        Problem::Revoked => "is revoked",
        _ => "is not accepted",
    };
    format!("the broker's certificate {known} ({problem})")
}

fn of_alert(alert: AlertDescription) -> String {
    use AlertDescription as Alert;
    let problem = match alert {
        Alert::CertificateRequired => "the broker wants a client certificate",
        Alert::ProtocolVersion => "the broker speaks no TLS that is safe enough; 1.2 and 1.3 are",
        Alert::BadCertificate
        | Alert::UnsupportedCertificate
        | Alert::CertificateRevoked
        | Alert::CertificateExpired
        | Alert::CertificateUnknown
        | Alert::UnknownCA
        | Alert::AccessDenied => "the broker refuses the client certificate",
        _ => "the broker refuses the TLS handshake",
    };
    format!("{problem} ({alert:?})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_found_within_other_errors() {
        let cause = || Cause::InvalidCertificate(CertificateError::Expired);
        let plain = io::Error::new(io::ErrorKind::InvalidData, cause());
        for error in [plain, io::Error::other(io::Error::other(cause()))] {
            let refused = refusal(&error).unwrap();
            assert_eq!(refused.kind(), ErrorKind::Security);
            assert!(refused.detail().contains("has expired"), "{refused}");
        }
        for other in [
            io::ErrorKind::ConnectionReset.into(),
            io::Error::other("x"),
            io::Error::other(io::Error::other("x")),
        ] {
            assert!(refusal(&other).is_none(), "{other}");
        }
    }

    #[test]
    fn each_has_words_of_its_own() {
        for (cause, words) in [
            (
                Cause::InvalidCertificate(CertificateError::UnknownIssuer),
                "unknown authority",
            ),
            (
                Cause::InvalidCertificate(CertificateError::NotValidForName),
                "another name",
            ),
            (Cause::InvalidCertificate(CertificateError::Revoked), "revoked"),
            (
                Cause::AlertReceived(AlertDescription::CertificateRequired),
                "wants a client certificate",
            ),
            (
                Cause::AlertReceived(AlertDescription::UnknownCA),
                "refuses the client certificate",
            ),
            (Cause::AlertReceived(AlertDescription::ProtocolVersion), "safe enough"),
        ] {
            assert!(detail(&cause).contains(words), "{cause}");
        }
    }
}
