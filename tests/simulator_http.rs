//! The bank in a box over HTTP: the merchant's own client, a browser's way, and calls of scripts.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use caruman::domain::{PaymentModel, Sen};
use caruman::fpx::bank_list::{BankListCache, BankListSettings};
use caruman::fpx::banks::Environment;
use caruman::fpx::http::HttpTransport;
use caruman::fpx::limits::Limits;
use caruman::fpx::message::{BankAnswer, PaymentOrder, PaymentRequest, encode_form, parse};
use caruman::fpx::sign::{FpxCertificates, MerchantKey, MerchantKeys};
use caruman::fpx::transport::{Endpoint, FpxHost, Transport, TransportError};
use caruman::fpx::value::FpxTime;
use caruman::simulator::Simulator;
use caruman::simulator::folder::{EXCHANGE_ID, KeyFolder, SELLER_ID};
use caruman::simulator::http::{ServerOptions, SimulatorServer};
use chrono::{DateTime, FixedOffset};

/// A simulator with its folder, as the command starts it, and the merchant's half.
struct Bench {
    server: SimulatorServer,
    simulator: Arc<Simulator>,
    key: MerchantKey,
    certificates: FpxCertificates,
    transport: Arc<HttpTransport>,
    direct: Arc<Mutex<Vec<String>>>,
    folder: tempfile::TempDir,
}

fn now() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-11-23T10:00:00+08:00").expect("a moment")
}

impl Bench {
    fn new(headless: bool) -> Bench {
        let place = tempfile::tempdir().expect("a folder");
        let (folder, keys) = KeyFolder::open(place.path(), now()).expect("made");
        let back = "http://127.0.0.1:9/return".to_owned();
        let merchant = folder.merchant(Some("direct".to_owned()), Some(back)).expect("a merchant");
        let key = MerchantKey::load(&folder.merchant_key()).expect("a key");
        let certificates = FpxCertificates::load(&folder.certificates()).expect("certificates");
        let simulator = Arc::new(Simulator::new(Box::new(now), keys, vec![merchant]));
        let direct = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&direct);
        let deliver = Arc::new(move |url: &str, body: &str| {
            assert_eq!(url, "direct");
            heard.lock().expect("a list").push(body.to_owned());
            true
        });
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let options = ServerOptions { headless, deliver: Some(deliver), folder: Some(folder) };
        let server = SimulatorServer::start(Arc::clone(&simulator), listener, options).expect("started");
        let host = FpxHost::read(&format!("http://{}", server.address())).expect("a host");
        let transport = Arc::new(HttpTransport::new(host).expect("a client"));
        Bench { server, simulator, key, certificates, transport, direct, folder: place }
    }

    fn request(&self, model: PaymentModel, number: u32, sen: i64) -> PaymentRequest {
        let order = PaymentOrder {
            model,
            exchange_id: EXCHANGE_ID.to_owned(),
            seller_id: SELLER_ID.to_owned(),
            exchange_order_number: format!("PKS20261123{number:06}"),
            seller_order_number: format!("T{number:010}"),
            time: FpxTime::of(&now()),
            amount: Sen(sen),
            bank: "TEST0022".to_owned(),
            buyer_name: String::new(),
            buyer_mail: String::new(),
            description: "CARUMAN 102026".to_owned(),
        };
        PaymentRequest::new(&order, Limits::embedded()).expect("a request")
    }

    fn body(&self, request: &PaymentRequest) -> String {
        request.signed(&self.key).expect("signed").body()
    }

    fn read(&self, body: &[u8]) -> BankAnswer {
        parse(body, &self.certificates, now()).expect("an answer")
    }

    fn ask(&self, request: &PaymentRequest) -> Result<Vec<u8>, TransportError> {
        self.transport.ask(Endpoint::Enquiry, &self.body(&request.enquiry()))
    }

    /// One exchange as a browser has it: status and head, body.
    fn browse(&self, method: &str, path: &str, kind: &str, body: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.server.address()).expect("connected");
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: fpx\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        (head.to_owned(), body.to_owned())
    }

    fn post(&self, path: &str, body: &str) -> (String, String) {
        self.browse("POST", path, "application/x-www-form-urlencoded", body)
    }

    fn call(&self, call: &str, body: &str) -> (String, String) {
        self.browse("POST", &format!("/admin/{call}"), "application/json", body)
    }

    /// The AC in the page that sends the browser back.
    fn returned(&self, page: &str) -> BankAnswer {
        let fields = page.split("<input type=\"hidden\" name=\"").skip(1).map(|piece| {
            let (name, rest) = piece.split_once("\" value=\"").expect("a field");
            let value = rest.split('"').next().expect("a value");
            (name, value.replace("&#39;", "'").replace("&quot;", "\"").replace("&amp;", "&"))
        });
        let fields: Vec<(&str, String)> = fields.collect();
        self.read(encode_form(fields.iter().map(|(name, value)| (*name, value.as_str()))).as_bytes())
    }

    fn codes_heard(&self) -> Vec<String> {
        let heard = self.direct.lock().expect("a list");
        heard.iter().map(|body| code(&self.read(body.as_bytes()))).collect()
    }

    fn wait_for(&self, count: usize) {
        let begun = Instant::now();
        while self.direct.lock().expect("a list").len() < count && begun.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn code(answer: &BankAnswer) -> String {
    answer.debit_code.as_ref().expect("a code").to_string()
}

#[test]
fn the_client_asks_the_server() {
    let bench = Bench::new(true);
    let settings = BankListSettings {
        environment: Environment::Uat,
        exchange_id: EXCHANGE_ID.to_owned(),
        keys: MerchantKeys { active: bench.key.clone(), next: None },
        certificates: bench.certificates.clone(),
    };
    let cache = BankListCache::new(Arc::<HttpTransport>::clone(&bench.transport), settings);
    let offered = cache.offers(PaymentModel::B2c, now());
    assert_eq!((offered.as_of, offered.stale, offered.unknown.len()), (Some(now()), false, 0));
    assert!(offered.banks.iter().any(|bank| bank.code == "BOCM01" && bank.offline));
    let request = bench.request(PaymentModel::B2c, 1, 10_051);
    assert_eq!(code(&bench.read(&bench.ask(&request).expect("a reply"))), "76");
    let (head, page) = bench.post("/FPXMain/seller2DReceiver.jsp", &bench.body(&request));
    assert!(head.starts_with("HTTP/1.1 200") && page.contains("action=\"http://127.0.0.1:9/return\""), "{head}{page}");
    assert!(head.contains("form-action 'self' http://127.0.0.1:9") && head.contains("script-src 'sha256-"), "{head}");
    assert_eq!(code(&bench.returned(&page)), "51");
    assert_eq!(bench.codes_heard(), ["51"], "the server speaks first");
    assert_eq!(code(&bench.read(&bench.ask(&request).expect("a reply"))), "51");
    for (fault, expected) in [("enquiry-500", Err(TransportError::Status(500))), ("enquiry-empty", Ok(Vec::new()))] {
        assert!(bench.call("faults", &format!("{{\"faults\": [\"{fault}\"]}}")).0.starts_with("HTTP/1.1 200"));
        assert_eq!(bench.ask(&request), expected);
    }
    bench.call("faults", "{\"faults\": [\"enquiry-slow=1\", \"enquiry-newline\"]}");
    bench.call("faults", "{\"faults\": [\"enquiry-slow=1\"]}");
    let begun = Instant::now();
    assert!(bench.ask(&request).is_ok() && begun.elapsed() >= Duration::from_secs(1));
}

#[test]
fn a_maker_submits_and_an_authoriser_approves() {
    let bench = Bench::new(false);
    let request = bench.request(PaymentModel::B2b1, 1, 9_876_540);
    let (head, _) = bench.post("/FPXMain/seller2DReceiver.jsp", &bench.body(&request));
    let place = head.lines().find_map(|line| line.strip_prefix("location: ")).expect("goes to the bank").to_owned();
    assert!(head.starts_with("HTTP/1.1 303"), "{head}");
    let (_, page) = bench.browse("GET", &place, "text/html", "");
    assert!(page.contains("RM 98765.40") && page.contains("logged in as the maker"), "{page}");
    assert!(bench.post(&place, "action=nothing").0.starts_with("HTTP/1.1 409"));
    let (_, page) = bench.post(&place, "account=x&action=submit");
    assert_eq!(code(&bench.returned(&page)), "99");
    assert!(bench.post(&place, "action=approve").0.starts_with("HTTP/1.1 409"), "only once");
    assert!(bench.browse("GET", &place, "text/html", "").0.starts_with("HTTP/1.1 409"));
    let (_, page) = bench.browse("GET", "/authoriser", "text/html", "");
    let action = page.split("action=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a form").to_owned();
    assert!(bench.post(&action, "action=ignore").0.starts_with("HTTP/1.1 303"));
    assert!(bench.post(&action, "action=approve").0.starts_with("HTTP/1.1 303"));
    bench.wait_for(2);
    assert_eq!(bench.codes_heard(), ["99", "00"]);
    let (_, page) = bench.browse("GET", "/", "text/html", "");
    assert!(page.contains("PKS20261123000001") && page.contains("98765.40"), "{page}");
    let (head, page) = bench.browse("GET", "/FPXMain/termsAndConditions.jsp", "text/html", "");
    assert!(head.starts_with("HTTP/1.1 200") && page.contains("no real money"));
    assert!(bench.browse("GET", "/bank/1", "text/html", "").0.starts_with("HTTP/1.1 404"));
    assert!(bench.browse("GET", "/elsewhere", "text/html", "").0.starts_with("HTTP/1.1 404"));
}

#[test]
fn scripts_decide_from_behind_the_counter() {
    let bench = Bench::new(true);
    bench.call("next", "{\"code\": \"85\"}");
    bench.post("/FPXMain/seller2DReceiver.jsp", &bench.body(&bench.request(PaymentModel::B2c, 1, 10_000)));
    bench.post("/FPXMain/seller2DReceiver.jsp", &bench.body(&bench.request(PaymentModel::B2c, 2, 10_009)));
    bench.post("/FPXMain/seller2DReceiver.jsp", &bench.body(&bench.request(PaymentModel::B2b1, 3, 10_099)));
    let look = |what: &str| bench.browse("GET", &format!("/admin/{what}"), "text/plain", "");
    let seen: serde_json::Value = serde_json::from_str(&look("transactions").1).expect("JSON");
    let codes: Vec<_> = seen.as_array().expect("a list").iter().map(|one| one["code"].as_str()).collect();
    assert_eq!(codes, [Some("85"), Some("09"), Some("99")]);
    for (call, body, status) in [
        ("release", "{\"number\": \"PKS20261123000002\"}", "200"),
        ("release", "{\"number\": \"PKS20261123000002\"}", "409"),
        ("reject", "{\"number\": \"PKS20261123000003\"}", "200"),
        ("outcome", "{\"number\": \"PKS20261123000001\", \"code\": \"00\"}", "200"),
        ("outcome", "{\"number\": \"PKS20261123000009\", \"code\": \"00\"}", "404"),
        ("outcome", "{\"number\": \"PKS20261123000001\", \"code\": \"ZZ\"}", "409"),
        ("outcome", "{\"number\": 1}", "400"),
        ("faults", "{\"faults\": [\"none\"]}", "400"),
        ("offline", "{\"banks\": [\"TEST0022\"]}", "200"),
        ("deliver", "", "200"),
        ("clock", "{\"now\": \"tomorrow\"}", "400"),
        ("clock", "{\"now\": \"2026-11-23T10:00:00+08:00\"}", "200"),
        ("nothing", "{}", "400"),
        ("release", "{", "400"),
    ] {
        let (head, answer) = bench.call(call, body);
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{call} {body}: {head} {answer}");
    }
    bench.wait_for(6);
    let mut codes = bench.codes_heard();
    codes.sort_unstable();
    assert_eq!(codes, ["00", "00", "09", "80", "85", "99"]);
    let simple = bench.browse("POST", "/admin/rotate", "text/plain", "{}");
    assert!(simple.0.starts_with("HTTP/1.1 415"), "not from another site's form");
    let waiting = std::fs::read(bench.folder.path().join("fpx-next.cer")).expect("a certificate");
    assert!(bench.call("rotate", "{}").0.starts_with("HTTP/1.1 200"));
    assert_eq!(std::fs::read(bench.folder.path().join("fpx-current.cer")).expect("a certificate"), waiting);
    assert_eq!(bench.simulator.keys().current.certificate(), waiting);
    let (head, table) = look("settlement?day=2026-11-23&plant=amount");
    assert!(head.contains("text/csv") && table.contains(",100.01,MYR,"), "{table}");
    assert!(look("settlement?day=x").0.starts_with("HTTP/1.1 400"));
    assert!(look("settlement?day=2026-11-23&plant=x").0.starts_with("HTTP/1.1 400"));
    assert_eq!(look("outgoing").1, "[]");
    assert!(look("nothing").0.starts_with("HTTP/1.1 404"));
    let large = bench.post("/FPXMain/seller2DReceiver.jsp", &"x".repeat(16 * 1024 + 1));
    assert!(large.0.starts_with("HTTP/1.1 413"), "{}", large.0);
}

#[test]
fn the_command_prints_settings_that_work() {
    let place = tempfile::tempdir().expect("a folder");
    let folder = place.path().join("keys");
    let mut command = Command::new(env!("CARGO_BIN_EXE_caruman"));
    command.args(["fpx-simulator", "--listen", "127.0.0.1:0", "--now", "2026-11-23T10:00:00+08:00", "--folder"]);
    let mut running = command.arg(&folder).stdout(Stdio::piped()).spawn().expect("started");
    let lines = BufReader::new(running.stdout.take().expect("piped")).lines().map(|line| line.expect("a line"));
    let printed: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let settings: toml::Table = printed.join("\n").parse().expect("TOML");
    let text = |name: &str| settings["fpx"][name].as_str().expect("a text").to_owned();
    let paths = settings["fpx"]["certificates"].as_array().expect("a list");
    let paths: Vec<_> = paths.iter().map(|path| path.as_str().expect("a path").into()).collect();
    let key = MerchantKey::load(text("key").as_ref()).expect("a key");
    let bank_list = BankListSettings {
        environment: Environment::Uat,
        exchange_id: text("exchange_id"),
        keys: MerchantKeys { active: key, next: None },
        certificates: FpxCertificates::load(&paths).expect("certificates"),
    };
    let transport = HttpTransport::new(FpxHost::read(&text("url")).expect("a host")).expect("a client");
    let offered = BankListCache::new(Arc::new(transport), bank_list).offers(PaymentModel::B2b1, now());
    running.kill().and_then(|()| running.wait()).expect("stopped");
    assert_eq!((offered.as_of, offered.stale), (Some(now()), false));
    let refused = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_caruman"));
        let output = command.arg("fpx-simulator").args(arguments).current_dir(&place).output().expect("ran");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(refused(&["--fault", "?"]).contains("drop-direct, delay-direct=S"));
    assert!(refused(&["--direct", "nowhere"]).contains("\"nowhere\" is no address"));
    assert!(!place.path().join("fpx-simulator").exists(), "nothing is made before the arguments are right");
}
