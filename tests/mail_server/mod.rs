//! A mail server for one test: takes what it is told to take and remembers what it heard.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::{HashMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslAcceptor, SslMethod};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};

/// A mail as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    pub from: String,
    pub to: String,
    pub bytes: Vec<u8>,
}

impl Mail {
    pub fn message_id(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        text.lines().find(|line| line.starts_with("Message-ID: ")).expect("an identity").to_owned()
    }

    /// Its text, with lines that were cut put together.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).replace("=\r\n", "")
    }
}

/// What was heard so far.
#[derive(Default)]
pub struct Heard {
    pub connections: usize,
    pub commands: Vec<String>,
    pub mails: Vec<Mail>,
}

/// How the server is.
#[derive(Default)]
pub struct Manners {
    /// What is answered to RCPT for an address, one after the other; then it is taken.
    pub recipients: HashMap<String, VecDeque<&'static str>>,
    /// User and password, asked for before anything else.
    pub login: Option<(&'static str, &'static str)>,
    /// Encrypts, when asked or at once.
    pub tls: Option<SslAcceptor>,
    pub tls_at_once: bool,
}

pub struct MailServer {
    pub port: u16,
    heard: Arc<Mutex<Heard>>,
}

trait Line: Read + Write + Send {}
impl<T: Read + Write + Send> Line for T {}

impl MailServer {
    pub fn start(manners: Manners) -> MailServer {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let (manners, told) = (Arc::new(Mutex::new(manners)), heard.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (manners, told) = (manners.clone(), told.clone());
                std::thread::spawn(move || {
                    told.lock().expect("heard").connections += 1;
                    // Who hangs up, or does not like the certificate, ends the talk.
                    let _ = talk(stream.expect("a connection"), &manners, &told);
                });
            }
        });
        MailServer { port, heard }
    }

    /// What came since it was asked last.
    pub fn take(&self) -> Heard {
        std::mem::take(&mut *self.heard.lock().expect("heard"))
    }

    pub fn mails(&self) -> usize {
        self.heard.lock().expect("heard").mails.len()
    }
}

fn talk(stream: TcpStream, manners: &Mutex<Manners>, heard: &Mutex<Heard>) -> std::io::Result<()> {
    let (acceptor, at_once) = {
        let manners = manners.lock().expect("manners");
        (manners.tls.clone(), manners.tls_at_once)
    };
    let encrypted = |stream: TcpStream| -> std::io::Result<Box<dyn Line>> {
        let acceptor = acceptor.as_ref().expect("a certificate");
        Ok(Box::new(acceptor.accept(stream).map_err(std::io::Error::other)?))
    };
    if at_once {
        return session(encrypted(stream)?, manners, heard, (true, true)).map(|_| ());
    }
    let again = stream.try_clone()?;
    if session(Box::new(stream), manners, heard, (true, false))? {
        session(encrypted(again)?, manners, heard, (false, true))?;
    }
    Ok(())
}

/// True when TLS is to begin.
fn session(
    line: Box<dyn Line>,
    manners: &Mutex<Manners>,
    heard: &Mutex<Heard>,
    (greets, encrypted): (bool, bool),
) -> std::io::Result<bool> {
    let mut line = BufReader::new(line);
    let say = |line: &mut BufReader<Box<dyn Line>>, text: &str| {
        line.get_mut().write_all(format!("{text}\r\n").as_bytes())?;
        line.get_mut().flush()
    };
    if greets {
        say(&mut line, "220 mail.example.my ready")?;
    }
    let (mut known, mut from, mut to) = (false, String::new(), String::new());
    loop {
        let mut command = String::new();
        if line.read_line(&mut command)? == 0 {
            return Ok(false);
        }
        let command = command.trim_end().to_owned();
        heard.lock().expect("heard").commands.push(command.clone());
        let (login, has_tls) = {
            let manners = manners.lock().expect("manners");
            (manners.login, manners.tls.is_some())
        };
        let between =
            |begin: &str| command.strip_prefix(begin).and_then(|rest| rest.split('>').next()).map(str::to_owned);
        match command.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => {
                let tls = if has_tls && !encrypted { "250-STARTTLS\r\n" } else { "" };
                say(&mut line, &format!("250-mail.example.my\r\n{tls}250-8BITMIME\r\n250 AUTH PLAIN LOGIN"))?;
            }
            "STARTTLS" => {
                say(&mut line, "220 go on")?;
                return Ok(true);
            }
            "AUTH" => {
                let wanted =
                    login.map(|(user, word)| openssl::base64::encode_block(format!("\0{user}\0{word}").as_bytes()));
                known = wanted.is_some_and(|wanted| command == format!("AUTH PLAIN {wanted}"));
                say(&mut line, if known { "235 welcome" } else { "535 5.7.8 wrong user or password" })?;
            }
            "MAIL" if login.is_some() && !known => say(&mut line, "530 5.7.0 who are you")?,
            "MAIL" => {
                from = between("MAIL FROM:<").expect("an address");
                say(&mut line, "250 ok")?;
            }
            "RCPT" => {
                to = between("RCPT TO:<").expect("an address");
                let answer = manners.lock().expect("manners").recipients.get_mut(&to).and_then(VecDeque::pop_front);
                say(&mut line, answer.unwrap_or("250 ok"))?;
            }
            "DATA" => {
                say(&mut line, "354 go on")?;
                let bytes = data(&mut line)?;
                heard.lock().expect("heard").mails.push(Mail { from: from.clone(), to: to.clone(), bytes });
                say(&mut line, "250 taken")?;
            }
            "QUIT" => {
                say(&mut line, "221 bye")?;
                return Ok(false);
            }
            _ => say(&mut line, "250 ok")?,
        }
    }
}

/// Lines to the one with a single point; a point that was put in front of another is taken away.
fn data(line: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let mut one = Vec::new();
        if line.read_until(b'\n', &mut one)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if one == b".\r\n" {
            return Ok(bytes);
        }
        bytes.extend_from_slice(one.strip_prefix(b".").unwrap_or(&one));
    }
}

/// An authority as PEM, and the server's side of TLS for `localhost` and 0.0.0.0.
pub fn certified() -> (Vec<u8>, SslAcceptor) {
    let (authority, own_key) = certificate("Authority", None);
    let (leaf, key) = certificate("mail.example.my", Some((&authority, &own_key)));
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).expect("TLS");
    acceptor.set_private_key(&key).expect("a key");
    acceptor.set_certificate(&leaf).expect("a certificate");
    (authority.to_pem().expect("PEM"), acceptor.build())
}

fn certificate(name: &str, by: Option<(&X509, &PKey<Private>)>) -> (X509, PKey<Private>) {
    let key = openssl::rsa::Rsa::generate(2048).and_then(PKey::from_rsa).expect("a key");
    let mut subject = X509NameBuilder::new().expect("a name");
    subject.append_entry_by_text("CN", name).expect("a name");
    let subject = subject.build();
    let mut builder = X509::builder().expect("a builder");
    builder.set_version(2).expect("version 3");
    let serial = BigNum::from_u32(if by.is_some() { 2 } else { 1 }).and_then(|number| number.to_asn1_integer());
    builder.set_serial_number(&serial.expect("a number")).expect("a serial number");
    builder.set_subject_name(&subject).expect("a subject");
    builder.set_issuer_name(by.map_or(&*subject, |(issuer, _)| issuer.subject_name())).expect("an issuer");
    let yesterday = Asn1Time::from_unix(chrono::Utc::now().timestamp() - 86_400).expect("a time");
    builder.set_not_before(&yesterday).expect("first day");
    builder.set_not_after(&Asn1Time::days_from_now(1).expect("a time")).expect("last day");
    builder.set_pubkey(&key).expect("a key");
    let mut constraints = BasicConstraints::new();
    if by.is_none() {
        constraints.ca();
    }
    builder.append_extension(constraints.critical().build().expect("constraints")).expect("constraints");
    if let Some((issuer, _)) = by {
        let context = builder.x509v3_context(Some(issuer), None);
        let names = SubjectAlternativeName::new().dns("localhost").ip("0.0.0.0").build(&context).expect("names");
        builder.append_extension(names).expect("names");
    }
    builder.sign(by.map_or(&key, |(_, signer)| signer), MessageDigest::sha256()).expect("signed");
    (builder.build(), key)
}
