//! `caruman cart`: what is picked for payment, and what it adds up to.

use std::io::{self, BufWriter, Write};

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle};
use serde_json::{Value, json};

use super::charge::code;
use super::{CliError, Ended, Globals, Output, office};
use crate::domain::{ContributionMonth, PaymentModel, Scheme, Sen};
use crate::messages::Messages;
use crate::rates::RateBook;
use crate::store::Store;
use crate::workflow::cart::fit::Verdict;
use crate::workflow::cart::words::ringgit;
use crate::workflow::cart::{
    CartError, InterestWhen, Line, Pick, Search, Summary, SummaryOptions, add, clear, locked, owner, remove, search,
    summary,
};

/// Arguments of `cart`.
#[derive(Debug, Args)]
pub struct CartArgs {
    /// Whose cart
    #[arg(long, global = true, value_name = "CODE")]
    employer: Option<String>,
    /// Who acts, for the record
    #[arg(long, global = true, value_name = "NAME", default_value = "command-line")]
    by: String,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Add to Cart: acknowledgements (ACR, ECR) and charges (FCL, KMP), or everything that can be paid
    Add {
        /// Their numbers
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        numbers: Vec<String>,
        /// Everything that can be paid
        #[arg(long)]
        all: bool,
    },
    /// Remove from the cart
    Remove {
        /// Their numbers
        #[arg(required = true)]
        numbers: Vec<String>,
    },
    /// Process to Payment: what can be paid, and what is in the cart
    List,
    /// Search Payment: of what can be paid, that which fits
    Search {
        /// A part of the number
        number: Option<String>,
        /// Only this contribution month
        #[arg(long, value_name = "YYYY-MM")]
        month: Option<ContributionMonth>,
        /// Only this Act
        #[arg(long, value_name = "act4|act800")]
        scheme: Option<Scheme>,
        /// Only this exact amount
        #[arg(long, value_name = "RM", value_parser = Sen::from_ringgit)]
        amount: Option<Sen>,
    },
    /// Clear List: everything back out of the cart
    Clear,
    /// Proceed to Summary: sub-totals, late interest, limits, how to continue
    Summary {
        /// Personal (b2c) or corporate (b2b1); both are shown when left out
        #[arg(long, value_enum)]
        model: Option<ModelArg>,
        /// Late interest in this payment, or asked afterwards
        #[arg(long, value_enum, default_value_t = WhenArg::Now)]
        interest: WhenArg,
        /// The day of payment; the day of --now when left out
        #[arg(long, value_name = "YYYY-MM-DD")]
        day: Option<NaiveDate>,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ModelArg {
    /// One person pays at the bank
    #[value(alias = "personal")]
    B2c,
    /// A maker pays, an approver agrees at the bank
    #[value(alias = "corporate")]
    B2b1,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum WhenArg {
    /// In this payment
    Now,
    /// Asked afterwards
    Later,
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be used, something cannot be picked, the cart is empty, or the result not be written.
pub fn run(arguments: &CartArgs, globals: &Globals) -> Result<Ended, CliError> {
    let store = office::open(globals)?.store;
    let employer = whose(&store, arguments, globals)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let ended = run_on(&store, &employer, arguments, globals, &mut out)?;
    out.flush()?;
    Ok(ended)
}

/// Whose cart: as said, else that of the first thing that is named.
fn whose(store: &Store, arguments: &CartArgs, globals: &Globals) -> Result<String, CliError> {
    if let Some(written) = &arguments.employer {
        return code(written);
    }
    let (What::Add { numbers, .. } | What::Remove { numbers }) = &arguments.what else {
        return Err(CliError::said("say whose cart: --employer CODE"));
    };
    let first = numbers.first().ok_or_else(|| CliError::said("say whose cart: --employer CODE"))?;
    let owner = owner(store, first).map_err(|error| CliError::said(error.to_string()))?;
    let values = [("number", first.to_uppercase())];
    owner.ok_or_else(|| CliError::said(globals.messages().with("cart-refused-unknown", &values)))
}

fn run_on(
    store: &Store,
    employer: &str,
    arguments: &CartArgs,
    globals: &Globals,
    out: &mut impl Write,
) -> Result<Ended, CliError> {
    let messages = globals.messages();
    let said = |error: CartError| CliError::said(error.said(messages));
    let (book, now) = (RateBook::embedded(), globals.now());
    let found = |wanted: &Search| search(store, book, employer, wanted, now.date_naive()).map_err(said);
    match &arguments.what {
        What::Add { numbers, all: _ } => {
            let moved = add(store, employer, numbers, &arguments.by, now).map_err(said)?;
            let counted = [("cart-added", moved.moved.len()), ("cart-already", moved.already.len())];
            let document = json!({ "added": moved.moved, "already": moved.already });
            told(out, globals, &document, &counted, ("cart-nothing-to-add", employer))?;
        }
        What::Remove { numbers } => {
            let moved = remove(store, employer, numbers, &arguments.by, now).map_err(said)?;
            told(out, globals, &json!({ "removed": moved }), &[("cart-removed", moved.len())], ("cart-empty", ""))?;
        }
        What::Clear => {
            let moved = clear(store, employer, &arguments.by, now).map_err(said)?;
            told(out, globals, &json!({ "removed": moved }), &[("cart-removed", moved.len())], ("cart-empty", ""))?;
        }
        What::List => {
            list(out, globals, &found(&Search::default())?)?;
            locked_footer(store, employer, globals, out)?;
        }
        What::Search { number, month, scheme, amount } => {
            let wanted = Search { text: number.clone(), month: *month, scheme: *scheme, amount: *amount };
            list(out, globals, &found(&wanted)?)?;
        }
        What::Summary { model, interest, day } => {
            let options = SummaryOptions {
                model: model.map(|model| match model {
                    ModelArg::B2c => PaymentModel::B2c,
                    ModelArg::B2b1 => PaymentModel::B2b1,
                }),
                interest: match interest {
                    WhenArg::Now => InterestWhen::Now,
                    WhenArg::Later => InterestWhen::Later,
                },
                day: day.unwrap_or_else(|| now.date_naive()),
            };
            let summary = summary(store, book, employer, &options).map_err(said)?;
            print_summary(out, globals, &summary)?;
            let fits = summary.fits.iter().any(|fit| fit.verdict == Verdict::Fits);
            return Ok(if fits { Ended::Well } else { Ended::WithFindings });
        }
    }
    Ok(Ended::Well)
}

/// What was moved, in a line or two.
fn told(
    out: &mut impl Write,
    globals: &Globals,
    document: &Value,
    counted: &[(&str, usize)],
    (otherwise, next): (&str, &str),
) -> Result<(), CliError> {
    let messages = globals.messages();
    if globals.output != Output::Text {
        // A few numbers: as a document for CSV, too.
        return json_document(out, document);
    }
    for (id, count) in counted.iter().filter(|(_, count)| *count > 0) {
        writeln!(out, "{}", messages.with(id, &[("count", count.to_string())]))?;
    }
    if counted.iter().all(|(_, count)| *count == 0) {
        writeln!(out, "{}", messages.text(otherwise))?;
    } else if !next.is_empty() {
        writeln!(out, "{}", messages.with("cart-next", &[("employer", next.to_owned())]))?;
    }
    Ok(())
}

fn json_document(out: &mut impl Write, document: &Value) -> Result<(), CliError> {
    serde_json::to_writer_pretty(&mut *out, document).map_err(io::Error::from)?;
    Ok(writeln!(out)?)
}

fn list(out: &mut impl Write, globals: &Globals, picks: &[Pick]) -> Result<(), CliError> {
    let messages = globals.messages();
    match globals.output {
        Output::Json => json_document(out, &picks.iter().map(Pick::json).collect()),
        Output::Csv => csv(out, picks),
        Output::Text if picks.is_empty() => Ok(writeln!(out, "{}", messages.text("cart-nothing-to-add"))?),
        Output::Text => {
            let mut rows: Vec<Vec<String>> = Vec::new();
            for pick in picks {
                let mut row = cells(&pick.line, messages);
                row[0] = format!("{} {}", if pick.in_cart { "✓" } else { " " }, row[0]);
                rows.push(row);
            }
            let head = ["cart-reference", "cart-for", "cart-months", "cart-due", "cart-late"];
            let head = head.iter().chain(&["cart-amount"]).map(|id| messages.text(id));
            table(out, head.collect(), rows, 2)?;
            if picks.iter().any(|pick| pick.in_cart) {
                writeln!(out, "{}", messages.text("cart-mark"))?;
            }
            Ok(())
        }
    }
}

/// What payments lock, one line for each.
fn locked_footer(store: &Store, employer: &str, globals: &Globals, out: &mut impl Write) -> Result<(), CliError> {
    if globals.output != Output::Text {
        return Ok(());
    }
    for locked in locked(store, employer).map_err(|error| CliError::said(error.to_string()))? {
        let values = [("payment", locked.payment), ("list", locked.references.join(", "))];
        let id = if locked.sent { "cart-at-bank" } else { "cart-not-sent" };
        writeln!(out, "{}", globals.messages().with(id, &values))?;
    }
    Ok(())
}

fn csv(out: &mut impl Write, picks: &[Pick]) -> Result<(), CliError> {
    let mut writer = csv::Writer::from_writer(out);
    let head =
        ["reference", "kind", "scheme", "months", "amount_sen", "due_date", "days_late", "received_on", "in_cart"];
    writer.write_record(head).map_err(io::Error::from)?;
    for pick in picks {
        let line = &pick.line;
        let record = [
            line.reference.clone().unwrap_or_default(),
            line.kind.id().to_owned(),
            line.scheme.id().to_owned(),
            months(line),
            line.amount.0.to_string(),
            line.due_date.map_or_else(String::new, |day| day.to_string()),
            line.days_late.to_string(),
            pick.received_on.clone(),
            pick.in_cart.to_string(),
        ];
        writer.write_record(record).map_err(io::Error::from)?;
    }
    Ok(writer.flush()?)
}

fn csv_lines(out: &mut impl Write, lines: &[Line]) -> Result<(), CliError> {
    let mut writer = csv::Writer::from_writer(out);
    let head = ["reference", "on", "kind", "scheme", "months", "amount_sen", "due_date", "days_late"];
    writer.write_record(head).map_err(io::Error::from)?;
    for line in lines {
        let record = [
            line.reference.clone().unwrap_or_default(),
            line.on.clone().unwrap_or_default(),
            line.kind.id().to_owned(),
            line.scheme.id().to_owned(),
            months(line),
            line.amount.0.to_string(),
            line.due_date.map_or_else(String::new, |day| day.to_string()),
            line.days_late.to_string(),
        ];
        writer.write_record(record).map_err(io::Error::from)?;
    }
    Ok(writer.flush()?)
}

fn months(line: &Line) -> String {
    line.months.iter().map(ContributionMonth::to_string).collect::<Vec<_>>().join(" ")
}

/// Number, what for, months, due date, days late, amount.
fn cells(line: &Line, messages: &Messages) -> Vec<String> {
    let months = match &line.months[..] {
        [] => String::new(),
        [one] => one.to_string(),
        [first, .., last] => format!("{first} – {last}"),
    };
    vec![
        line.reference.clone().unwrap_or_else(|| "  +".to_owned()),
        messages.text(&format!("cart-kind-{}", line.kind.id())),
        months,
        line.due_date.map_or_else(String::new, |day| day.to_string()),
        if line.days_late > 0 {
            messages.with("cart-days", &[("count", line.days_late.to_string())])
        } else {
            String::new()
        },
        ringgit(line.amount),
    ]
}

/// One line to a row: a cart can be long.
const PLAIN: TableStyle = TableStyle::new()
    .header_separator(LineStyle::none().fill('─').junction('─'))
    .bottom_border(LineStyle::none().fill('─').junction('─'));

/// A table whose last columns are figures.
fn table(out: &mut impl Write, head: Vec<String>, rows: Vec<Vec<String>>, figures: usize) -> Result<(), CliError> {
    let mut table = Table::new();
    let columns = head.len();
    table.load_style(PLAIN).set_content_arrangement(ContentArrangement::Dynamic).set_header(head);
    for row in rows {
        table.add_row(row);
    }
    // Where it is narrow, what a line is for gives way: numbers, days and amounts stay whole.
    for column in table.column_iter_mut().enumerate().filter(|(at, _)| *at != 1).map(|(_, column)| column) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    for column in table.column_iter_mut().skip(columns - figures) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    Ok(writeln!(out, "{}", table.trim_fmt())?)
}

fn print_summary(out: &mut impl Write, globals: &Globals, summary: &Summary) -> Result<(), CliError> {
    match globals.output {
        Output::Json => return json_document(out, &summary.json()),
        Output::Csv => return csv_lines(out, &summary.lines),
        Output::Text => {}
    }
    let messages = globals.messages();
    let values = [("employer", summary.employer_code.clone()), ("day", summary.day.to_string())];
    writeln!(out, "{}", messages.with("cart-heading", &values))?;
    let head = ["cart-reference", "cart-for", "cart-months", "cart-due", "cart-late", "cart-amount"];
    let head = head.iter().map(|id| messages.text(id)).collect();
    table(out, head, summary.lines.iter().map(|line| cells(line, messages)).collect(), 2)?;
    let mut rows = Vec::new();
    for subtotal in &summary.subtotals {
        let amounts = [subtotal.contributions, subtotal.interest, subtotal.compounds, subtotal.total];
        let mut row = vec![messages.text(&format!("label-{}", subtotal.scheme.id()))];
        row.extend(amounts.map(ringgit));
        rows.push(row);
    }
    let last = vec![messages.text("cart-grand-total"), String::new(), String::new(), String::new()];
    rows.push([last, vec![ringgit(summary.total)]].concat());
    let head = ["cart-contributions", "cart-interest", "cart-compounds", "cart-subtotal"];
    let head = std::iter::once(String::new()).chain(head.iter().map(|id| messages.text(id))).collect();
    table(out, head, rows, 4)?;
    for sentence in summary.sentences(messages).into_iter().chain(summary.next_in_words(messages)) {
        writeln!(out, "{sentence}")?;
    }
    Ok(())
}
