//! The flags that every command with a configuration has: where settings come from.

use std::path::PathBuf;

use clap::Args;

use crate::config::Sources;

/// Where the configuration is, and settings that win over it.
///
/// Each setting has a variable too (`STAGEGATE_` and the key's path, `__` between levels). It is read with the file's
/// layers, not by clap, so that a bad value is reported under the variable's name.
#[derive(Debug, Clone, Default, Args)]
pub struct SourceArgs {
    /// Configuration file, YAML, TOML or JSON by its ending [default: stagegate.yaml, else /etc/stagegate/stagegate.yaml]
    #[arg(short, long, value_name = "FILE", env = "STAGEGATE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Data port [env: STAGEGATE_LISTEN]
    #[arg(long, value_name = "ADDRESS", help_heading = "Settings")]
    pub listen: Option<String>,
    /// Admin port [env: STAGEGATE_ADMIN__LISTEN]
    #[arg(long, value_name = "ADDRESS", help_heading = "Settings")]
    pub admin_listen: Option<String>,
    /// Worker threads [env: STAGEGATE_THREADS]
    #[arg(long, value_name = "NUMBER", help_heading = "Settings")]
    pub threads: Option<String>,
    /// Exported OpenAPI or Swagger document [env: STAGEGATE_API__DEFINITION]
    #[arg(long, value_name = "FILE", help_heading = "Settings")]
    pub definition: Option<String>,
    /// Name of the stage [env: STAGEGATE_API__STAGE]
    #[arg(long, value_name = "NAME", help_heading = "Settings")]
    pub stage: Option<String>,
    /// Prefix that is stripped from paths [env: STAGEGATE_API__BASE_PATH]
    #[arg(long, value_name = "PATH", help_heading = "Settings")]
    pub base_path: Option<String>,
    /// Longest wait for in-flight requests at the end [env: STAGEGATE_DRAIN]
    #[arg(long, value_name = "TIME", help_heading = "Settings")]
    pub drain: Option<String>,
    /// `text`, `json` or `auto` [env: STAGEGATE_LOG__FORMAT]
    #[arg(long, value_name = "FORMAT", help_heading = "Settings")]
    pub log_format: Option<String>,
    /// `error`, `warn`, `info` or `debug` [env: STAGEGATE_LOG__LEVEL]
    #[arg(long, value_name = "LEVEL", help_heading = "Settings")]
    pub log_level: Option<String>,
    /// Any other setting, such as `limits.in_flight=500` [env: STAGEGATE_LIMITS__IN_FLIGHT and so on]
    #[arg(long = "set", value_name = "KEY=VALUE", help_heading = "Settings", value_parser = pair)]
    pub set: Vec<(String, String)>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected `KEY=VALUE`".to_owned()),
    }
}

impl SourceArgs {
    /// These flags, and the process's environment.
    pub fn sources(&self) -> Sources {
        // A variable that is not UTF-8 is none of ours.
        let environment =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Sources {
            config: self.config.clone(),
            flags: self.flags(),
            environment: environment.collect(),
            ..Sources::default()
        }
    }

    /// The same for a command that calls nothing.
    pub fn offline(&self) -> Sources {
        Sources { offline: true, ..self.sources() }
    }

    fn flags(&self) -> Vec<(String, String)> {
        let named = [
            ("listen", &self.listen),
            ("admin.listen", &self.admin_listen),
            ("threads", &self.threads),
            ("api.definition", &self.definition),
            ("api.stage", &self.stage),
            ("api.base_path", &self.base_path),
            ("drain", &self.drain),
            ("log.format", &self.log_format),
            ("log.level", &self.log_level),
        ];
        let named = named.iter().filter_map(|(key, value)| Some(((*key).to_owned(), (*value).clone()?)));
        named.chain(self.set.iter().cloned()).collect()
    }
}
