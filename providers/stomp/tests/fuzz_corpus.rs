//! The fuzz target's promises hold for every input of its corpus.

#[path = "../fuzz/src/frame.rs"]
mod frame;

#[test]
fn every_input_keeps_the_promises() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus/frame");
    let mut inputs = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        let input = std::fs::read(&path).unwrap();
        // The name shows whose panic it was.
        println!("{}", path.display());
        frame::run(&input);
        inputs += 1;
    }
    assert!(inputs > 0, "the corpus is not there");
}
