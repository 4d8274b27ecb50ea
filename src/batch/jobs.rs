//! How many workers a machine carries.

use std::thread::available_parallelism;

use sysinfo::{CGroupLimits, MemoryRefreshKind, RefreshKind, System};

/// Memory set aside for each worker, bytes: the models, the pictures in flight and the decoder of a
/// 4K recording stay below it (measured: 0.2 GB at 640 x 480, 0.7 GB at 3840 x 2160).
const BYTES_A_WORKER: u64 = 1 << 30;

/// A worker a core that this process may use, as far as free memory allows; at least one.
#[must_use]
pub fn default_jobs() -> usize {
    let cores = available_parallelism().map_or(1, usize::from);
    let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(memory);
    fitting(cores, free_bytes(system.available_memory(), system.cgroup_limits().as_ref()))
}

/// Memory that workers may take. Inside a container its own limit counts, and what is left of it but
/// for the processes' own: files that were read stay in memory too, and make way.
fn free_bytes(available: u64, container: Option<&CGroupLimits>) -> u64 {
    let own = container.map_or(u64::MAX, |own| own.total_memory.saturating_sub(own.rss));
    available.min(own)
}

fn fitting(cores: usize, free_bytes: u64) -> usize {
    let by_memory = usize::try_from(free_bytes / BYTES_A_WORKER).unwrap_or(usize::MAX);
    cores.min(by_memory).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_in_memory_leave_it_to_the_workers() {
        let container =
            |total_memory, rss| CGroupLimits { total_memory, free_memory: 0, free_swap: 0, rss };
        assert_eq!(free_bytes(20 << 30, None), 20 << 30);
        assert_eq!(free_bytes(20 << 30, Some(&container(24 << 30, 1 << 30))), 20 << 30);
        assert_eq!(free_bytes(20 << 30, Some(&container(4 << 30, 1 << 30))), 3 << 30);
    }

    #[test]
    fn there_are_no_more_workers_than_cores_or_memory_carry_and_at_least_one() {
        assert_eq!(fitting(8, 64 << 30), 8);
        assert_eq!(fitting(8, 3 << 30), 3);
        assert_eq!(fitting(8, 0), 1);
        assert!(default_jobs() >= 1);
    }
}
