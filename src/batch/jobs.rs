//! How many workers a machine carries.

use std::thread::available_parallelism;

use sysinfo::{CGroupLimits, MemoryRefreshKind, RefreshKind, System};

use super::Clip;
use super::picture::pixels;

/// Memory set aside for each worker, bytes: its models, and for each pixel of the pictures that
/// are in flight and in its decoder (measured: 0.2 GB in all at 640 x 480, 0.7 GB at 3840 x 2160;
/// half as much again is set aside).
const BYTES_A_WORKER: u64 = 256 << 20;
const BYTES_A_PIXEL: u64 = 90;

/// Pixels that are taken for a clip that does not tell: 3840 x 2160.
const PIXELS_UNTOLD: u64 = 3840 * 2160;

/// A worker a core that this process may use, as far as free memory allows for the clip with the
/// largest picture; at least one.
#[must_use]
pub fn default_jobs(clips: &[Clip]) -> usize {
    let pixels = clips.iter().map(|own| pixels(&own.clip).unwrap_or(PIXELS_UNTOLD)).max();
    let cores = available_parallelism().map_or(1, usize::from);
    let memory = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(memory);
    let free = free_bytes(system.available_memory(), system.cgroup_limits().as_ref());
    fitting(cores, free, pixels.unwrap_or(0))
}

/// Memory that workers may take. Inside a container its own limit counts, and what is left of it but
/// for the processes' own: files that were read stay in memory too, and make way.
fn free_bytes(available: u64, container: Option<&CGroupLimits>) -> u64 {
    let own = container.map_or(u64::MAX, |own| own.total_memory.saturating_sub(own.rss));
    available.min(own)
}

fn fitting(cores: usize, free_bytes: u64, pixels: u64) -> usize {
    let each = BYTES_A_WORKER.saturating_add(BYTES_A_PIXEL.saturating_mul(pixels));
    let by_memory = usize::try_from(free_bytes / each).unwrap_or(usize::MAX);
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
        assert_eq!(fitting(8, 64 << 30, PIXELS_UNTOLD), 8);
        assert_eq!(fitting(8, 3 << 30, PIXELS_UNTOLD), 3);
        assert_eq!(fitting(8, 3 << 30, 640 * 480), 8);
        assert_eq!(fitting(8, 3 << 30, 4 * PIXELS_UNTOLD), 1);
        assert_eq!(fitting(8, 0, 0), 1);
        assert_eq!(fitting(8, u64::MAX, u64::MAX), 1);
        assert!(default_jobs(&[]) >= 1);
    }
}
