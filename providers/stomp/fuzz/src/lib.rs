//! What the fuzz target of `anymq-stomp` does with an input; `providers/stomp/tests/fuzz_corpus.rs` does the same with the
//! corpus.

mod frame;

/// Runs the target `frame` on one input.
///
/// # Panics
/// When a promise of the crate is broken.
pub fn frame(data: &[u8]) {
    frame::run(data);
}
