//! Settings of a service: a TOML file, then `MOTCUA_<SERVICE>__<KEY>` from the environment.

use std::path::Path;

use serde::de::DeserializeOwned;

/// A setting that is missing, unknown or wrong: says which key, from where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("{file}: cannot be read: {source}")]
    File {
        /// As given.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A key is wrong.
    #[error("{file}: {message}; set it in the file, or as {env} in the environment")]
    Key {
        /// As given.
        file: String,
        /// Names the key.
        message: String,
        /// The environment's name for keys of this service.
        env: String,
    },
}

/// Reads a service's settings.
pub fn load<T: DeserializeOwned>(service: &str, file: Option<&Path>) -> Result<T, SettingsError> {
    let prefix = format!("MOTCUA_{}", service.to_uppercase());
    let name = file.map_or_else(|| "environment".to_owned(), |f| f.display().to_string());
    let key = |e: config::ConfigError| SettingsError::Key {
        file: name.clone(),
        message: e.to_string(),
        env: format!("{prefix}__KEY (nested: {prefix}__TABLE__KEY)"),
    };
    let mut sources = config::Config::builder();
    if let Some(file) = file {
        let text =
            std::fs::read_to_string(file).map_err(|source| SettingsError::File { file: name.clone(), source })?;
        sources = sources.add_source(config::File::from_str(&text, config::FileFormat::Toml));
    }
    sources
        .add_source(config::Environment::with_prefix(&prefix).prefix_separator("__").separator("__").try_parsing(true))
        .build()
        .and_then(config::Config::try_deserialize)
        .map_err(key)
}
