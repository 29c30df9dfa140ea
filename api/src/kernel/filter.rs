use crate::{
    Capabilities, Capability, Result, Selector, Support,
    spi::{Delivery, SubscribeSpec},
};

/// What is left out of a subscription to a topic by the kernel, because the broker does not.
///
/// It is exact: every subscription has its own copy of each message, so what one leaves out nobody else misses.
#[derive(Debug)]
pub(crate) struct Filter {
    selector: Option<Selector>,
    no_local: bool,
}

impl Filter {
    /// What `spec` asks for and is declared as [emulated](Support::Emulated), if anything is.
    ///
    /// # Errors
    /// `InvalidSelector`.
    pub(crate) fn emulated(declared: &Capabilities, spec: &SubscribeSpec) -> Result<Option<Self>> {
        if spec.destination.kind().is_queue() {
            return Ok(None);
        }
        let emulated = |capability| declared.get(capability) == Support::Emulated;
        let text = spec.selector.as_deref();
        let selector = text.filter(|_| emulated(Capability::TopicSelectors));
        let filter = Self {
            selector: selector.map(Selector::parse).transpose()?,
            no_local: spec.no_local && emulated(Capability::NoLocal),
        };
        Ok((filter.no_local || filter.selector.is_some()).then_some(filter))
    }

    pub(crate) fn passes(&self, delivery: &Delivery) -> bool {
        let local = self.no_local && delivery.local;
        !local && self.selector.as_ref().is_none_or(|it| it.matches(&delivery.envelope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Envelope, Headers, Message,
        spi::{DeliveryToken, SubscriptionId},
    };

    fn spec(address: &str, selector: Option<&str>, no_local: bool) -> SubscribeSpec {
        let mut spec = SubscribeSpec::new(SubscriptionId(1), address.parse().unwrap(), 1);
        spec.selector = selector.map(str::to_owned);
        spec.no_local = no_local;
        spec
    }

    fn declaring(selectors: Support, no_local: Support) -> Capabilities {
        Capabilities::none()
            .with(Capability::TopicSelectors, selectors)
            .with(Capability::NoLocal, no_local)
    }

    fn delivery(color: &str, local: bool) -> Delivery {
        let message = Message::empty().with_property("color", color).unwrap();
        Delivery {
            envelope: Envelope::new(Headers::new("topic:t".parse().unwrap()), message),
            token: DeliveryToken {
                epoch: 0,
                subscription: SubscriptionId(1),
                tag: 1,
            },
            redelivered: false,
            count: 1,
            local,
        }
    }

    #[test]
    fn only_what_is_emulated_and_asked_for_is_filtered_here() {
        let (native, emulated) = (Support::Native, Support::Emulated);
        let red = Some("color = 'red'");
        let made = |declared, spec| Filter::emulated(&declared, &spec).unwrap().is_some();
        assert!(made(declaring(emulated, native), spec("topic:t", red, false)));
        assert!(made(declaring(native, emulated), spec("temp-topic:t", red, true)));
        assert!(!made(declaring(native, native), spec("topic:t", red, true)));
        assert!(!made(declaring(emulated, emulated), spec("topic:t", None, false)));
        assert!(!made(declaring(emulated, emulated), spec("queue:q", red, false)));
    }

    #[test]
    fn both_conditions_must_hold() {
        let declared = declaring(Support::Emulated, Support::Emulated);
        let filter = Filter::emulated(&declared, &spec("topic:t", Some("color = 'red'"), true));
        let filter = filter.unwrap().unwrap();
        let passed = [("red", false), ("red", true), ("blue", false), ("blue", true)]
            .map(|(color, local)| filter.passes(&delivery(color, local)));
        assert_eq!(passed, [true, false, false, false]);
    }
}
