//! The way to FPX: a question goes out, bytes come back or nothing does. [`http`](super::http) asks over the network, the
//! simulator answers in the same process.

use std::sync::LazyLock;

use reqwest::Url;
use serde::Deserialize;

use super::{TableError, read_table};

const FILE: &str = "endpoints.toml";
const TEXT: &str = include_str!("../../formats/fpx/endpoints.toml");

static EMBEDDED: LazyLock<Endpoints> =
    LazyLock::new(|| Endpoints::from_toml(TEXT).expect("a test reads endpoints.toml"));

/// A question that our server asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// AE: what became of a payment; the reply is an AC.
    Enquiry,
    /// BE: which banks are open; the reply is a BC.
    BankList,
}

/// Asks FPX.
pub trait Transport: Send + Sync {
    /// Sends the body of a signed form and gives the bytes of the reply, whatever they are.
    ///
    /// # Errors
    /// [`TransportError`]: there is no answer, which says nothing about a payment.
    fn ask(&self, endpoint: Endpoint, body: &str) -> Result<Vec<u8>, TransportError>;
}

/// FPX gave no answer. The payment may have gone through or not: ask again later.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Nothing came in the time there was.
    #[error("FPX did not answer in time")]
    Timeout,
    /// No connection, or it broke.
    #[error("FPX cannot be reached: {0}")]
    Refused(String),
    /// Another HTTP status than 200.
    #[error("FPX answered with the HTTP status {0}")]
    Status(u16),
    /// More bytes than any message has.
    #[error("the answer of FPX has more than {0} bytes")]
    TooLarge(usize),
}

/// Paths on FPX's host.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoints {
    /// The day on which they were last compared with their source.
    pub last_day_checked: chrono::NaiveDate,
    /// Where the employer's browser takes an AR.
    pub pay: String,
    /// Where AE goes.
    pub enquiry: String,
    /// Where BE goes.
    pub bank_list: String,
    /// FPX's terms and conditions, for people.
    pub terms: String,
}

impl Endpoints {
    /// Those that are compiled in.
    pub fn embedded() -> &'static Endpoints {
        &EMBEDDED
    }

    /// Reads a file in the shape of `formats/fpx/endpoints.toml`.
    ///
    /// # Errors
    /// [`TableError`]: another shape, something that is no path, the same path twice.
    pub fn from_toml(text: &str) -> Result<Endpoints, TableError> {
        let endpoints: Endpoints = read_table(FILE, text)?;
        let paths = [&endpoints.pay, &endpoints.enquiry, &endpoints.bank_list, &endpoints.terms];
        for (at, path) in paths.iter().enumerate() {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
            if !path.starts_with('/') || path.contains("//") || !path.bytes().all(allowed) {
                return Err(TableError { file: FILE, what: format!("\"{path}\" is no path") });
            }
            if paths[..at].contains(path) {
                return Err(TableError { file: FILE, what: format!("\"{path}\" stands twice") });
            }
        }
        Ok(endpoints)
    }

    /// The path of a question.
    pub fn path(&self, endpoint: Endpoint) -> &str {
        match endpoint {
            Endpoint::Enquiry => &self.enquiry,
            Endpoint::BankList => &self.bank_list,
        }
    }
}

/// The host of an FPX environment, `https://host` or, on this machine only, `http://127.0.0.1:8800`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FpxHost(Url);

/// The address of FPX in the settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostFault {
    /// No address, or more than a host and a port.
    #[error("the address of FPX must be https:// and a host, nothing behind it, not \"{0}\"")]
    NoHost(String),
    /// Plain HTTP to another machine.
    #[error("the address of FPX must begin with https://; http:// is for a simulator on this machine only")]
    NotEncrypted,
}

impl FpxHost {
    /// Reads an address of the settings.
    ///
    /// # Errors
    /// [`HostFault`].
    pub fn read(text: &str) -> Result<FpxHost, HostFault> {
        let no_host = || HostFault::NoHost(text.to_owned());
        let url = Url::parse(text.trim()).map_err(|_| no_host())?;
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        match url.scheme() {
            "https" | "http" if !bare || url.host_str().is_none() => Err(no_host()),
            "https" => Ok(FpxHost(url)),
            "http" if is_loopback(&url) => Ok(FpxHost(url)),
            "http" => Err(HostFault::NotEncrypted),
            _ => Err(no_host()),
        }
    }

    /// Whether it is asked over TLS.
    pub fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// Scheme, host and port, for a policy that says where a page may send its form.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Where the employer's browser takes an AR.
    pub fn pay(&self) -> String {
        self.with(&Endpoints::embedded().pay)
    }

    /// FPX's terms and conditions, for people.
    pub fn terms(&self) -> String {
        self.with(&Endpoints::embedded().terms)
    }

    /// Where a question goes.
    pub fn of(&self, endpoint: Endpoint) -> String {
        self.with(Endpoints::embedded().path(endpoint))
    }

    fn with(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }
}

fn is_loopback(url: &Url) -> bool {
    // The host of such an address is a name, an IPv4 address or an IPv6 address in brackets.
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_whole() {
        let endpoints = Endpoints::from_toml(TEXT).expect("endpoints.toml");
        assert_eq!(endpoints.path(Endpoint::Enquiry), "/FPXMain/sellerNVPTxnStatus.jsp");
        assert_eq!(endpoints.path(Endpoint::BankList), "/FPXMain/RetrieveBankList");
        for (from, to) in [
            ("\"/FPXMain/RetrieveBankList\"", "\"FPXMain/RetrieveBankList\""),
            ("\"/FPXMain/RetrieveBankList\"", "\"/FPXMain//RetrieveBankList\""),
            ("\"/FPXMain/RetrieveBankList\"", "\"/FPXMain/a?b\""),
            ("\"/FPXMain/RetrieveBankList\"", "\"/FPXMain/seller2DReceiver.jsp\""),
            ("terms", "term"),
        ] {
            assert!(Endpoints::from_toml(&TEXT.replace(from, to)).is_err(), "{to}");
        }
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        let host = FpxHost::read("https://fpx.example/").expect("a host");
        assert_eq!(host.pay(), "https://fpx.example/FPXMain/seller2DReceiver.jsp");
        assert_eq!(host.terms(), "https://fpx.example/FPXMain/termsAndConditions.jsp");
        assert_eq!(host.of(Endpoint::BankList), "https://fpx.example/FPXMain/RetrieveBankList");
        assert!(host.is_encrypted() && !host.is_loopback());
        for text in ["http://127.0.0.1:8800", "http://127.255.255.255", "http://localhost:1", "http://[::1]:8800/"] {
            assert!(FpxHost::read(text).is_ok_and(|host| host.is_loopback()), "{text}");
        }
        assert_eq!(FpxHost::read("http://[::1]:8800").map(|host| host.origin()).as_deref(), Ok("http://[::1]:8800"));
        for text in ["http://fpx.example", "http://126.255.255.255", "http://128.0.0.1", "http://localhost.example"] {
            assert_eq!(FpxHost::read(text), Err(HostFault::NotEncrypted), "{text}");
        }
        for text in ["", "fpx.example", "ftp://fpx.example", "https://fpx.example/FPXMain", "https://a:b@fpx.example"] {
            assert_eq!(FpxHost::read(text), Err(HostFault::NoHost(text.to_owned())), "{text}");
        }
    }
}
