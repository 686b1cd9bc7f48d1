//! The operator's settings: a TOML file, arguments above it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::domain::Registration;

/// Settings; every key may be left out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Who issues documents: the name on acknowledgements.
    pub issuer: Option<String>,
    /// The data folder.
    pub data: Option<PathBuf>,
    /// The database: `postgres://…`; SQLite in the data folder when left out.
    pub database: Option<String>,
    /// The master key, where the operator keeps it outside the data folder.
    pub master_key: Option<PathBuf>,
    /// What becomes of lines whose person was not registered in time: `hold` (the rule) or `warn`; an employer's own
    /// setting goes first.
    pub registration: Option<Registration>,
    /// Whether the first accepted file of a new employer fills its register; yes when left out.
    pub seeding: Option<bool>,
    /// Whether files of employers who are not on the register are taken; yes when left out.
    pub new_employers: Option<bool>,
}

/// The settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No such file, or not readable.
    #[error("the configuration {path} cannot be read: {source}")]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A key or value is wrong.
    #[error("the configuration {path} is wrong: {what}")]
    Wrong {
        /// Which.
        path: PathBuf,
        /// Where and why.
        what: String,
    },
}

impl Config {
    /// Reads a file; settings of nothing where there is none.
    ///
    /// # Errors
    /// [`ConfigError`], one sentence.
    pub fn load(path: Option<&Path>) -> Result<Config, ConfigError> {
        let Some(path) = path else { return Ok(Config::default()) };
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        toml::from_str(&text)
            .map_err(|error| ConfigError::Wrong { path: path.to_owned(), what: error.message().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("caruman.toml");
        std::fs::write(&path, "issuer = \"Pejabat Contoh\"\n").expect("written");
        assert_eq!(Config::load(Some(&path)).expect("read").issuer.as_deref(), Some("Pejabat Contoh"));
        std::fs::write(&path, "isuer = \"x\"\n").expect("written");
        let error = Config::load(Some(&path)).expect_err("refused").to_string();
        assert!(error.contains("isuer"), "{error}");
    }
}
