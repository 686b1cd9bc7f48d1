//! `caruman register print`: Borang 1, 2 and 3 from the register.

use std::io::{self, Write};
use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, ValueEnum};

use super::ack::write_whole;
use super::register::employer_code;
use super::{CliError, Ended, Globals, office};
use crate::domain::EmployerCode;
use crate::workflow::register_forms::{RegisterForm, RegisterFormRequest, print_register_form};

/// Arguments of `register print`.
#[derive(Debug, Args)]
pub struct RegisterPrintArgs {
    /// Which form
    #[arg(value_enum)]
    form: FormArg,
    /// Whose
    #[arg(long, value_name = "CODE", value_parser = employer_code)]
    employer: EmployerCode,
    /// First day of registration or employment (Borang 2), or of leaving (Borang 3)
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<NaiveDate>,
    /// Last day
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<NaiveDate>,
    /// Where to; CODE-FORM.pdf in this folder when left out
    #[arg(short, long, value_name = "FILE.pdf")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormArg {
    /// The employer
    #[value(name = "borang-1")]
    Borang1,
    /// Employees to register; those not yet registered where no days are given
    #[value(name = "borang-2")]
    Borang2,
    /// Employees who left
    #[value(name = "borang-3")]
    Borang3,
}

impl From<FormArg> for RegisterForm {
    fn from(form: FormArg) -> RegisterForm {
        match form {
            FormArg::Borang1 => RegisterForm::Borang1,
            FormArg::Borang2 => RegisterForm::Borang2,
            FormArg::Borang3 => RegisterForm::Borang3,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When the store cannot be used, the employer is not known, or the file not be written.
pub fn run(arguments: &RegisterPrintArgs, globals: &Globals) -> Result<Ended, CliError> {
    if arguments.form == FormArg::Borang1 && (arguments.from.is_some() || arguments.to.is_some()) {
        return Err(CliError::said("Borang 1 is about the employer and takes no --from and --to"));
    }
    let code = &arguments.employer;
    let office = office::open(globals)?;
    let request = RegisterFormRequest {
        form: arguments.form.into(),
        employer: code,
        span: (arguments.from, arguments.to),
        issuer: &office.issuer,
        now: globals.now(),
    };
    let bytes = print_register_form(&office.store, &request).map_err(|error| CliError::said(error.to_string()))?;
    let path = arguments.out.clone().unwrap_or_else(|| {
        let form = arguments.form.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
        format!("{code}-{form}.pdf").into()
    });
    write_whole(&path, &bytes)?;
    writeln!(io::stdout(), "{}", path.display())?;
    Ok(Ended::Well)
}
