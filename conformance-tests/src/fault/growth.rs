//! Whether something grows over a long run.

use super::soak::Progress;

/// Whether something grows: the second quarter of the run beside the last one. The first is needed to get going.
#[derive(Clone, Debug, Default)]
pub(super) struct Growth {
    memory: Vec<u64>,
    tasks: Vec<u64>,
}

/// What may be added without being growth.
const MEMORY: u64 = 24 * 1024 * 1024;
const TASKS: u64 = 16;
/// Too few to tell.
const FEWEST: usize = 8;

impl Growth {
    pub(super) fn add(&mut self, progress: &Progress) {
        self.memory.push(progress.memory);
        self.tasks.push(progress.tasks as u64);
    }

    /// Of the memory, in bytes, and of the tasks: at first, and in the end; `None` when it was too short.
    pub(super) fn ranges(&self) -> Option<[(u64, u64); 2]> {
        Some([quarters(&self.memory)?, quarters(&self.tasks)?])
    }

    pub(super) fn breaches(&self) -> Vec<String> {
        let grown = |what: &str, values: &[u64], room: u64| {
            let (early, late) = quarters(values)?;
            (late > early + early / 5 + room).then(|| format!("{what} grew from {early} to {late}"))
        };
        [
            grown("memory", &self.memory, MEMORY),
            grown("the number of tasks", &self.tasks, TASKS),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The medians of the second quarter and of the last.
fn quarters(values: &[u64]) -> Option<(u64, u64)> {
    let quarter = values.len() / 4;
    if values.len() < FEWEST {
        return None;
    }
    let early = median(values.get(quarter..quarter * 2)?)?;
    let late = median(values.get(values.len() - quarter..)?)?;
    Some((early, late))
}

fn median(values: &[u64]) -> Option<u64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn growth(memory: impl Fn(u64) -> u64) -> Vec<String> {
        let mut growth = Growth::default();
        for minute in 0..40 {
            growth.add(&Progress {
                memory: memory(minute) * 1024 * 1024,
                tasks: 20,
                ..Progress::default()
            });
        }
        growth.breaches()
    }

    #[test]
    fn growth_is_told() {
        assert!(growth(|_| 100).is_empty());
        // What goes up and down does not grow.
        assert!(growth(|minute| 100 + minute % 3 * 40).is_empty());
        assert!(growth(|minute| if minute < 5 { 10 } else { 100 }).is_empty());
        assert_eq!(growth(|minute| 100 + minute * 5).len(), 1);
        assert!(quarters(&[1; 7]).is_none());
    }
}
