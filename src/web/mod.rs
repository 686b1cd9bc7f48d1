//! The small web server: where FPX answers, and the pages that employers see. Thin: it reads what came, calls the
//! workflow on a thread that may wait, and fills a page.
//!
//! There are no sessions and no cookies. Whoever has the word in an address may see its page; FPX is known by its
//! signature.

pub mod answer;
mod form;
mod fpx;
pub mod pages;
mod pay;
mod payment;
mod site;
mod verify;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, Response, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::{get, post};

pub use pay::bank_html;
pub use site::{Deliver, Delivered, FpxDesk, Site};

use answer::Answer;
use form::Fields;

use crate::workflow::receipt::{ReceiptError, print_receipt, receipt};

/// The largest body that is read, in bytes: FPX's messages have about 1,200.
pub const LARGEST_BODY: usize = 16 * 1024;
/// The longest that a body may take to come.
const PATIENCE: Duration = Duration::from_secs(10);

type Shared = State<Arc<Site>>;

/// Every address of the server.
pub fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/style.css", get(async || Answer::style(pages::STYLE).response()))
        .route("/fpx-logo.png", get(logo))
        .route("/fpx/direct", post(direct))
        .route("/fpx/return", post(come_back))
        .route("/payment/{token}", get(payment_page))
        .route("/payment/{token}/receipt/{number}", get(receipt_paper_page))
        .route("/pay/{token}", get(pay_page).post(pay_form))
        .route("/verify", get(verify_page))
        .fallback(nowhere)
        .layer(from_fn_with_state(site.clone(), guard))
        .with_state(site)
}

/// Serves until the process ends; every commit stands by itself, so nothing is lost then.
///
/// # Errors
/// When the listener cannot be used.
pub fn serve(site: Arc<Site>, listener: TcpListener) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("web").build()?;
    runtime.block_on(async { axum::serve(tokio::net::TcpListener::from_std(listener)?, router(site)).await })
}

async fn logo(State(site): Shared) -> Response<Body> {
    let logo = site.fpx.as_ref().and_then(|fpx| fpx.merchant.logo.clone());
    logo.map_or_else(|| Answer::text(404, "no"), |bytes| Answer::picture(&bytes)).response()
}

/// Only under our own names, and what a method does not know is refused with the headers of every answer.
async fn guard(State(site): Shared, request: Request, next: Next) -> Response<Body> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if !site.hosts.is_empty() && !site.hosts.iter().any(|own| own.eq_ignore_ascii_case(host)) {
        return Answer::text(421, "this server is not called so").response();
    }
    let response = next.run(request).await;
    if response.headers().contains_key(header::CONTENT_SECURITY_POLICY) {
        return response;
    }
    // An answer that axum made: another method, or a path that is no text.
    let mut own = Answer::text(response.status().as_u16(), "no").response();
    if let Some(allowed) = response.headers().get(header::ALLOW) {
        own.headers_mut().insert(header::ALLOW, allowed.clone());
    }
    own
}

/// Runs what may wait for the database outside the server's own threads.
async fn work(site: Arc<Site>, task: impl FnOnce(&Site) -> Answer + Send + 'static) -> Response<Body> {
    let done = tokio::task::spawn_blocking(move || task(&site)).await;
    // A panic is logged by its thread; the stranger hears nothing of it.
    done.unwrap_or_else(|_| Answer::text(500, "something is wrong here; try again later")).response()
}

/// The body of a form, within its limits; or the refusal.
async fn form_body(request: Request) -> Result<(HeaderMap, Vec<u8>), Answer> {
    let (parts, body) = request.into_parts();
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Answer::text(415, "only application/x-www-form-urlencoded is taken"));
    }
    match tokio::time::timeout(PATIENCE, to_bytes(body, LARGEST_BODY)).await {
        Ok(Ok(bytes)) => Ok((parts.headers, bytes.to_vec())),
        Ok(Err(_)) => Err(Answer::text(413, "the body has more than 16384 bytes, or broke off")),
        Err(_) => Err(Answer::text(408, "the body did not come in time")),
    }
}

/// What stands behind `?`.
fn asked(request: &Request) -> Fields {
    request.uri().query().and_then(|query| Fields::read(query.as_bytes())).unwrap_or_default()
}

async fn direct(State(site): Shared, request: Request) -> Response<Body> {
    match form_body(request).await {
        Ok((_, body)) => work(site, move |site| fpx::direct(site, body)).await,
        Err(refusal) => refusal.response(),
    }
}

async fn come_back(State(site): Shared, request: Request) -> Response<Body> {
    let fields = asked(&request);
    match form_body(request).await {
        Ok((_, body)) => work(site, move |site| fpx::come_back(site, body, &fields)).await,
        Err(refusal) => refusal.response(),
    }
}

async fn payment_page(State(site): Shared, Path(token): Path<String>, request: Request) -> Response<Body> {
    let fields = asked(&request);
    work(site, move |site| payment::show(site, &token, &fields)).await
}

async fn receipt_paper_page(
    State(site): Shared,
    Path((token, number)): Path<(String, String)>,
    request: Request,
) -> Response<Body> {
    let fields = asked(&request);
    work(site, move |site| payment::receipt(site, &token, &number, &fields)).await
}

async fn pay_page(State(site): Shared, Path(token): Path<String>, request: Request) -> Response<Body> {
    let fields = asked(&request);
    work(site, move |site| pay::show(site, &token, &fields)).await
}

async fn pay_form(State(site): Shared, Path(token): Path<String>, request: Request) -> Response<Body> {
    let fields = asked(&request);
    let (headers, body) = match form_body(request).await {
        Ok(form) => form,
        Err(refusal) => return refusal.response(),
    };
    // The word in the address is the permission; that another site sends the form is odd all the same.
    if headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return Answer::text(403, "this form was sent from another site").response();
    }
    let Some(form) = Fields::read(&body) else { return Answer::text(400, "this is no form").response() };
    work(site, move |site| pay::proceed(site, &token, &fields, &form)).await
}

async fn verify_page(State(site): Shared, request: Request) -> Response<Body> {
    let fields = asked(&request);
    work(site, move |site| verify::show(site, &fields)).await
}

async fn nowhere(State(site): Shared, request: Request) -> Response<Body> {
    let fields = asked(&request);
    work(site, move |site| site.not_found(site::language(&fields, None))).await
}

/// The PDF of an official receipt; rendered and kept the first time.
fn receipt_paper(site: &Site, number: &str) -> Result<Vec<u8>, ReceiptError> {
    let found = receipt(&site.store, number)?;
    print_receipt(&site.store, &site.receipt_key, &found.frozen, (site.clock)())
}
