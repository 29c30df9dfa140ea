use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use anymq_api::Result;

use super::Client;
use crate::error;

/// Who is connected, and which client ids are taken.
#[derive(Default)]
pub(super) struct Clients {
    connected: HashMap<u64, Arc<Client>>,
    client_ids: HashSet<String>,
    next_id: u64,
    /// The broker was shut down.
    closed: bool,
}

impl Clients {
    pub(super) fn are_admitted(&self) -> bool {
        !self.closed
    }

    /// Takes the client id and gives the new client its number.
    pub(super) fn admit(&mut self, client_id: Option<&str>) -> Result<u64> {
        if self.closed {
            return Err(error::shut_down());
        }
        if let Some(client_id) = client_id {
            if client_id.is_empty() {
                return Err(error::client_id_empty());
            }
            if !self.client_ids.insert(client_id.to_owned()) {
                return Err(error::client_id_in_use(client_id));
            }
        }
        self.next_id += 1;
        Ok(self.next_id)
    }

    pub(super) fn add(&mut self, id: u64, client: &Arc<Client>) {
        self.connected.insert(id, Arc::clone(client));
    }

    pub(super) fn remove(&mut self, id: u64, client_id: Option<&str>) {
        self.connected.remove(&id);
        client_id.map(|client_id| self.client_ids.remove(client_id));
    }

    /// No more from now on; gives all there were.
    pub(super) fn dismiss(&mut self) -> Vec<Arc<Client>> {
        self.closed = true;
        self.client_ids.clear();
        self.connected.drain().map(|(_, client)| client).collect()
    }

    pub(super) fn all(&self) -> Vec<Arc<Client>> {
        self.connected.values().cloned().collect()
    }
}
