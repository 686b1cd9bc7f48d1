//! Paper forms.
