//! stomp-rs, doing the same as far as it can: what waits in a queue it loses, since it knows a subscription only when that is
//! confirmed.

use futures_util::{StreamExt as _, stream};
use stomp_rs::{
    client::{Client, ClientBuilder},
    protocol::frame::Send,
};

use crate::WINDOW;

pub(crate) const QUEUE: &str = "/queue/bench.stomp-rs";

pub(crate) struct StompRs {
    client: Client,
}

impl StompRs {
    pub(crate) async fn connect(port: u16) -> Self {
        let builder = ClientBuilder::new(format!("127.0.0.1:{port}"));
        let client = Client::connect(builder).await.expect("a connection");
        Self { client }
    }

    async fn send(&self, body: String) {
        let send = Send::new(QUEUE).header("persistent", "false").body(body);
        self.client.send(send).await.expect("send");
    }

    pub(crate) async fn confirm_each(&self, body: &[u8], messages: u32) {
        let body = String::from_utf8(body.to_vec()).expect("a text");
        for _ in 0..messages {
            self.send(body.clone()).await;
        }
    }

    pub(crate) async fn window(&self, body: &[u8], messages: u32) {
        let body = String::from_utf8(body.to_vec()).expect("a text");
        let sends = stream::iter(0..messages).map(|_| self.send(body.clone()));
        sends.buffer_unordered(WINDOW.into()).for_each(|()| async {}).await;
    }
}
