//! Runnable examples of anymq: `cargo run --example quickstart`.
