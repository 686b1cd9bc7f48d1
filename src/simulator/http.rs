//! Addresses and pages before the simulator, where the real FPX has its own. Listens on this machine only unless told
//! otherwise: whoever reaches it decides payments.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::{get, post};
use tokio::runtime::Runtime;

use super::folder::KeyFolder;
use super::{Arrival, Back, Deliver, MessageOrder, Simulator, calls, pages};
use crate::fpx::message::{LARGEST_BODY, decode_form};
use crate::fpx::transport::{Endpoint, Endpoints};

/// How often it is looked whether a direct message is due.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long a merchant may take to answer a direct message.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// How it serves.
#[derive(Default)]
pub struct ServerOptions {
    /// Nobody decides: payments go by the sen of their amounts.
    pub headless: bool,
    /// Brings direct messages to merchants; by HTTP when left out.
    pub deliver: Option<Arc<dyn Deliver>>,
    /// Where new certificates are written after a rotation.
    pub folder: Option<KeyFolder>,
}

/// What every request works with.
pub(super) struct Served {
    pub(super) simulator: Arc<Simulator>,
    pub(super) deliver: Arc<dyn Deliver>,
    pub(super) folder: Option<KeyFolder>,
    headless: bool,
}

/// A simulator that serves until it is dropped.
pub struct SimulatorServer {
    address: SocketAddr,
    runtime: Option<Runtime>,
    over: Arc<AtomicBool>,
    sender: Option<JoinHandle<()>>,
}

impl SimulatorServer {
    /// Serves on this listener, in threads of its own. Not to be called, nor dropped, inside asynchronous code.
    ///
    /// # Errors
    /// What the system says.
    pub fn start(simulator: Arc<Simulator>, listener: TcpListener, options: ServerOptions) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let deliver = match options.deliver {
            Some(deliver) => deliver,
            None => Arc::new(HttpDeliver::new().map_err(io::Error::other)?),
        };
        let served = Arc::new(Served { simulator, deliver, folder: options.folder, headless: options.headless });
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let router = router(Arc::clone(&served));
        let listener = {
            let _entered = runtime.enter();
            tokio::net::TcpListener::from_std(listener)?
        };
        runtime.spawn(async move { axum::serve(listener, router).await });
        let over = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&over);
        let sender = thread::Builder::new().name("fpx-direct".to_owned()).spawn(move || {
            while !stop.load(Ordering::Acquire) {
                served.simulator.deliver_due(served.deliver.as_ref());
                thread::sleep(LOOK_EVERY);
            }
        })?;
        Ok(SimulatorServer { address, runtime: Some(runtime), over, sender: Some(sender) })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the program ends.
    pub fn serve_forever(mut self) {
        if let Some(sender) = self.sender.take() {
            // It ends only when it panics.
            let _ = sender.join();
        }
    }
}

impl Drop for SimulatorServer {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        if let Some(sender) = self.sender.take() {
            let _ = sender.join();
        }
    }
}

/// Posts direct messages; `OK` and nothing else, blanks around it aside, acknowledges one.
struct HttpDeliver {
    client: reqwest::blocking::Client,
}

impl HttpDeliver {
    fn new() -> reqwest::Result<HttpDeliver> {
        let builder = || {
            let builder = reqwest::blocking::Client::builder().timeout(ANSWER_WITHIN).no_proxy();
            builder.redirect(reqwest::redirect::Policy::none()).retry(reqwest::retry::never())
        };
        // A machine without authorities can still reach a merchant over plain HTTP.
        let client = builder().build().or_else(|_| builder().tls_certs_only([]).build())?;
        Ok(HttpDeliver { client })
    }
}

impl Deliver for HttpDeliver {
    fn deliver(&self, url: &str, body: &str) -> bool {
        if url.is_empty() {
            return true;
        }
        let request = self.client.post(url).header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(body.to_owned()).send();
        answer.is_ok_and(|answer| answer.status() == 200 && answer.text().is_ok_and(|text| text.trim() == "OK"))
    }
}

type Answer = Response<Body>;

fn router(served: Arc<Served>) -> Router {
    let at = Endpoints::embedded();
    Router::new()
        .route("/", get(overview))
        .route(&at.pay, post(pay))
        .route(&at.enquiry, post(enquiry))
        .route(&at.bank_list, post(bank_list))
        .route(&at.terms, get(|| async { html(StatusCode::OK, pages::terms(), None) }))
        .route("/bank/{id}", get(bank_page).post(bank_decision))
        .route("/authoriser", get(authoriser_page))
        .route("/authoriser/{id}", post(authoriser_decision))
        .route("/admin/{call}", get(admin_look).post(admin_do))
        .fallback(|| async { html(StatusCode::NOT_FOUND, pages::sentence("Not here", "There is no such page."), None) })
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(served)
}

/// Runs what may sign, wait or send outside the threads that serve.
async fn working<T: Send + 'static>(
    served: Arc<Served>,
    work: impl FnOnce(&Served) -> T + Send + 'static,
) -> Result<T, Answer> {
    let done = tokio::task::spawn_blocking(move || work(&served)).await;
    done.map_err(|_| broken("the simulator stumbled; see its log"))
}

/// One of two answers, whichever it is.
fn either(answer: Result<Answer, Answer>) -> Answer {
    answer.unwrap_or_else(|answer| answer)
}

async fn overview(State(served): State<Arc<Served>>) -> Answer {
    let page = working(served, |served| pages::overview(&served.simulator.transactions())).await;
    either(page.map(|page| html(StatusCode::OK, page, None)))
}

async fn pay(State(served): State<Arc<Served>>, body: Bytes) -> Answer {
    either(working(served, move |served| served.pay(&String::from_utf8_lossy(&body))).await)
}

async fn enquiry(State(served): State<Arc<Served>>, body: Bytes) -> Answer {
    question(served, Endpoint::Enquiry, body).await
}

async fn bank_list(State(served): State<Arc<Served>>, body: Bytes) -> Answer {
    question(served, Endpoint::BankList, body).await
}

async fn question(served: Arc<Served>, endpoint: Endpoint, body: Bytes) -> Answer {
    let reply = working(served, move |served| served.simulator.reply(endpoint, &String::from_utf8_lossy(&body))).await;
    match reply {
        Ok(Ok(reply)) => {
            tokio::time::sleep(reply.late.to_std().unwrap_or_default()).await;
            let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            answer(status, "text/plain; charset=utf-8", reply.body)
        }
        Ok(Err(fault)) => broken(&fault.to_string()),
        Err(answer) => answer,
    }
}

async fn bank_page(State(served): State<Arc<Served>>, Path(id): Path<String>) -> Answer {
    either(working(served, move |served| served.bank_page(&id)).await)
}

async fn bank_decision(State(served): State<Arc<Served>>, Path(id): Path<String>, body: Bytes) -> Answer {
    either(working(served, move |served| served.bank_decision(&id, &action(&body))).await)
}

async fn authoriser_page(State(served): State<Arc<Served>>) -> Answer {
    let page = working(served, |served| pages::authoriser(&served.simulator.transactions())).await;
    either(page.map(|page| html(StatusCode::OK, page, None)))
}

async fn authoriser_decision(State(served): State<Arc<Served>>, Path(id): Path<String>, body: Bytes) -> Answer {
    either(working(served, move |served| served.authoriser_decision(&id, &action(&body))).await)
}

async fn admin_look(State(served): State<Arc<Served>>, Path(call): Path<String>, RawQuery(query): RawQuery) -> Answer {
    either(working(served, move |served| calls::look(served, &call, &query.unwrap_or_default())).await)
}

async fn admin_do(
    State(served): State<Arc<Served>>,
    Path(call): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    // A page of somebody else's cannot send JSON here without asking first, and is never allowed to.
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/json") {
        return calls::refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send JSON, with Content-Type: application/json");
    }
    either(working(served, move |served| calls::carry_out(served, &call, &body)).await)
}

impl Served {
    fn pay(&self, body: &str) -> Answer {
        match self.simulator.receive(body) {
            Err(fault) => broken(&fault.to_string()),
            Ok(Arrival::Refused(back)) => self.going_back(&back),
            Ok(Arrival::AtBank(id)) if self.headless => match self.simulator.decide_alone(&id) {
                Ok(back) => self.going_back(&back),
                Err(fault) => broken(&fault.to_string()),
            },
            Ok(Arrival::AtBank(id)) => see_other(&format!("/bank/{id}")),
        }
    }

    fn bank_page(&self, id: &str) -> Answer {
        match self.simulator.transaction(id) {
            Ok(view) if view.stage == super::Stage::AtBank => html(StatusCode::OK, pages::bank(&view), None),
            Ok(_) => gone("This payment has left the bank's page."),
            Err(fault) => html(StatusCode::NOT_FOUND, pages::sentence("Not here", &fault.to_string()), None),
        }
    }

    fn bank_decision(&self, id: &str, action: &str) -> Answer {
        let Some(decision) = pages::pressed(action) else { return gone("The bank has no such button.") };
        match self.simulator.decide(id, &decision) {
            Ok(back) => self.going_back(&back),
            Err(fault) => gone(&fault.to_string()),
        }
    }

    fn authoriser_decision(&self, id: &str, action: &str) -> Answer {
        let done = match action {
            "approve" => self.simulator.authorise(id),
            "reject" => self.simulator.reject(id, None),
            "release" => self.simulator.release(id),
            _ => Ok(()),
        };
        match done {
            Ok(()) => see_other("/authoriser"),
            Err(fault) => gone(&fault.to_string()),
        }
    }

    /// The browser goes back; where FPX's server speaks first, after it has.
    fn going_back(&self, back: &Back) -> Answer {
        if self.simulator.faults().order == MessageOrder::DirectFirst {
            self.simulator.deliver_due(self.deliver.as_ref());
        }
        html(StatusCode::OK, pages::back(back), back.url.as_deref())
    }

    /// Writes the certificates of now where the merchant reads them.
    pub(super) fn write_keys(&self) -> Result<(), String> {
        let Some(folder) = &self.folder else { return Ok(()) };
        folder.write(&self.simulator.keys()).map_err(|fault| fault.to_string())
    }
}

fn action(body: &[u8]) -> String {
    let fields = decode_form(body).unwrap_or_default();
    fields.into_iter().find(|(name, _)| name == "action").map(|(_, value)| value).unwrap_or_default()
}

pub(super) fn answer(status: StatusCode, kind: &str, body: impl Into<Body>) -> Answer {
    let built = Response::builder().status(status).header(CONTENT_TYPE, kind).header("cache-control", "no-store");
    built.body(body.into()).unwrap_or_default()
}

fn html(status: StatusCode, page: String, back_to: Option<&str>) -> Answer {
    let mut answer = answer(status, "text/html; charset=utf-8", page);
    if let Ok(policy) = policy(back_to).parse() {
        answer.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

/// Nothing but our style and our one script; forms go here, or back to the merchant.
fn policy(back_to: Option<&str>) -> String {
    let script = openssl::base64::encode_block(&openssl::sha::sha256(pages::GO_ON.as_bytes()));
    let back = back_to.and_then(|url| reqwest::Url::parse(url).ok()).map(|url| url.origin().ascii_serialization());
    format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{script}'; base-uri 'none'; \
         frame-ancestors 'none'; form-action 'self' {}",
        back.unwrap_or_default()
    )
}

fn see_other(place: &str) -> Answer {
    let built = Response::builder().status(StatusCode::SEE_OTHER).header(LOCATION, place);
    built.body(Body::empty()).unwrap_or_default()
}

fn gone(sentence: &str) -> Answer {
    html(StatusCode::CONFLICT, pages::sentence("That cannot be done", sentence), None)
}

fn broken(sentence: &str) -> Answer {
    html(StatusCode::INTERNAL_SERVER_ERROR, pages::sentence("The simulator is broken", sentence), None)
}
