//! Printed documents as PDF/A-3b: acknowledgements (ACR, ECR) and the paper forms they descend from.
//!
//! Read in this order: [`model`] (what goes in), `front` and `people` (the two parts of an acknowledgement), [`paper`]
//! (forms), `list` and `plan` (pages with totals carried forward), `flow`, `table`, `sheet`, `text` (places and
//! marks), `press` (the PDF). Everything up to `press` is plain data and can be tested without reading a PDF.
//!
//! Words and fonts are data under `formats/templates/report/`. Equal data give equal bytes.

mod acknowledgement;
mod flow;
mod fonts;
mod front;
mod labels;
mod list;
pub mod model;
pub mod paper;
mod people;
mod plan;
mod press;
pub mod receipt;
#[cfg(test)]
pub(crate) mod sample;
mod shapes;
mod sheet;
pub mod slip;
mod table;
mod text;
pub mod words;

pub use acknowledgement::acknowledgement;
pub use labels::Label;
pub use receipt::receipt;

use crate::domain::Sen;

/// Why a document could not be printed. The operator's matter: the data were frozen and judged long before.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The front page and the list of people say different amounts.
    #[error("the months add up to RM{front} but the people to RM{list}; nothing was printed")]
    TotalsDiffer {
        /// Sum of the months.
        front: Sen,
        /// Sum of the people.
        list: Sen,
    },
    /// A template of `formats/templates/report/` asks for a value that is not given.
    #[error("the words of a document cannot be put together: {0}")]
    Words(String),
    /// The number is too long for a QR code.
    #[error("the number cannot be drawn as a code: {0}")]
    Code(String),
    /// The PDF library refused the document.
    #[error("the PDF cannot be written: {0}")]
    Pdf(String),
}
