//! The small web server: where FPX answers, and the pages that employers see. Thin: it reads what came, calls the
//! workflow and fills a page.

pub mod answer;
mod form;
pub mod pages;
