//! The last will: what a broker publishes when a connection is lost.

use anymq_api::{Address, DestinationKind, Error, ErrorKind, Result, spi::UrlOptions};

use crate::{
    codec::Names,
    error::error,
    wire::{QoS, Will},
};

/// The longest string or byte string of MQTT.
const LONGEST: usize = u16::MAX as usize;

impl Will {
    /// The names of the options.
    pub(crate) const OPTIONS: [&'static str; 4] = ["will-payload", "will-qos", "will-retain", "will-topic"];

    /// Takes the options, as those of `mosquitto_pub`.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] for values that are none, and for the others without `will-topic`.
    pub(crate) fn take(options: &mut UrlOptions) -> Result<Option<Self>> {
        let name = options.take("will-topic");
        let payload = options.take("will-payload");
        let qos = options.take("will-qos");
        let retain = options.take_bool("will-retain")?;
        let Some(name) = name else {
            let is_alone = payload.is_none() && qos.is_none() && retain.is_none();
            return if is_alone {
                Ok(None)
            } else {
                Err(configuration("a last will needs the option `will-topic`"))
            };
        };
        let payload = payload.unwrap_or_default();
        if payload.len() > LONGEST {
            return Err(configuration("option `will-payload`: it is longer than 65535 bytes"));
        }
        Ok(Some(Self {
            topic: topic(&name)?,
            payload,
            qos: level(qos.as_deref())?,
            retain: retain.unwrap_or(false),
        }))
    }
}

/// The name is one as all topics have.
fn topic(name: &str) -> Result<String> {
    let refused = |cause: Error| configuration("option `will-topic`: it is no name of a topic").with_source(cause);
    let address = Address::new(DestinationKind::Topic, name).map_err(refused)?;
    let topic = Names::topic(&address).map_err(refused)?;
    if topic.len() > LONGEST {
        return Err(configuration("option `will-topic`: it is longer than 65535 bytes"));
    }
    Ok(topic)
}

/// Unless something is said, that of a persistent message.
fn level(qos: Option<&str>) -> Result<QoS> {
    match qos {
        Some("0") => Ok(QoS::AtMostOnce),
        None | Some("1") => Ok(QoS::AtLeastOnce),
        Some("2") => Ok(QoS::ExactlyOnce),
        Some(_) => Err(configuration("option `will-qos`: it is 0, 1 or 2")),
    }
}

fn configuration(detail: &str) -> Error {
    error(ErrorKind::Configuration, detail)
}

#[cfg(test)]
mod tests {
    use anymq_api::spi::BrokerUrl;

    use super::*;

    fn read(options: &str) -> Result<Option<Will>> {
        let mut options = BrokerUrl::parse(&format!("mqtt://h{options}"))?.options();
        let will = Will::take(&mut options)?;
        options.finish(&[])?;
        Ok(will)
    }

    #[test]
    fn a_will_is_what_its_options_say() {
        assert_eq!(read("").unwrap(), None);
        let plain = read("?will-topic=tills/1/status").unwrap().unwrap();
        assert_eq!((&*plain.topic, &*plain.payload), ("tills/1/status", ""));
        assert_eq!((plain.qos, plain.retain), (QoS::AtLeastOnce, false));
        let all = read("?will-topic=a%2Bb&will-payload=gone%20%26%20lost&will-qos=2&will-retain=true");
        let all = all.unwrap().unwrap();
        // As a topic of this name is called elsewhere.
        assert_eq!((&*all.topic, &*all.payload), ("a%2Bb", "gone & lost"));
        assert_eq!((all.qos, all.retain), (QoS::ExactlyOnce, true));
        let qos = read("?will-topic=a&will-qos=0&will-retain=false").unwrap().unwrap().qos;
        assert_eq!(qos, QoS::AtMostOnce);
    }

    #[test]
    fn what_is_wrong_is_a_configuration_error() {
        let long = "x".repeat(LONGEST + 1);
        for options in [
            "?will-topic=",
            "?will-payload=gone",
            "?will-qos=1",
            "?will-retain=false",
            "?will-topic=a&will-qos=3",
            "?will-topic=a&will-qos=",
            "?will-topic=a&will-retain=yes",
            &format!("?will-topic={long}"),
            &format!("?will-topic=a&will-payload={long}"),
        ] {
            let error = read(options).unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::Configuration,
                "{}",
                &options[..20.min(options.len())]
            );
        }
    }
}
