//! What clients hold at RabbitMQ, whatever protocol they speak.

use anymq_api::BoxError;

use crate::{broker::RabbitMq, fault::Holdings};

/// Counts it in all nodes. Plugins for other protocols have connections of the broker's own kind, which are listed apart.
const HOLDINGS: &str = "Queues = rabbit_amqqueue:list(), \
    Messages = lists:sum([N || [{messages, N}] <- rabbit_amqqueue:info_all(<<\"/\">>, [messages])]), \
    Temporary = [Q || Q <- Queues, amqqueue:get_exclusive_owner(Q) =/= none orelse amqqueue:is_auto_delete(Q)], \
    {length(rabbit_networking:connections()) + length(rabbit_direct:list()), length(rabbit_channel:list()), \
    length(rabbit_amqqueue:consumers_all(<<\"/\">>)), length(Temporary), Messages}.";

/// Asks a node for it.
pub(super) async fn ask(node: &RabbitMq) -> Result<Holdings, BoxError> {
    let said = node.ctl(&["eval", HOLDINGS]).await?;
    read(&said).ok_or_else(|| format!("unreadable: {said}").into())
}

/// Reads what the broker says of it.
fn read(said: &str) -> Option<Holdings> {
    let numbers = said
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|word| !word.is_empty());
    let numbers: Vec<usize> = numbers.map_while(|word| word.parse().ok()).collect();
    let &[connections, sessions, consumers, temporary, messages] = &numbers[..] else {
        return None;
    };
    Some(Holdings {
        connections,
        sessions,
        consumers,
        temporary,
        messages,
        subscriptions: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_broker_says_is_read() {
        let held = read("{1,2,3,\n 4,50}\n").unwrap();
        assert_eq!((held.connections, held.temporary, held.messages), (1, 4, 50));
        assert_eq!(read("{error,down}"), None);
    }
}
