//! Everything under `deploy/`, tried with the real tools. A tool that is missing fails its test and names its package.

mod ci;
mod compose;
mod confined;
mod example;
mod grafana;
mod image;
mod kubernetes;
mod manual;
mod packages;
mod prometheus;
mod scrape;
mod sign;
mod systemd;
mod tool;
mod yaml;
