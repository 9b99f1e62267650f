//! What Prometheus expects of every process, under the names that its client libraries use: read from `/proc`, where there is one.

use std::fmt::Write;

use rustix::param::{clock_ticks_per_second, page_size};
use rustix::process::{Resource, getrlimit};

/// The families in Prometheus' text format; what cannot be read is left out.
pub(super) fn families() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let mut out = stat(&read("/proc/self/stat"), &read("/proc/stat"), clock_ticks_per_second(), page_size());
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        // The folder itself is open while it is read.
        family(&mut out, "process_open_fds", "gauge", "Open file descriptors.", &open.count().saturating_sub(1));
    }
    if let Some(most) = getrlimit(Resource::Nofile).current {
        family(&mut out, "process_max_fds", "gauge", "File descriptors that may be open.", &most);
    }
    out
}

/// Of `/proc/self/stat` what follows the name, which may hold anything; of the system's when it started.
fn stat(own: &str, system: &str, ticks: u64, page: usize) -> String {
    let mut out = String::new();
    let fields: Vec<u64> = own
        .rsplit_once(')')
        .map(|(_, rest)| rest.split_whitespace().map(|field| field.parse().unwrap_or(0)).collect())
        .unwrap_or_default();
    // proc(5) counts from 1, and two fields stand before.
    let field = |number: usize| fields.get(number - 3).copied();
    let seconds = |count: u64| count as f64 / ticks as f64;
    if let (Some(user), Some(kernel)) = (field(14), field(15)) {
        let name = "process_cpu_seconds_total";
        family(&mut out, name, "counter", "Processor time, user's and system's.", &seconds(user + kernel));
    }
    if let Some(threads) = field(20) {
        family(&mut out, "process_threads", "gauge", "Threads.", &threads);
    }
    let boot = system.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse::<u64>().ok());
    if let (Some(boot), Some(start)) = (boot, field(22)) {
        let (name, began) = ("process_start_time_seconds", boot as f64 + seconds(start));
        family(&mut out, name, "gauge", "When the process began, in seconds since 1970.", &began);
    }
    if let (Some(size), Some(pages)) = (field(23), field(24)) {
        family(&mut out, "process_virtual_memory_bytes", "gauge", "Address space.", &size);
        family(&mut out, "process_resident_memory_bytes", "gauge", "Memory in use.", &(pages * page as u64));
    }
    out
}

fn family(out: &mut String, name: &str, kind: &str, help: &str, value: &dyn std::fmt::Display) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name with everything in it that could mislead.
    const OWN: &str =
        "7 (a) b 1) S 1 7 7 0 -1 4194560 2154 0 3 0 250 50 0 0 20 0 5 0 1200 104857600 2560 18446744073709551615 1 1";

    fn values(text: &str) -> Vec<&str> {
        text.lines().filter(|line| !line.starts_with('#')).collect()
    }

    #[test]
    fn fields_are_told_in_prometheus_units() {
        let text = stat(OWN, "cpu 1 2 3\nbtime 1700000000\n", 100, 4096);
        let expected = [
            "process_cpu_seconds_total 3",
            "process_threads 5",
            "process_start_time_seconds 1700000012",
            "process_virtual_memory_bytes 104857600",
            "process_resident_memory_bytes 10485760",
        ];
        assert_eq!(values(&text), expected);
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        assert_eq!(stat("", "", 100, 4096), "");
        assert_eq!(values(&stat("7 (a) S 1", "", 100, 4096)), [""; 0]);
        assert_eq!(values(&stat(OWN, "", 100, 4096)).len(), 4);
    }
}
