//! How well an analysis agrees with the truth.
//!
//! A truth and a finding match where the intersection of their times is at least half of their
//! union; apart from that, they are matched by peak within a tolerance, and by onset within one and
//! within two frames. [`Matching`] says which of the first two leads. Each truth matches at most one
//! finding, same side first. Entries that the truth calls uncertain count neither for nor against,
//! and a finding that lies half or more on such an entry is not counted. What the truth has not rated
//! (no `blinks`, no `events`) is not scored.
//!
//! A true blink longer than 0.5 s may be matched by an event of kind `closure`: a prolonged closure
//! of both lids is that event's name. Events that are `expression` or `uncertain` claim nothing
//! and are neither right nor wrong; so are true events of these kinds, and what is found in a movement
//! on purpose that truly brings other movement along (synkinesis).
//!
//! Apart from all matching, [`Listed`] counts every twitch and spasm outside the events that the
//! truth lists: these are false, however well the others match. Recordings of one person are pooled
//! before people are compared ([`People`]).

mod compare;
mod hidden;
mod html;
mod labels;
mod listed;
mod matching;
mod mirror;
mod pairing;
mod people;
mod score;
mod text;

pub use compare::{compare, compare_by, compare_findings};
pub use hidden::{Hidden, Part};
pub use labels::read_labels;
pub use matching::{MatchBy, Matching};
pub use mirror::{MirrorAgreement, mirror_agreement};
pub use pairing::{
    Request, ToldPattern, ValidatedClip, Validation, check_inside, read_truth, remarks, score,
    validate, validate_by,
};
pub use people::{People, Person};
pub use score::{
    Errors, Labels, Listed, Matched, Order, PatternCount, Proportion, Rate, Score, Share, Tally,
};
