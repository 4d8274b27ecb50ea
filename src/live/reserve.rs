//! Descriptors kept aside for saving, whatever else takes them meanwhile.

use std::fs::File;

/// How many: the outputs are written one after the other, each with its folder (judgment: twice
/// what that takes).
const DESCRIPTORS: usize = 16;

/// Open files that stand for those that saving will need; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Reserve(#[allow(dead_code)] Vec<File>);

impl Reserve {
    /// Takes as many as there are.
    #[must_use]
    pub(super) fn take() -> Self {
        Self(
            (0..DESCRIPTORS)
                .map_while(|_| File::open(std::env::current_exe().ok()?).ok())
                .collect(),
        )
    }
}
