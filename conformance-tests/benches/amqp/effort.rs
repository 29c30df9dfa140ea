//! How much is measured.

/// Messages of one size.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) name: &'static str,
    pub(crate) size: usize,
    pub(crate) rounds: usize,
    /// So many are confirmed one by one.
    pub(crate) single: u32,
    /// So many are sent with many under way, and then received.
    pub(crate) many: u32,
}

impl Effort {
    /// Small messages and large ones.
    pub(crate) fn all() -> [Self; 2] {
        let small = Self {
            name: "100 B",
            size: 100,
            rounds: 7,
            single: 2000,
            many: 15_000,
        };
        let large = Self {
            name: "10 KB",
            size: 10_000,
            many: 6000,
            ..small
        };
        [small, large].map(|effort| if is_quick() { effort.quick() } else { effort })
    }

    fn quick(self) -> Self {
        Self {
            rounds: 1,
            single: 20,
            many: 1000,
            ..self
        }
    }
}

/// `cargo test --benches` only wants to see it run, and does not say `--bench` as `cargo bench` does.
fn is_quick() -> bool {
    let is_given = |flag| std::env::args().any(|argument| argument == flag);
    !is_given("--bench") || is_given("--test")
}
