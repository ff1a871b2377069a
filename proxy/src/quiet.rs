//! The interval of time in which invocations pass without being asked for: two numbers, which the gate tells.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Acquire, Ordering::Relaxed, Ordering::Release};
use std::time::{SystemTime, UNIX_EPOCH};

static FROM: AtomicI64 = AtomicI64::new(i64::MAX);
static UNTIL: AtomicI64 = AtomicI64::new(i64::MIN);
/// Whether a response of this function has streamed: a reply of ours then takes that form, too.
pub static STREAMS: AtomicBool = AtomicBool::new(false);

/// Epoch milliseconds.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

pub fn passes() -> bool {
    let now = now();
    now < UNTIL.load(Acquire) && now >= FROM.load(Relaxed)
}

/// Nobody who reads in between sees the beginning of one interval with the end of another.
pub fn tell(from: f64, until: f64) {
    UNTIL.store(i64::MIN, Release);
    FROM.store(from as i64, Release);
    UNTIL.store(until as i64, Release);
}

/// Nothing that was told holds any more.
pub fn forget() {
    UNTIL.store(i64::MIN, Release);
}
