//! What differs from one rule set to the next: data, by the name that a dossier keeps.

/// What a dossier's rule set says of its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The whole limit is counted anew once the papers are complete, instead of going on where it stood.
    pub supplement_restarts: bool,
    /// Requests for papers that need nobody's approval.
    pub supplements_free: usize,
    /// Apologies with a new date.
    pub extensions_max: usize,
}

/// The rules of a rule set; an unknown name gets the newest ones. `supplements_free` is the procedure's own number.
#[must_use]
pub fn rules(rule_set: &str, supplements_free: Option<i32>) -> Rules {
    let supplements_free = supplements_free.and_then(|n| usize::try_from(n).ok()).unwrap_or(1);
    // Decree 61/2018 counts anew when the dossier is complete; since Decree 118/2025 the clock is paused.
    Rules { supplement_restarts: rule_set == "ND61-2018", supplements_free, extensions_max: 1 }
}
