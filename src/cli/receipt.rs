//! `caruman receipt`: official receipts looked up, printed and proven.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::ack::write_whole;
use super::table::{Row, one, print_columns_or};
use super::{CliError, Ended, Globals, Output, office};
use crate::domain::{ContributionMonth, Scheme};
use crate::store::receipts::ReceiptFilter;
use crate::workflow::receipt::file_seal::FileSeal;
use crate::workflow::receipt::{
    CodeFault, Receipt, ReceiptError, kept_receipt, print_receipt, receipt, receipt_code, receipts, verify,
};

/// Columns that a terminal has room for.
const COLUMNS: [&str; 8] =
    ["number", "employer_code", "scheme", "paid_on", "means", "transaction_id", "references", "total_sen"];
/// Longer arguments are texts, not names of files.
const LONGEST_PATH: usize = 4096;

/// Arguments of `receipt`.
#[derive(Debug, Args)]
pub struct ReceiptArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Official receipts, newest first
    List {
        /// Only this employer's
        #[arg(long, value_name = "CODE")]
        employer: Option<String>,
        /// Only those that pay for this contribution month
        #[arg(long, value_name = "YYYY-MM")]
        month: Option<ContributionMonth>,
        /// Only this Act
        #[arg(long, value_name = "act4|act800")]
        scheme: Option<Scheme>,
        /// Only of this payment
        #[arg(long, value_name = "NUMBER")]
        payment: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// One receipt: its lines, its payment and its verification code
    Show {
        /// Its number
        number: String,
    },
    /// Print to a PDF
    Print {
        /// Its number
        number: String,
        /// Where to; receipt-NUMBER.pdf in this folder when left out
        #[arg(short, long, value_name = "FILE.pdf")]
        out: Option<PathBuf>,
    },
    /// Prove a receipt, offline: exit status 1 when it is not genuine
    ///
    /// Takes the PDF itself or the text of its QR code, as an argument or in a file. A PDF must be byte for byte as the
    /// issuer wrote it; compare what is printed here with a receipt on paper.
    Verify {
        /// FILE.pdf, a file with the code, or the code
        what: String,
        /// The issuer's public key, or a file with it; the data folder's key when left out
        #[arg(long, value_name = "PUBLIC")]
        key: Option<String>,
        /// The number that it should be of
        #[arg(long, value_name = "NUMBER")]
        number: Option<String>,
    },
    /// The public key that proves what this office signs: publish it
    Key,
}

/// Runs the command.
///
/// # Errors
/// When the store or the key cannot be used, the number is not known, or the result not be written.
pub fn run(arguments: &ReceiptArgs, globals: &Globals) -> Result<Ended, CliError> {
    let said = |error: ReceiptError| CliError::said(error.to_string());
    let mut out = BufWriter::new(io::stdout().lock());
    let mut ended = Ended::Well;
    match &arguments.what {
        What::List { employer, month, scheme, payment, limit } => {
            let office = office::open(globals)?;
            let filter = ReceiptFilter {
                employer_code: employer.clone(),
                payment: payment.clone(),
                scheme: *scheme,
                limit: if month.is_some() { 0 } else { *limit },
            };
            let mut found = receipts(&office.store, &filter, *month).map_err(said)?;
            found.truncate(if *limit == 0 { usize::MAX } else { *limit as usize });
            print_columns_or(&mut out, globals, &COLUMNS, found.iter().map(row).collect(), "receipt-none")?;
        }
        What::Show { number } => {
            let office = office::open(globals)?;
            let found = receipt(&office.store, &number.to_uppercase()).map_err(said)?;
            let mut shown = row(&found);
            let frozen = serde_json::to_value(&found.frozen).unwrap_or(Value::Null);
            if globals.output == Output::Text {
                for name in ["bank", "bank_name", "seller_order_number", "maker", "approved_by", "evidence", "paid_at"]
                {
                    shown.insert(name, frozen[name].clone());
                }
                shown.insert("lines", found.frozen.lines.iter().map(line).collect());
                shown.remove("references");
            } else {
                shown.insert("frozen", frozen);
            }
            shown.insert("code", json!(receipt_code(&found.frozen, &office.receipt_key(globals)?)));
            one(&mut out, globals, shown)?;
        }
        What::Print { number, out: to } => {
            let office = office::open(globals)?;
            let found = receipt(&office.store, &number.to_uppercase()).map_err(said)?;
            let bytes = match kept_receipt(&office.store, &found.record.number).map_err(said)? {
                Some(kept) => kept,
                None => {
                    let key = office.receipt_key(globals)?;
                    print_receipt(&office.store, &key, &found.frozen, globals.now()).map_err(said)?
                }
            };
            let path = to.clone().unwrap_or_else(|| format!("receipt-{}.pdf", found.record.number).into());
            write_whole(&path, &bytes)?;
            writeln!(out, "{}", path.display())?;
        }
        What::Verify { what, key, number } => {
            ended = verified(&mut out, (what, key.as_deref(), number.as_deref()), globals)?;
        }
        What::Key => writeln!(out, "{}", office::open(globals)?.receipt_key(globals)?.public())?,
    }
    out.flush()?;
    Ok(ended)
}

fn verified(
    out: &mut impl Write,
    (what, key, number): (&str, Option<&str>, Option<&str>),
    globals: &Globals,
) -> Result<Ended, CliError> {
    let key = office::public_key(key, globals)?;
    let path = Path::new(what);
    let bytes = if what.len() < LONGEST_PATH && path.is_file() {
        super::read_file(&path.to_owned())?
    } else {
        what.as_bytes().to_vec()
    };
    let found = match verify(&bytes, &key) {
        Ok(found) => found,
        Err(fault @ CodeFault::NotACode) => return Err(CliError::said(fault.to_string())),
        Err(fault) => return not_genuine(out, &fault.to_string(), globals),
    };
    if let Some(asked) = number.filter(|number| *number != found.code.number) {
        let (found, asked) = (found.code.number, asked.to_owned());
        return not_genuine(out, &CodeFault::OfAnother { found, asked }.to_string(), globals);
    }
    if !matches!(found.file, None | Some(FileSeal::Whole)) {
        let what = "NOT GENUINE: the code in this file is genuine but the file was changed or saved again; ask the \
                    issuer for the receipt";
        return not_genuine(out, &format!("{what} {}", found.code.number), globals);
    }
    let code = &found.code;
    let row = Row::from([
        ("genuine", json!(true)),
        ("number", json!(code.number)),
        ("scheme", json!(code.scheme)),
        ("employer_code", json!(code.employer_code)),
        ("paid_on", json!(code.paid_on)),
        ("total_sen", json!(code.total)),
        ("proof", json!(code.proof)),
        ("issuer", json!(code.issuer)),
    ]);
    if globals.output == Output::Text {
        writeln!(out, "GENUINE")?;
    }
    one(out, globals, row)?;
    Ok(Ended::Well)
}

/// Says that something is not genuine, in the form asked for.
pub(super) fn not_genuine(out: &mut impl Write, why: &str, globals: &Globals) -> Result<Ended, CliError> {
    if globals.output == Output::Text {
        writeln!(out, "{why}")?;
    } else {
        one(out, globals, Row::from([("genuine", json!(false)), ("why", json!(why))]))?;
    }
    out.flush()?;
    Ok(Ended::WithFindings)
}

fn line(line: &crate::workflow::receipt::FrozenReceiptLine) -> Value {
    let months: Vec<String> = line.months.iter().map(ToString::to_string).collect();
    json!({
        "what": line.kind, "detail": line.reference, "month": months.join(" "), "total": line.amount,
        "skbbk": line.skbbk,
    })
}

fn row(found: &Receipt) -> Row {
    let (record, frozen) = (&found.record, &found.frozen);
    let references: Vec<&str> = record.lines.iter().map(|line| line.reference.as_str()).collect();
    Row::from([
        ("number", json!(record.number)),
        ("employer_code", json!(record.employer_code)),
        ("scheme", json!(record.scheme)),
        ("payment", json!(record.payment)),
        ("paid_on", json!(record.paid_on)),
        ("issued_at", json!(record.issued_at)),
        ("means", json!(frozen.means)),
        ("transaction_id", json!(frozen.transaction_id)),
        ("references", json!(references)),
        ("total_sen", json!(record.total)),
    ])
}
