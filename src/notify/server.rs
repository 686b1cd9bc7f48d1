//! The mail server, as the settings name it: where it is, how it is spoken to and who we are there.

use std::fs::File;
use std::io::Read;
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::transport::smtp::extension::ClientId;
use zeroize::Zeroizing;

use super::{MailAddress, NotifyError};
use crate::config::MailConfig;

/// The longest that the server may let us wait, when nothing is said.
const TIMEOUT_SECONDS: u64 = 60;
/// The longest that may be said.
const LONGEST_SECONDS: u64 = 600;
/// The longest password, in bytes.
const LONGEST_PASSWORD: u64 = 1_024;

/// The settings of mail cannot be used. One sentence each.
#[derive(Debug, thiserror::Error)]
pub enum MailFault {
    /// No address, or more than a host and a port.
    #[error("server of [mail] must be smtps:// or smtp:// and a host, perhaps with a port, not \"{0}\"")]
    Server(String),
    /// A key that says nothing without another.
    #[error("{0} of [mail] is of use only with {1}")]
    Needs(&'static str, &'static str),
    /// Nobody to write mails.
    #[error("[mail] names a server and nobody who writes: add from = \"Office <office@example.my>\"")]
    Nobody,
    /// `mail_from` and `from`.
    #[error("the sender of mails is named twice: leave out mail_from or from of [mail]")]
    Twice,
    /// The sender.
    #[error(transparent)]
    Address(#[from] NotifyError),
    /// The name in the greeting.
    #[error("hello of [mail] must be the name of a machine such as pay.example.my, not \"{0}\"")]
    Hello(String),
    /// The longest wait.
    #[error("timeout_seconds of [mail] must be 1 to {LONGEST_SECONDS}, not {0}")]
    Timeout(u64),
    /// Others could read the password.
    #[error("the mail password {path} can be read by others (mode {mode:04o}); run chmod 0400 on it")]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Not one line of text.
    #[error("the mail password {0} must be one line of text, nothing else")]
    NoPassword(PathBuf),
    /// The file system said no.
    #[error("the mail password {path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// How the server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Without TLS: this machine only.
    Plain,
    /// TLS before anything that matters is said; a server that does not offer it is told nothing.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

/// Who we are at the server.
#[derive(Debug, Clone)]
pub(super) struct Login {
    pub user: String,
    file: PathBuf,
}

impl Login {
    /// Reads the password; a changed one counts from the next connection on.
    pub(super) fn password(&self) -> Result<Zeroizing<String>, MailFault> {
        read_password(&self.file)
    }
}

/// A mail server that mails are handed to.
#[derive(Debug, Clone)]
pub struct MailServer {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) way: Way,
    pub(super) login: Option<Login>,
    pub(super) hello: ClientId,
    pub(super) timeout: Duration,
}

/// Who writes mails, and who takes them from us.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// From whom they come.
    pub from: MailAddress,
    /// To whom they are handed; written as files only without.
    pub server: Option<MailServer>,
}

impl MailSettings {
    /// Reads the settings, and the password to see that it is there. `None`: no mails are written.
    ///
    /// # Errors
    /// [`MailFault`].
    pub fn read(mail_from: Option<&str>, config: Option<&MailConfig>) -> Result<Option<MailSettings>, MailFault> {
        let nothing = MailConfig::default();
        let config = config.unwrap_or(&nothing);
        let from = match (mail_from, config.from.as_deref()) {
            (Some(_), Some(_)) => return Err(MailFault::Twice),
            (one, other) => one.or(other),
        };
        let Some(server) = &config.server else {
            let idle = [("user", config.user.is_some()), ("password_file", config.password_file.is_some())];
            let idle = idle.into_iter().find(|(_, given)| *given);
            if let Some((name, _)) = idle {
                return Err(MailFault::Needs(name, "server"));
            }
            let from = from.map(str::parse::<MailAddress>).transpose()?;
            return Ok(from.map(|from| MailSettings { from, server: None }));
        };
        let from: MailAddress = from.ok_or(MailFault::Nobody)?.parse()?;
        let server = Some(MailServer::read(server, config, &from)?);
        Ok(Some(MailSettings { from, server }))
    }
}

impl MailServer {
    fn read(address: &str, config: &MailConfig, from: &MailAddress) -> Result<MailServer, MailFault> {
        let (way, host, port) = place(address).ok_or_else(|| MailFault::Server(printable(address)))?;
        let hello = config.hello.clone().unwrap_or_else(|| from.0.email.domain().to_owned());
        if !is_name(&hello) {
            return Err(MailFault::Hello(printable(&hello)));
        }
        let seconds = config.timeout_seconds.unwrap_or(TIMEOUT_SECONDS);
        if seconds == 0 || seconds > LONGEST_SECONDS {
            return Err(MailFault::Timeout(seconds));
        }
        let login = match (&config.user, &config.password_file) {
            (None, None) => None,
            (Some(user), Some(file)) => Some(Login { user: user.clone(), file: file.clone() }),
            (Some(_), None) => return Err(MailFault::Needs("user", "password_file")),
            (None, Some(_)) => return Err(MailFault::Needs("password_file", "user")),
        };
        if let Some(login) = &login {
            login.password()?;
        }
        let (hello, timeout) = (ClientId::Domain(hello), Duration::from_secs(seconds));
        Ok(MailServer { host, port, way, login, hello, timeout })
    }

    /// Where it is, for messages.
    pub fn place(&self) -> String {
        let host = &self.host;
        if host.contains(':') { format!("[{host}]:{}", self.port) } else { format!("{host}:{}", self.port) }
    }
}

/// How, where and at which port.
fn place(address: &str) -> Option<(Way, String, u16)> {
    let (scheme, rest) = address.split_once("://")?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match rest.strip_prefix('[') {
        Some(inside) => {
            let (host, behind) = inside.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, if behind.is_empty() { None } else { Some(behind.strip_prefix(':')?) })
        }
        None => rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port))),
    };
    if !host.contains(':') && !is_name(host) {
        return None;
    }
    let (way, usual) = match scheme {
        "smtps" => (Way::Tls, 465),
        "smtp" if is_loopback(host) => (Way::Plain, 25),
        "smtp" => (Way::StartTls, 587),
        _ => return None,
    };
    let port = port.map_or(Some(usual), |port| port.parse().ok().filter(|port| *port > 0))?;
    Some((way, host.to_owned(), port))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Letters, digits, points and hyphens: the name of a machine, or an address of four numbers.
fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    !text.is_empty() && text.len() <= 253 && text.bytes().all(allowed)
}

/// What the operator wrote, with nothing in it that moves the cursor, and without a password that stands in an address.
fn printable(text: &str) -> String {
    let after = text.rsplit_once('@').map_or(text, |(_, after)| after);
    after.escape_debug().to_string()
}

fn read_password(path: &Path) -> Result<Zeroizing<String>, MailFault> {
    let unreadable = |source| MailFault::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    let mode = file.metadata().map_err(unreadable)?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(MailFault::OpenToOthers { path: path.to_owned(), mode });
    }
    let mut text = Zeroizing::new(String::with_capacity(LONGEST_PASSWORD as usize + 1));
    file.take(LONGEST_PASSWORD).read_to_string(&mut text).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidData => MailFault::NoPassword(path.to_owned()),
        _ => unreadable(error),
    })?;
    let line = text.trim_end_matches(['\r', '\n']);
    if line.is_empty() || line.contains(char::is_control) {
        return Err(MailFault::NoPassword(path.to_owned()));
    }
    Ok(Zeroizing::new(line.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(text: &str) -> Result<Option<MailSettings>, String> {
        let config: MailConfig = toml::from_str(text).expect("keys of [mail]");
        MailSettings::read(None, Some(&config)).map_err(|error| error.to_string())
    }

    #[test]
    fn addresses_of_servers() {
        for (address, way, host, port) in [
            ("smtps://mail.example.my", Way::Tls, "mail.example.my", 465),
            ("smtps://mail.example.my:4650/", Way::Tls, "mail.example.my", 4650),
            ("smtps://127.0.0.1", Way::Tls, "127.0.0.1", 465),
            ("smtp://mail.example.my", Way::StartTls, "mail.example.my", 587),
            ("smtp://0.0.0.0:25", Way::StartTls, "0.0.0.0", 25),
            ("smtp://126.255.255.255", Way::StartTls, "126.255.255.255", 587),
            ("smtp://127.0.0.1", Way::Plain, "127.0.0.1", 25),
            ("smtp://127.255.255.255:1", Way::Plain, "127.255.255.255", 1),
            ("smtp://128.0.0.1", Way::StartTls, "128.0.0.1", 587),
            ("smtp://localhost:65535", Way::Plain, "localhost", 65_535),
            ("smtp://[::1]:2525", Way::Plain, "::1", 2525),
            ("smtp://[::2]", Way::StartTls, "::2", 587),
        ] {
            assert_eq!(place(address), Some((way, host.to_owned(), port)), "{address}");
        }
        for address in [
            "mail.example.my",
            "http://mail.example.my",
            "smtp://",
            "smtp://host:0",
            "smtp://host:65536",
            "smtp://host:25:26",
            "smtp://user:word@host",
            "smtp://host/path",
            "smtp://host?tls=none",
            "smtp://[::1",
            "smtp://[::1]25",
            "smtp://[host]",
            "smtp://a b",
        ] {
            assert_eq!(place(address), None, "{address}");
        }
        let said = read("from = \"a@example.my\"\nserver = \"smtp://user:word@host\"").expect_err("refused");
        assert!(said.contains("\"host\"") && !said.contains("word"), "{said}");
    }

    #[test]
    fn keys_that_need_others() {
        let from = "from = \"a@example.my\"\n";
        let with = format!("{from}server = \"smtps://mail.example.my\"\n");
        assert!(read("").expect("nothing").is_none());
        assert!(read(from).expect("files").expect("settings").server.is_none());
        assert!(read("server = \"smtps://mail.example.my\"").expect_err("nobody").contains("nobody who writes"));
        assert!(read("user = \"u\"").expect_err("no server").contains("only with server"));
        assert!(read(&format!("{with}user = \"u\"")).expect_err("refused").contains("only with password_file"));
        assert!(read(&format!("{with}password_file = \"/p\"")).expect_err("refused").contains("only with user"));
        assert!(read(&format!("{with}hello = \"a b\"")).expect_err("refused").contains("hello"));
        for (seconds, good) in [(0, false), (1, true), (600, true), (601, false)] {
            assert_eq!(read(&format!("{with}timeout_seconds = {seconds}")).is_ok(), good, "{seconds}");
        }
        let twice = MailConfig { from: Some("a@example.my".to_owned()), ..MailConfig::default() };
        assert!(matches!(MailSettings::read(Some("a@example.my"), Some(&twice)), Err(MailFault::Twice)));
        let server = read(&with).expect("read").expect("settings").server.expect("a server");
        assert_eq!((server.hello.to_string().as_str(), server.timeout.as_secs()), ("example.my", 60));
    }

    #[test]
    fn passwords_are_for_their_owner() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("password");
        assert!(matches!(read_password(&path), Err(MailFault::Unreadable { .. })));
        let written = |text: &[u8], mode: u32| {
            fs::remove_file(&path).ok();
            fs::write(&path, text).expect("written");
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("permissions");
            read_password(&path).map(|word| word.to_string())
        };
        for mode in [0o400, 0o600] {
            assert_eq!(written(b"a secret\r\n", mode).expect("read"), "a secret");
        }
        for mode in [0o440, 0o404, 0o640, 0o644, 0o601, 0o610] {
            assert!(matches!(written(b"a secret\n", mode), Err(MailFault::OpenToOthers { .. })), "{mode:o}");
        }
        for text in [&b""[..], b"\n", b"two\nlines\n", b"\xff\xfe", b"a\0b"] {
            assert!(matches!(written(text, 0o400), Err(MailFault::NoPassword(_))), "{text:?}");
        }
    }
}
