//! Mails go to the mail server: one connection for many, TLS from settings, and what a refusal means.

use std::fmt::Display;
use std::io;
use std::time::Duration;

use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Noop, Rcpt, Rset};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;

use super::MailAddress;
use super::server::{MailServer, Way};
use crate::domain::identity::mask_numbers;

/// A goodbye is waited for no longer.
const GOODBYE: Duration = Duration::from_secs(2);
/// The most letters of what a server said that are kept.
const MOST_LETTERS: usize = 300;

/// A mail was not sent, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendFault {
    /// The server cannot be used at all: no mail will pass before this is over.
    #[error("the mail server cannot be used: {0}")]
    Server(String),
    /// It does not take this mail now.
    #[error("the mail server does not take it yet: {0}")]
    NotYet(String),
    /// It never takes this mail.
    #[error("the mail server refuses it: {0}")]
    Refused(String),
}

/// An open connection to the mail server.
pub struct MailLine {
    connection: SmtpConnection,
}

impl MailServer {
    /// Connects, encrypts and says who we are.
    ///
    /// # Errors
    /// [`SendFault::Server`].
    pub fn connect(&self) -> Result<MailLine, SendFault> {
        let fault = |error: smtp::Error| SendFault::Server(said(&error));
        let tls = match self.way {
            Way::Plain => None,
            // Made anew each time: what the operating system trusts may have changed. Needs no authorities without TLS.
            Way::StartTls | Way::Tls => Some(TlsParameters::new(self.host.clone()).map_err(fault)?),
        };
        let at_once = if self.way == Way::Tls { tls.as_ref() } else { None };
        let place = (self.host.as_str(), self.port);
        let connection =
            SmtpConnection::connect(place, Some(self.timeout), &self.hello, at_once, None).map_err(fault)?;
        let mut line = MailLine { connection };
        if let (Way::StartTls, Some(tls)) = (self.way, &tls) {
            if !line.connection.can_starttls() {
                let why = "it offers no TLS (STARTTLS), which is needed for every server but one on this machine";
                return Err(SendFault::Server(why.to_owned()));
            }
            line.connection.starttls(tls, &self.hello).map_err(fault)?;
        }
        if let Some(login) = &self.login {
            let word = login.password().map_err(|error| SendFault::Server(error.to_string()))?;
            let credentials = Credentials::new(login.user.clone(), word.to_string());
            line.connection.auth(DEFAULT_MECHANISMS, &credentials).map_err(fault)?;
        }
        Ok(line)
    }
}

impl MailLine {
    /// Whether the server is still there.
    pub fn is_alive(&mut self) -> bool {
        self.connection.command(Noop).is_ok()
    }

    /// Sends these bytes, a whole mail, to one address. After [`SendFault::Server`] the line is of no use any more; the
    /// mail may have arrived.
    ///
    /// # Errors
    /// [`SendFault`].
    pub fn send(&mut self, from: &MailAddress, to: &MailAddress, mail: &[u8]) -> Result<(), SendFault> {
        let done = self.try_to_send(from, to, mail);
        if let Err(SendFault::NotYet(_) | SendFault::Refused(_)) = done {
            // What was begun is forgotten, and the line serves the next mail.
            self.connection.command(Rset).map_err(|error| SendFault::Server(said(&error)))?;
        }
        done
    }

    fn try_to_send(&mut self, from: &MailAddress, to: &MailAddress, mail: &[u8]) -> Result<(), SendFault> {
        let mut parameters = Vec::new();
        if !mail.is_ascii() {
            if !self.connection.server_info().supports_feature(Extension::EightBitMime) {
                return Err(SendFault::Refused("it takes letters of 7 bits only".to_owned()));
            }
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        // All mails have one sender: who does not take it takes nothing of ours.
        self.command(Mail::new(Some(from.0.email.clone()), parameters)).map_err(|fault| match fault {
            SendFault::Refused(why) => SendFault::Server(why),
            other => other,
        })?;
        self.command(Rcpt::new(to.0.email.clone(), Vec::new()))?;
        self.command(Data)?;
        // The library ends the last line itself.
        let mail = mail.strip_suffix(b"\r\n").unwrap_or(mail);
        self.connection.message(mail).map(|_| ()).map_err(|error| fault(&error))
    }

    fn command(&mut self, command: impl Display) -> Result<Response, SendFault> {
        self.connection.command(command).map_err(|error| fault(&error))
    }
}

impl Drop for MailLine {
    fn drop(&mut self) {
        // Only politeness: what was sent was answered.
        let _ = self.connection.set_timeout(Some(GOODBYE));
        self.connection.abort();
    }
}

/// What a broken step means.
fn fault(error: &smtp::Error) -> SendFault {
    let text = said(error);
    match error.status().and_then(|code| code.to_string().parse::<u16>().ok()) {
        // The server goes away, or wants to know first who we are.
        Some(421 | 503 | 530 | 534 | 535 | 538) | None => SendFault::Server(text),
        Some(_) if error.is_transient() => SendFault::NotYet(text),
        Some(_) => SendFault::Refused(text),
    }
}

/// The innermost reason, behind the code of an answer; without addresses and numbers of people, which servers repeat.
fn said(error: &smtp::Error) -> String {
    let mut reason: &dyn std::error::Error = error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    // A socket whose time is over says either, as the system likes.
    let late = [io::ErrorKind::TimedOut, io::ErrorKind::WouldBlock];
    if reason.downcast_ref::<io::Error>().is_some_and(|error| late.contains(&error.kind())) {
        return "no answer in time".to_owned();
    }
    let text = plain(&reason.to_string());
    error.status().map_or(text.clone(), |code| format!("{code} {text}").trim_end().to_owned())
}

fn plain(text: &str) -> String {
    let hidden = |word: &str| if word.contains('@') { "…".to_owned() } else { word.to_owned() };
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let text = mask_numbers(&words.map(hidden).collect::<Vec<_>>().join(" "));
    text.chars().take(MOST_LETTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_servers_repeat_is_hidden() {
        let text = plain("5.1.1 <payroll@example.my>: no\r\nsuch\u{1b}[2J user 900101149991");
        assert_eq!(text, "5.1.1 … no such [2J user ********9991");
        assert_eq!(plain(&"x".repeat(400)).len(), MOST_LETTERS);
    }
}
