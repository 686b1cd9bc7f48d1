//! FPX over the network. Every fault means "no answer": a payment is never failed by a broken line.

use std::error::Error as _;
use std::io::Read;
use std::time::Duration;

use reqwest::blocking::{Client, RequestBuilder};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;

use super::transport::{Endpoint, FpxHost, Transport, TransportError};

/// The longest that a connection may take to stand.
const CONNECT: Duration = Duration::from_secs(10);
/// The longest that a question may take from its start to the last byte of its answer.
const TOTAL: Duration = Duration::from_secs(30);
/// The most bytes of an answer that are read.
const MOST_BYTES: usize = 64 * 1024;

/// Asks over HTTPS: certificates are checked, nothing is asked twice, no redirection is followed.
#[derive(Debug, Clone)]
pub struct HttpTransport {
    client: Client,
    host: FpxHost,
    total: Duration,
}

impl HttpTransport {
    /// Ready to ask this host. Not to be called, nor dropped, inside asynchronous code.
    ///
    /// # Errors
    /// [`TransportError::Refused`] when the system gives no TLS or no thread.
    pub fn new(host: FpxHost) -> Result<HttpTransport, TransportError> {
        let builder = Client::builder()
            .user_agent(concat!("caruman/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .https_only(host.is_encrypted());
        // What stays on this machine goes past any proxy of the office.
        let builder = if host.is_loopback() { builder.no_proxy() } else { builder };
        // Plain HTTP needs no authorities, and a small machine may have none.
        let builder = if host.is_encrypted() { builder } else { builder.tls_certs_only([]) };
        let client = builder.build().map_err(|error| described(&error))?;
        Ok(HttpTransport { client, host, total: TOTAL })
    }

    /// Where it asks.
    pub const fn host(&self) -> &FpxHost {
        &self.host
    }
}

impl Transport for HttpTransport {
    fn ask(&self, endpoint: Endpoint, body: &str) -> Result<Vec<u8>, TransportError> {
        let request = self.client.post(self.host.of(endpoint)).body(body.to_owned());
        // The limit of the request, unlike that of the client, also ends a body that trickles.
        read(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").timeout(self.total))
    }
}

fn read(request: RequestBuilder) -> Result<Vec<u8>, TransportError> {
    let response = request.send().map_err(|error| described(&error))?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(TransportError::Status(status));
    }
    let mut bytes = Vec::new();
    let limit = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    response.take(limit).read_to_end(&mut bytes).map_err(|error| {
        let cause = error.get_ref().and_then(|inner| inner.downcast_ref::<reqwest::Error>());
        cause.map_or_else(|| TransportError::Refused(error.to_string()), described)
    })?;
    if bytes.len() > MOST_BYTES { Err(TransportError::TooLarge(MOST_BYTES)) } else { Ok(bytes) }
}

/// The innermost reason says most; the address stands in the settings.
fn described(error: &reqwest::Error) -> TransportError {
    if error.is_timeout() {
        return TransportError::Timeout;
    }
    let mut reason: &dyn std::error::Error = error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    let said = if error.source().is_some() { reason.to_string() } else { "the connection failed".to_owned() };
    TransportError::Refused(said)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Answers one request with these pieces, a while apart.
    fn answering(pieces: Vec<Vec<u8>>, pause: Duration) -> FpxHost {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            for piece in pieces {
                thread::sleep(pause);
                if stream.write_all(&piece).is_err() {
                    return;
                }
            }
        });
        FpxHost::read(&format!("http://{address}")).expect("a host")
    }

    fn asked(host: FpxHost, total: Duration) -> Result<Vec<u8>, TransportError> {
        let transport = HttpTransport { total, ..HttpTransport::new(host).expect("a client") };
        transport.ask(Endpoint::Enquiry, "a=1")
    }

    fn answer(head: &str, body: &[u8]) -> Vec<Vec<u8>> {
        let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        vec![[head.as_bytes(), body].concat()]
    }

    #[test]
    fn an_answer_is_taken_to_the_limit_and_no_further() {
        let long = |length| answer("200 OK", &vec![b'x'; length]);
        let ask = |pieces| asked(answering(pieces, Duration::ZERO), TOTAL);
        assert_eq!(ask(long(0)), Ok(Vec::new()));
        assert_eq!(ask(long(MOST_BYTES)).map(|bytes| bytes.len()), Ok(MOST_BYTES));
        assert_eq!(ask(long(MOST_BYTES + 1)), Err(TransportError::TooLarge(MOST_BYTES)));
    }

    #[test]
    fn what_is_no_answer_is_said() {
        let ask = |head: &str| asked(answering(answer(head, b"x"), Duration::ZERO), TOTAL);
        assert_eq!(ask("500 Broken"), Err(TransportError::Status(500)));
        assert_eq!(ask("302 Found\r\nLocation: http://127.0.0.1:1/"), Err(TransportError::Status(302)));
        assert_eq!(ask("204 Nothing"), Err(TransportError::Status(204)));
        let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
        let refused = asked(FpxHost::read(&format!("http://{nobody}")).expect("a host"), TOTAL);
        assert!(matches!(refused, Err(TransportError::Refused(_))), "{refused:?}");
        let cut =
            asked(answering(vec![b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx".to_vec()], Duration::ZERO), TOTAL);
        assert!(matches!(cut, Err(TransportError::Refused(_))), "{cut:?}");
    }

    #[test]
    fn a_slow_answer_is_none() {
        let pause = Duration::from_millis(100);
        let silent = asked(answering(answer("200 OK", b"x"), 20 * pause), 3 * pause);
        assert_eq!(silent, Err(TransportError::Timeout));
        let mut trickle = vec![b"HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n".to_vec()];
        trickle.extend(std::iter::repeat_n(b"x".to_vec(), 60));
        assert_eq!(asked(answering(trickle, pause), 5 * pause), Err(TransportError::Timeout));
    }

    #[test]
    fn a_host_that_no_authority_vouches_for_is_not_told_anything() {
        use openssl::ssl::{SslAcceptor, SslMethod};
        let key = crate::fpx::sign::MerchantKey::generate().expect("a key");
        let now = chrono::Utc::now();
        let days = chrono::Duration::days(1);
        let certificate = key.self_signed("localhost", 1, now - days, now + days).expect("a certificate");
        let pem = key.private_pem().expect("PEM");
        let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).expect("TLS");
        let private = openssl::pkey::PKey::private_key_from_pem(&pem).expect("a key");
        acceptor.set_private_key(&private).expect("taken");
        acceptor.set_certificate(&openssl::x509::X509::from_pem(&certificate).expect("one")).expect("taken");
        let acceptor = acceptor.build();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let server = thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a connection");
            acceptor.accept(stream).is_ok()
        });
        // Where the machine has no authorities at all, there is no client to begin with.
        let host = FpxHost::read(&format!("https://localhost:{port}")).expect("a host");
        let asked = HttpTransport::new(host).and_then(|transport| transport.ask(Endpoint::Enquiry, "a=1"));
        assert!(matches!(asked, Err(TransportError::Refused(_))), "{asked:?}");
        if asked.is_err_and(|error| error.to_string().contains("certificate")) {
            assert!(!server.join().expect("ended"), "no handshake, no message");
        }
    }
}
