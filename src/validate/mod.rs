//! How well an analysis agrees with the truth.
//!
//! A truth and a finding match where the intersection of their times is at least half of their
//! union; apart from that, they are matched by onset within one and within two frames. Each truth
//! matches at most one finding, same side first. Entries that the truth calls uncertain count
//! neither for nor against, and a finding that lies half or more on such an entry is not counted.
//! What the truth has not rated (no `blinks`, no `events`) is not scored.
//!
//! A true blink longer than 0.5 s may be matched by an event of kind `closure`: a prolonged closure
//! of both lids is that event's name. Events that are `expression` or `uncertain` claim nothing
//! and are neither right nor wrong; so are true events of these kinds.

mod compare;
mod html;
mod labels;
mod matching;
mod pairing;
mod score;
mod text;

pub use compare::{compare, compare_findings};
pub use labels::read_labels;
pub use pairing::{ValidatedClip, Validation, read_truth, validate};
pub use score::{Errors, Matched, Order, PatternCount, Proportion, Score, Share, Tally};
