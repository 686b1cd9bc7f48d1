//! Mend by sheet: every fault of a file becomes a row of a table; the clerk enters what is right and gives it back; the
//! file is mended where something was entered and stays the same, byte for byte, everywhere else.
//!
//! Read in this order: [`sheet`] (findings to rows), [`suggest`] (what a row proposes, never money), [`table`] (rows to
//! CSV and XLSX and back), `value` (what may be entered), [`apply`] (into the file), `lines` (its physical lines).

pub mod apply;
mod edit;
mod lines;
pub mod sheet;
pub mod suggest;
pub mod table;
mod value;

use std::fmt;

pub(super) use lines::lines_of_employers;

pub use apply::{Mended, apply, apply_to_lines};
pub use sheet::{About, FixRow, FixSheet};
pub use suggest::{NoSuggestions, Suggestions};
pub use table::{SheetError, is_fix_sheet};

/// In place of a field's name: the row speaks of the whole line.
pub const LINE: &str = "line";

/// In place of a field's name: the row speaks of the whole file, and nothing can be entered.
pub const FILE: &str = "file";

/// Entered to leave a line out.
pub const DELETE: &str = "(delete)";

/// Entered to leave a line as it is; so does an empty cell.
pub const HOLD: &str = "(hold)";

/// Entered to empty a field.
pub const BLANK: &str = "(blank)";

/// Fields that hold money: nothing is ever proposed for them.
pub const MONEY_FIELDS: [&str; 7] =
    ["amount", "wage", "socso_employer", "socso_employee", "eis_employer", "eis_employee", "skbbk"];

/// What a sheet cannot do, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct FixFault {
    /// Row of the sheet, from 1 for its headings; `None` where the sheet as a whole is meant.
    pub row: Option<u64>,
    /// Line of the file.
    pub line: Option<u64>,
    /// Field of the line; empty where none is meant.
    pub field: String,
    /// One sentence. It does not repeat identity numbers.
    pub what: String,
}

impl FixFault {
    /// About the sheet or the file as a whole.
    pub fn whole(what: impl Into<String>) -> Self {
        FixFault { row: None, line: None, field: String::new(), what: what.into() }
    }
}

impl fmt::Display for FixFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = [
            self.row.map(|row| format!("sheet row {row}")),
            self.line.map(|line| format!("line {line}")),
            (!self.field.is_empty()).then(|| self.field.clone()),
        ];
        let place: Vec<String> = place.into_iter().flatten().collect();
        if place.is_empty() { f.write_str(&self.what) } else { write!(f, "{}: {}", place.join(", "), self.what) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_its_place() {
        let fault = FixFault { row: Some(3), line: Some(12), field: "month".into(), what: "is no month".into() };
        assert_eq!(fault.to_string(), "sheet row 3, line 12, month: is no month");
        assert_eq!(FixFault::whole("nothing to mend").to_string(), "nothing to mend");
    }
}
