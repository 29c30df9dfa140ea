//! What happens to one node of several.

use anymq_api::BoxError;

use crate::{
    broker::{RabbitMq, RabbitMqCluster},
    fault::BrokerFault,
};

/// Without it, all queues would be led by the node where they were declared, which is the one that clients are at.
const SPREAD: [&str; 6] = [
    "set_policy",
    "--apply-to",
    "queues",
    "faults",
    "^faults-",
    r#"{"queue-leader-locator":"balanced"}"#,
];

/// Spreads the queues of the faults over the nodes.
pub(super) async fn spread(cluster: &RabbitMqCluster) -> Result<(), BoxError> {
    first(cluster)?.ctl(&SPREAD).await?;
    Ok(())
}

/// Ends the node that a fault says, and begins it again; `busiest` is the one that the clients are at.
pub(super) async fn strike(
    cluster: &mut RabbitMqCluster,
    fault: BrokerFault,
    busiest: Option<usize>,
) -> Result<(), BoxError> {
    let busiest = busiest.ok_or("the clients are at no node")?;
    let node = match fault {
        BrokerFault::Restart | BrokerFault::Kill => busiest,
        _ => leader_besides(cluster, busiest, fault).await?,
    };
    let node = cluster.nodes_mut().get_mut(node).ok_or("there is no such node")?;
    if matches!(fault, BrokerFault::Kill | BrokerFault::KillLeader) {
        node.kill().await?;
    }
    node.restart().await?;
    Ok(())
}

/// A node, other than this one, that leads most of the queues of this fault's workload.
async fn leader_besides(cluster: &RabbitMqCluster, busiest: usize, fault: BrokerFault) -> Result<usize, BoxError> {
    let said = first(cluster)?.ctl(&["eval", &leaders(fault)]).await?;
    let names: Vec<_> = cluster.nodes().iter().map(RabbitMq::name).collect();
    let most = most_named(&said, &names, busiest);
    most.ok_or_else(|| format!("no other node than {busiest} of {names:?} leads a queue: {said}").into())
}

/// Asks who leads which queue of a workload with this fault.
fn leaders(fault: BrokerFault) -> String {
    format!(
        "[Node || Q <- rabbit_amqqueue:list(), amqqueue:get_type(Q) =:= rabbit_quorum_queue, \
         {{_, Node}} <- [amqqueue:get_pid(Q)], \
         {{resource, _, _, Name}} <- [amqqueue:get_name(Q)], binary:match(Name, <<\"-{}-\">>) =/= nomatch].",
        fault.name()
    )
}

/// The index of the name, other than the one at `besides`, that stands most often in a text.
fn most_named(said: &str, names: &[String], besides: usize) -> Option<usize> {
    let words: Vec<_> = said
        .split(|letter: char| !letter.is_ascii_alphanumeric() && !"@_-.".contains(letter))
        .collect();
    let counts = names
        .iter()
        .map(|name| words.iter().filter(|word| **word == name).count());
    let others = counts
        .enumerate()
        .filter(|&(index, count)| index != besides && count > 0);
    others.max_by_key(|&(_, count)| count).map(|(index, _)| index)
}

fn first(cluster: &RabbitMqCluster) -> Result<&RabbitMq, BoxError> {
    cluster.nodes().first().ok_or_else(|| "the cluster has no nodes".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_leader_is_read_from_what_the_broker_says() {
        let names = ["anymq1@localhost", "anymq2@localhost", "anymq22@localhost"].map(str::to_owned);
        let said = "[anymq1@localhost,anymq22@localhost,\n anymq2@localhost,anymq22@localhost,anymq1@localhost]\n";
        assert_eq!(most_named(said, &names, 0), Some(2));
        assert_eq!(most_named("[anymq1@localhost]", &names, 0), None);
        assert_eq!(most_named("[]", &names, 1), None);
        assert_eq!(most_named(said, &names, 2), Some(0));
    }
}
