//! Everything under `deploy/`, tried with the real tools. A tool that is missing fails its test and names its package.

mod compose;
mod grafana;
mod kubernetes;
mod prometheus;
mod systemd;
mod tool;
mod yaml;
