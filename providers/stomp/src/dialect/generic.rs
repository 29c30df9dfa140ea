use anymq_api::{Address, Capabilities, Capability, DestinationKind, Envelope, Error, Support, spi::SubscribeSpec};

use super::Dialect;
use crate::{
    capability,
    codec::{decode_name, encode_name},
    frame::{Frame, Headers},
};

/// A broker of which nothing is known but that it speaks STOMP: what the specification promises, and no more.
#[derive(Debug)]
pub(super) struct Generic;

const DECLARED: Capabilities = capability::COMMON
    .with(Capability::TopicSelectors, Support::Emulated)
    .with(Capability::Persistence, Support::Unsupported)
    .with(Capability::RedeliveryFlag, Support::Unsupported);

impl Dialect for Generic {
    fn name(&self) -> &'static str {
        "generic"
    }

    fn serves(&self, _server: &str) -> bool {
        false
    }

    fn declared(&self) -> Capabilities {
        DECLARED
    }

    fn declared_of(&self, _destination: &Address) -> Capabilities {
        DECLARED
    }

    fn refusal(&self, _frame: &Frame) -> Option<Error> {
        None
    }

    /// As the specification has it.
    fn errors_end_links(&self) -> bool {
        true
    }

    fn requeues(&self) -> bool {
        true
    }

    fn destination(&self, address: &Address) -> String {
        let name = encode_name(address.name(), |letter| letter == '%' || letter.is_control());
        match address.kind() {
            DestinationKind::Queue | DestinationKind::TemporaryQueue => format!("/queue/{name}"),
            DestinationKind::Topic | DestinationKind::TemporaryTopic => format!("/topic/{name}"),
        }
    }

    fn address(&self, destination: &str) -> Option<Address> {
        let (kind, name) = destination.strip_prefix('/')?.split_once('/')?;
        let kind = match kind {
            "queue" => DestinationKind::Queue,
            "topic" => DestinationKind::Topic,
            _ => return None,
        };
        Address::new(kind, decode_name(name)).ok()
    }

    fn send_headers(&self, _envelope: &Envelope, _headers: &mut Headers) {}

    fn subscribe_headers(&self, _spec: &SubscribeSpec, _window: u32, _headers: &mut Headers) {}

    fn deleting(&self, _client_id: Option<&str>, _name: &str, _ids: [u64; 2]) -> Vec<Frame> {
        Vec::new()
    }

    fn first_window(&self, _spec: &SubscribeSpec) -> u32 {
        u32::MAX
    }
}
