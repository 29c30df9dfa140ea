//! Client identifiers at the broker.

use super::escape::{is_forbidden, percent_encode};

/// Of a durable subscription: the same for whoever resumes it.
pub(crate) fn durable(client: &str, name: &str) -> String {
    format!("{}:{}", encode(client), encode(name))
}

/// Of a session that ends with its link: nobody else's, so nobody is put out by it.
pub(crate) fn passing(client: &str, number: u64) -> String {
    format!("{}~{number:016x}", encode(client))
}

/// Brokers put client identifiers in topics to see what may be done there, and ActiveMQ in names of queues, where it looks for what
/// stands before a dot.
fn encode(text: &str) -> std::borrow::Cow<'_, str> {
    percent_encode(text, |letter| {
        matches!(letter, ':' | '~' | '%' | '/' | '+' | '#' | '.' | '*' | '>') || is_forbidden(letter)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_subscriptions_share_one() {
        assert_eq!(durable("till-1", "audit"), "till-1:audit");
        assert_ne!(durable("a:b", "c"), durable("a", "b:c"));
        assert_ne!(durable("a", "~0000000000000001"), passing("a", 1));
        assert_eq!(passing("a/+#.", 255), "a%2F%2B%23%2E~00000000000000ff");
    }
}
