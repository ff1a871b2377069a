//! Lines on standard error. Whoever reads them may have gone away, or have no room left: that ends nothing.

use std::fmt::Display;
use std::io::Write;

pub fn error(what: impl Display) {
    line(format!("maintenance-window: ERROR {what}"));
}

pub fn warning(what: impl Display) {
    line(format!("maintenance-window: WARN {what}"));
}

/// In one piece, so that no other thread's comes in between. `eprintln!` would panic where it cannot be written.
pub fn line(what: impl Display) {
    let _ = std::io::stderr().write_all(format!("{what}\n").as_bytes());
}
