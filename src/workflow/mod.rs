//! The story: one file a use case, read from top to bottom. The only place that touches several ways out.
//!
//! [`submit`] (with `judging`, the second reading in [`sealing`], `recording`, and what it freezes in [`frozen`]);
//! [`changes`] since last month; [`held`] lines, [`mend`] with a [`fix`] sheet, [`withdraw`], [`nil`] months; [`print`];
//! [`mail`]; [`make`] and [`convert`], which write official files; [`mod@register`] with its tables in [`register_sheet`]
//! and its papers in [`register_forms`]; [`cart`] and [`settle`], from acknowledgement to receipt; [`inbox`], the files of
//! watched folders; [`mod@selfcheck`] with the [`heads`] of the audit chain.

pub mod approve;
mod arrears;
pub mod binder;
pub mod breaches;
pub mod cancel;
pub mod cart;
pub mod cases;
pub mod changes;
pub mod charges;
pub mod checkout;
pub mod contributions;
pub mod convert;
pub mod fix;
pub mod frozen;
pub mod heads;
pub mod held;
pub mod inbox;
mod intake;
mod judging;
mod kept;
mod known;
pub mod mail;
pub mod make;
pub mod mend;
pub mod merchant;
pub mod nil;
pub mod offline;
mod old_files;
pub mod outbox;
mod own_part;
pub mod page_word;
pub mod payment_page;
pub mod people;
pub mod print;
pub mod receipt;
mod recording;
pub mod register;
mod register_book;
pub mod register_forms;
pub mod register_sheet;
pub mod requery;
pub mod sealing;
pub mod selfcheck;
pub mod settle;
pub mod slip;
pub mod submit;
mod trays;
pub mod withdraw;

pub use old_files::{FileFault, OldFile};
