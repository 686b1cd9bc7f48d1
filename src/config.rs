//! The operator's settings: a TOML file, arguments above it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::domain::{Policy, Registration, Scheme};

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
    /// Where `serve` listens, such as `127.0.0.1:8780`.
    pub listen: Option<String>,
    /// The address under which employers and FPX reach `serve`, such as `https://pay.example.my`.
    pub public_url: Option<String>,
    /// From whom mails come, such as `Office <office@example.my>`.
    pub mail_from: Option<String>,
    /// How mails are sent; they are only written as files when left out.
    pub mail: Option<MailConfig>,
    /// How FPX is spoken to; nothing is paid over FPX when left out.
    pub fpx: Option<FpxConfig>,
    /// Folders that are watched, each an `[[inbox]]`.
    pub inbox: Vec<InboxConfig>,
}

/// How mails are sent; every key may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailConfig {
    /// From whom mails come; the same as `mail_from`.
    pub from: Option<String>,
    /// The mail server: `smtps://host` (port 465), `smtp://host` (587, with STARTTLS), or on this machine without TLS (25).
    pub server: Option<String>,
    /// Whom the server knows us as.
    pub user: Option<String>,
    /// That user's password: one line, in a file that only its owner may read.
    pub password_file: Option<PathBuf>,
    /// The name by which we greet the server; the domain of the sender's address when left out.
    pub hello: Option<String>,
    /// The longest that the server may let us wait for a connection or an answer, in seconds; 60.
    pub timeout_seconds: Option<u64>,
}

/// How FPX is spoken to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FpxConfig {
    /// Real banks, or PayNet's acceptance environment and the simulator.
    pub environment: FpxEnvironment,
    /// FPX's host, `https://…`; `http://` on this machine only.
    pub url: String,
    /// Our exchange id, `EX` and eight digits.
    pub exchange_id: String,
    /// Our seller id, `SE` and eight digits.
    pub seller_id: String,
    /// Our private key: a PEM file that only its owner may read.
    pub key: PathBuf,
    /// The key that follows it.
    pub next_key: Option<PathBuf>,
    /// From when the next key signs, such as `2026-12-01T00:00:00+08:00`: the moment agreed with PayNet.
    pub next_key_from: Option<String>,
    /// FPX's certificates, current and next.
    pub certificates: Vec<PathBuf>,
    /// FPX's logo as PayNet gives it to its merchants: a PNG of 256 KiB at most, shown where employers pay.
    pub logo: Option<PathBuf>,
    /// A page about FPX and its operating hours, linked where employers pay: `https://…`.
    pub information: Option<String>,
}

/// Which FPX is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FpxEnvironment {
    /// PayNet's acceptance environment, and our simulator.
    Uat,
    /// Real banks, real money.
    Production,
}

/// A watched folder; every key but the path may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InboxConfig {
    /// Where it is, made by `caruman inbox init`.
    pub path: PathBuf,
    /// `live`, or `test` for files that are only checked and answered.
    #[serde(default)]
    pub mode: InboxMode,
    /// `auto`, or `wait` for files that are held until a person lets each go.
    #[serde(default)]
    pub submit: InboxSubmit,
    /// What becomes of files with lines to mend; each employer's own setting when left out.
    pub policy: Option<Policy>,
    /// The Act of one-Act files whose name does not say it.
    pub scheme: Option<Scheme>,
    /// Mail addresses that are told of answers that need somebody; the job `outbox` sends the mails.
    #[serde(default)]
    pub notify: Vec<String>,
    /// A file that nothing says to be complete must not change for so long; 10.
    pub quiet_seconds: Option<u64>,
    /// Between two looks at the folder; 2.
    pub scan_seconds: Option<u64>,
    /// Free MiB below which nothing is taken; 2048 or 5 % of the disk, whichever is more.
    pub reserve_mib: Option<u64>,
    /// Whether the PDFs of acknowledgements are put beside the answers; yes when left out.
    pub papers: Option<bool>,
}

/// What a watched folder is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InboxMode {
    /// Files are submitted.
    #[default]
    Live,
    /// Files are checked and answered, and nothing is kept.
    Test,
}

/// When the files of a watched folder are submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InboxSubmit {
    /// As soon as they are complete.
    #[default]
    Auto,
    /// When a person lets each go.
    Wait,
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

    #[test]
    fn folders_are_listed() {
        let text = "[[inbox]]\npath = \"/in/a\"\nmode = \"test\"\n[[inbox]]\npath = \"/in/b\"\nsubmit = \"wait\"\n\
                    scheme = \"act800\"\npolicy = \"good-lines\"\nquiet_seconds = 3\n";
        let config: Config = toml::from_str(text).expect("read");
        let [a, b] = &config.inbox[..] else { panic!("two folders") };
        assert_eq!((a.mode, a.submit, a.papers), (InboxMode::Test, InboxSubmit::Auto, None));
        assert_eq!((b.mode, b.submit, b.quiet_seconds), (InboxMode::Live, InboxSubmit::Wait, Some(3)));
        assert_eq!((b.scheme, b.policy), (Some(Scheme::Act800), Some(Policy::GoodLines)));
        assert!(toml::from_str::<Config>("[[inbox]]\nmode = \"live\"\n").is_err(), "a folder has a path");
    }
}
