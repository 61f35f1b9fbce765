//! Chance with a seed: a test that fails says with which one, and `MOTCUA_SEEDS=7,8` runs it again.

/// A small seeded generator (SplitMix64): good enough to shuffle days, and the same on every machine.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number under `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.below(usize::try_from(high - low + 1).unwrap())).unwrap()
    }

    /// True in so many of a hundred cases.
    pub fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A place in `weights`, each as likely as its weight.
    pub fn weighted(&mut self, weights: &[usize]) -> usize {
        let mut left = self.below(weights.iter().sum());
        weights
            .iter()
            .position(|weight| {
                let here = left < *weight;
                left = left.saturating_sub(*weight);
                here
            })
            .unwrap()
    }
}

/// The seeds to run: those asked for, else `count` fixed ones.
pub fn seeds(count: u64) -> Vec<u64> {
    match std::env::var("MOTCUA_SEEDS") {
        Ok(asked) => {
            asked.split(',').map(|seed| seed.trim().parse().expect("MOTCUA_SEEDS is a list of numbers")).collect()
        }
        Err(_) => (1..=count).collect(),
    }
}

/// Says which seed a test was running when it failed.
pub struct Running(pub u64);

impl Drop for Running {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("failed with MOTCUA_SEEDS={}", self.0);
        }
    }
}
