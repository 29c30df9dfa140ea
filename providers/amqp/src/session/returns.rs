//! Which confirmed messages came back.
//!
//! The broker returns an unroutable message before it confirms it, in the order of publishing. The client library hangs
//! each returned message on whichever confirmation completes next, one on each, first come first served. So it often
//! hangs on another message's: it must be recognised by its own mark, and a confirmation that carried another's return
//! does not say yet that its own message was taken.

use std::collections::HashSet;

/// What hung on a confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carried {
    /// Nothing: no return was waiting at that moment.
    Nothing,
    /// The return of this send.
    Return(u64),
    /// A return that nobody knows.
    Unknown,
}

/// One completed confirmation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Confirmed {
    pub(crate) send: u64,
    pub(crate) refused: bool,
    pub(crate) carried: Carried,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Taken,
    Returned,
    Refused,
}

/// Finds it out. Sends are numbered in the order of publishing.
#[derive(Debug, Default)]
pub(crate) struct Returns {
    /// Returned, and not confirmed yet.
    returned: HashSet<u64>,
    /// The latest send whose return was seen.
    latest: u64,
    /// Confirmed, and perhaps returned.
    held: Vec<u64>,
}

impl Returns {
    /// Takes the confirmations that completed since the last call: with each of them, all that completed before it.
    /// `outstanding` sends are not confirmed yet.
    pub(crate) fn confirm(&mut self, confirmed: &[Confirmed], outstanding: usize) -> Vec<(u64, Fate)> {
        let mut none_waiting = outstanding == 0;
        for one in confirmed {
            match one.carried {
                Carried::Return(send) => {
                    self.returned.insert(send);
                    self.latest = self.latest.max(send);
                }
                Carried::Nothing => none_waiting = true,
                Carried::Unknown => {}
            }
        }
        let mut fates = Vec::with_capacity(confirmed.len() + self.held.len());
        for send in std::mem::take(&mut self.held) {
            self.decide(send, none_waiting, &mut fates);
        }
        for one in confirmed {
            if one.refused {
                self.returned.remove(&one.send);
                fates.push((one.send, Fate::Refused));
            } else {
                self.decide(
                    one.send,
                    one.carried == Carried::Nothing || outstanding == 0,
                    &mut fates,
                );
            }
        }
        fates
    }

    /// `seen`: a return of this send, had there been one, has been seen by now.
    fn decide(&mut self, send: u64, seen: bool, fates: &mut Vec<(u64, Fate)>) {
        if self.returned.remove(&send) {
            fates.push((send, Fate::Returned));
        } else if seen || self.latest > send {
            fates.push((send, Fate::Taken));
        } else {
            self.held.push(send);
        }
    }

    /// The channel is gone: nobody will know of these.
    pub(crate) fn give_up(&mut self) -> Vec<u64> {
        self.returned.clear();
        std::mem::take(&mut self.held)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// A small deterministic generator.
    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: usize) -> usize {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).unwrap() % bound
        }
    }

    /// Plays broker and client library: returns in order of publishing, each before its confirmation; confirmations in
    /// any order; returns hung on confirmations first come first served.
    fn play(random: &mut Random, sends: u64) -> (Vec<(u64, Fate)>, Vec<bool>) {
        let unroutable: Vec<bool> = (0..=sends).map(|_| random.below(3) == 0).collect();
        let unroutable_at = |send: u64| unroutable[usize::try_from(send).unwrap()];
        let mut returns = Returns::default();
        let (mut published, mut waiting) = (0, VecDeque::new());
        let (mut pending, mut completed, mut fates) = (Vec::new(), Vec::new(), Vec::new());
        while published < sends || !pending.is_empty() || !completed.is_empty() {
            match random.below(4) {
                0 | 1 if published < sends => {
                    published += 1;
                    pending.push(published);
                    if unroutable_at(published) {
                        waiting.push_back(published);
                    }
                }
                2 if !pending.is_empty() => {
                    let send = pending.swap_remove(random.below(pending.len()));
                    let carried = waiting.pop_front().map_or(Carried::Nothing, Carried::Return);
                    completed.push(Confirmed {
                        send,
                        refused: false,
                        carried,
                    });
                }
                3 => {
                    // A batch is seen in any order.
                    for index in (1..completed.len()).rev() {
                        completed.swap(index, random.below(index + 1));
                    }
                    fates.extend(returns.confirm(&completed, pending.len()));
                    completed.clear();
                }
                _ => {}
            }
        }
        assert!(returns.held.is_empty() && returns.returned.is_empty());
        (fates, unroutable)
    }

    #[test]
    fn every_return_finds_its_own_send() {
        let mut random = Random(7);
        for _ in 0..500 {
            let (mut fates, unroutable) = play(&mut random, 60);
            fates.sort_unstable_by_key(|(send, _)| *send);
            assert_eq!(fates.len(), 60);
            for (send, fate) in fates {
                let returned = unroutable[usize::try_from(send).unwrap()];
                assert_eq!(fate, if returned { Fate::Returned } else { Fate::Taken }, "{send}");
            }
        }
    }

    #[test]
    fn a_refusal_is_told_at_once() {
        let mut returns = Returns::default();
        let refused = Confirmed {
            send: 1,
            refused: true,
            carried: Carried::Return(2),
        };
        assert_eq!(returns.confirm(&[refused], 1), [(1, Fate::Refused)]);
        let taken = Confirmed {
            send: 2,
            refused: false,
            carried: Carried::Nothing,
        };
        assert_eq!(returns.confirm(&[taken], 0), [(2, Fate::Returned)]);
    }

    #[test]
    fn what_is_held_is_given_up_with_the_channel() {
        let mut returns = Returns::default();
        let doubtful = Confirmed {
            send: 5,
            refused: false,
            carried: Carried::Return(3),
        };
        assert!(returns.confirm(&[doubtful], 2).is_empty());
        assert_eq!(returns.give_up(), [5]);
    }
}
