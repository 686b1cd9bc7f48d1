//! What a handler answers: made without a server, so that it can be looked at without one.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};

use super::pages::policy;

/// An answer of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// What the body is.
    pub kind: &'static str,
    /// The body.
    pub body: Vec<u8>,
    /// Where to go instead.
    pub location: Option<String>,
    /// The security policy of the page, where it is not the usual one.
    pub policy: Option<String>,
    /// The name under which a browser saves it; for what is no page.
    pub file_name: Option<String>,
}

impl Answer {
    /// A page.
    pub fn page(status: u16, page: String) -> Answer {
        Answer { status, kind: "text/html; charset=utf-8", body: page.into_bytes(), ..Answer::empty() }
    }

    /// A few words for a program.
    pub fn text(status: u16, text: &str) -> Answer {
        Answer { status, kind: "text/plain; charset=utf-8", body: text.as_bytes().to_vec(), ..Answer::empty() }
    }

    /// Look there, with a GET.
    pub fn see(path: String) -> Answer {
        Answer { status: 303, location: Some(path), ..Answer::empty() }
    }

    /// A document.
    pub fn document(file_name: String, bytes: Vec<u8>) -> Answer {
        Answer { kind: "application/pdf", body: bytes, file_name: Some(file_name), ..Answer::empty() }
    }

    /// A PNG.
    pub fn picture(bytes: &[u8]) -> Answer {
        Answer { kind: "image/png", body: bytes.to_vec(), ..Answer::empty() }
    }

    /// The style of the pages; with pictures the only thing that a browser may keep.
    pub fn style(text: &str) -> Answer {
        Answer { kind: "text/css; charset=utf-8", body: text.as_bytes().to_vec(), ..Answer::empty() }
    }

    const fn empty() -> Answer {
        Answer {
            status: 200,
            kind: "text/plain; charset=utf-8",
            body: Vec::new(),
            location: None,
            policy: None,
            file_name: None,
        }
    }

    /// As it goes out, with the headers that every answer has.
    pub fn response(self) -> Response<Body> {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let keep =
            if self.kind.starts_with("text/css") || self.kind == "image/png" { "max-age=3600" } else { "no-store" };
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = status;
        let mut set = |name: HeaderName, value: &str| {
            // A value that no header can carry is left out; ours are ASCII.
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(name, value);
            }
        };
        set(header::CONTENT_TYPE, self.kind);
        set(header::CACHE_CONTROL, keep);
        let policy = self.policy.unwrap_or_else(|| policy("'self'"));
        set(header::CONTENT_SECURITY_POLICY, &format!("{policy}; frame-ancestors 'none'"));
        for (name, value) in HEADERS {
            set(HeaderName::from_static(name), value);
        }
        if let Some(location) = self.location {
            set(header::LOCATION, &location);
        }
        if let Some(name) = self.file_name {
            set(header::CONTENT_DISPOSITION, &format!("inline; filename=\"{name}\""));
        }
        response
    }
}

/// Headers of every answer. HSTS counts behind the office's own TLS only, and is ignored elsewhere.
const HEADERS: [(&str, &str); 7] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("strict-transport-security", "max-age=31536000"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=()"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_is_guarded() {
        for answer in [Answer::page(200, "x".to_owned()), Answer::text(404, "x"), Answer::see("/x".to_owned())] {
            let response = answer.response();
            let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
            assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
            assert!(!header("content-security-policy").contains("unsafe"));
            assert_eq!((header("cache-control"), header("x-content-type-options")), ("no-store", "nosniff"));
            assert_eq!(header("referrer-policy"), "no-referrer");
            assert_eq!(header("set-cookie"), "");
        }
    }
}
