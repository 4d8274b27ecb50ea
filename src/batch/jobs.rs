//! How many workers a machine carries.

use std::thread::available_parallelism;

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// Memory set aside for each worker, bytes: the models, the pictures in flight and the decoder of a
/// 4K recording stay below it (measured: 0.2 GB at 640 x 480, 0.7 GB at 3840 x 2160).
const BYTES_A_WORKER: u64 = 1 << 30;

/// A worker a core that this process may use, as far as free memory allows; at least one.
#[must_use]
pub fn default_jobs() -> usize {
    let cores = available_parallelism().map_or(1, usize::from);
    let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(memory);
    let free = system.available_memory();
    // Inside a container its own limit counts.
    let free = system.cgroup_limits().map_or(free, |limits| free.min(limits.free_memory));
    fitting(cores, free)
}

fn fitting(cores: usize, free_bytes: u64) -> usize {
    let by_memory = usize::try_from(free_bytes / BYTES_A_WORKER).unwrap_or(usize::MAX);
    cores.min(by_memory).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_no_more_workers_than_cores_or_memory_carry_and_at_least_one() {
        assert_eq!(fitting(8, 64 << 30), 8);
        assert_eq!(fitting(8, 3 << 30), 3);
        assert_eq!(fitting(8, 0), 1);
        assert!(default_jobs() >= 1);
    }
}
