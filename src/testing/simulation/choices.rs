//! Where every decision of a run comes from: a seed, or a search through all of them.

/// Decides what is left to chance.
#[derive(Debug)]
pub(super) enum Choices {
    /// Everything by a seed.
    Seeded(u64),
    /// Who runs next by a search; nothing else happens by chance.
    Searched(Search),
}

impl Choices {
    pub(super) fn seeded(seed: u64) -> Self {
        // Neighbouring seeds differ in few bits, and a xorshift of zero stays zero.
        Self::Seeded((seed + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// A number below `n` for everything but the order of things. A search takes the first.
    pub(super) fn draw(&mut self, n: u64) -> u64 {
        match self {
            Self::Seeded(state) => {
                *state ^= *state << 13;
                *state ^= *state >> 7;
                *state ^= *state << 17;
                (*state >> 11) % n.max(1)
            }
            Self::Searched(_) => 0,
        }
    }

    /// Which of `n` runs next. `goes_on` says that the first would go on with what ran last.
    pub(super) fn pick(&mut self, n: usize, goes_on: bool) -> usize {
        match self {
            Self::Seeded(_) => self.draw(n as u64) as usize,
            Self::Searched(search) => search.pick(n, goes_on),
        }
    }
}

/// A depth-first search through all orders with a bounded number of switches away from a page that could go on.
/// A switch away from a page that cannot go on is free.
#[derive(Debug, Default)]
pub(super) struct Search {
    prefix: Vec<usize>,
    taken: Vec<(usize, usize)>,
    switches: usize,
    bound: usize,
    is_on: bool,
}

impl Search {
    pub(super) fn new(bound: usize) -> Self {
        Self {
            bound,
            ..Self::default()
        }
    }

    /// Whether what is picked from now on is searched. Else the first is taken.
    pub(super) fn turn(&mut self, is_on: bool) {
        self.is_on = is_on;
    }

    fn pick(&mut self, n: usize, goes_on: bool) -> usize {
        if !self.is_on {
            return 0;
        }
        let of = if goes_on && self.switches == self.bound { 1 } else { n };
        let chosen = self.prefix.get(self.taken.len()).copied().unwrap_or(0);
        assert!(chosen < of, "a run is not repeatable");
        self.taken.push((chosen, of));
        self.switches += usize::from(goes_on && chosen > 0);
        chosen
    }

    /// The next order, until all have been seen.
    pub(super) fn next(mut self) -> Option<Self> {
        loop {
            let (chosen, of) = self.taken.pop()?;
            if chosen + 1 < of {
                let mut prefix = self.taken.iter().map(|(chosen, _)| *chosen).collect::<Vec<_>>();
                prefix.push(chosen + 1);
                return Some(Self {
                    prefix,
                    ..Self::new(self.bound)
                });
            }
        }
    }

    /// The same order again.
    pub(super) fn again(&self) -> Self {
        Self {
            prefix: self.taken.iter().map(|(chosen, _)| *chosen).collect(),
            ..Self::new(self.bound)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_sees_every_order_once() {
        let mut seen = Vec::new();
        let mut next = Some(Search::new(9));
        while let Some(mut search) = next {
            assert_eq!(search.pick(2, true), 0, "not searched yet");
            search.turn(true);
            let first = search.pick(2, true);
            let second = search.pick(3 - first, false);
            seen.push((first, second));
            next = search.next();
        }
        assert_eq!(seen, [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)]);
    }

    #[test]
    fn a_search_switches_no_oftener_than_it_may() {
        let mut runs = 0;
        let mut next = Some(Search::new(1));
        while let Some(mut search) = next {
            search.turn(true);
            let switches = (0..4).map(|_| search.pick(2, true)).sum::<usize>();
            assert!(switches <= 1);
            runs += 1;
            next = search.next();
        }
        assert_eq!(runs, 5);
    }
}
