//! Runnable examples of anymq: `cargo run --example quickstart`, `cargo run --example request_reply`,
//! `cargo run --example orders`.
