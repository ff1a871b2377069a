//! What the engine has of the machine: the functions of `native` in `proxy/node/native.ts`, and nothing else.

use crate::engine::Waker;
use crate::outline::{Asked, outline_of};
use crate::sockets::Sockets;
use crate::{process_age, quiet};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::write::GzEncoder;
use flate2::{Compression, Crc};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ring::digest::{SHA256, digest};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use rquickjs::{Ctx, Exception, FromJs, Function, IntoJs, Object, Result, TypedArray, Value};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io::Write;
use std::rc::Rc;
use std::sync::mpsc::Sender;
use std::time::Duration;

/// What the engine's loop and its natives have in common.
#[derive(Clone)]
pub struct Shared {
    pub sockets: Rc<RefCell<Sockets>>,
    /// At which age of the process which of them is due.
    timers: Rc<RefCell<Vec<(Duration, u32)>>>,
    answers: Rc<RefCell<HashMap<u32, (Sender<String>, bool)>>>,
    latest_answer: Rc<Cell<u32>>,
    /// A large event is done with.
    was_large: Rc<Cell<bool>>,
}

impl Shared {
    pub fn new(waker: Waker) -> Shared {
        Shared {
            sockets: Rc::new(RefCell::new(Sockets::new(waker))),
            timers: Rc::default(),
            answers: Rc::default(),
            latest_answer: Rc::default(),
            was_large: Rc::default(),
        }
    }

    /// The number by which an answer is given.
    pub fn expect(&self, answer: Sender<String>, is_large: bool) -> u32 {
        self.latest_answer.set(self.latest_answer.get() + 1);
        self.answers.borrow_mut().insert(self.latest_answer.get(), (answer, is_large));
        self.latest_answer.get()
    }

    /// Until something is to be done, though nothing happens: a timer is due, or a socket's patience ends.
    pub fn patience(&self) -> Option<Duration> {
        let next = self.timers.borrow().iter().map(|(due, _)| *due).min();
        let of_timers = next.map(|due| due.saturating_sub(process_age()));
        of_timers.into_iter().chain(self.sockets.borrow().patience()).min()
    }

    /// Takes the timers that are due, in their order.
    pub fn due_timers(&self) -> Vec<u32> {
        let now = process_age();
        let mut due: Vec<_> = self.timers.borrow_mut().extract_if(.., |(at, _)| *at <= now).collect();
        due.sort();
        due.into_iter().map(|(_, id)| id).collect()
    }

    /// Gives back what a large event has left unused: of a small function it may be the most.
    pub fn give_back(&self) {
        if self.was_large.take() {
            // SAFETY: has no conditions.
            #[cfg(target_env = "gnu")]
            unsafe {
                libc::malloc_trim(0)
            };
        }
    }
}

/// Gives the engine its natives.
pub fn give<'js>(ctx: &Ctx<'js>, shared: &Shared) -> Result<()> {
    let native = Object::new(ctx.clone())?;
    macro_rules! give {
        ($name:literal, $function:expr) => {
            native.set($name, Function::new(ctx.clone(), $function)?.with_name($name)?)?
        };
    }
    give!("log", log);
    give!("quiet", |from: f64, until: f64| quiet::tell(from, until));
    give!("streams", || quiet::STREAMS.load(std::sync::atomic::Ordering::Relaxed));
    let (answers, was_large) = (shared.answers.clone(), shared.was_large.clone());
    give!("answer", move |id: u32, text: String| {
        if let Some((answer, is_large)) = answers.borrow_mut().remove(&id) {
            was_large.set(is_large || was_large.get());
            let _ = answer.send(text);
        }
    });

    give!("monotonicMs", || process_age().as_secs_f64() * 1_000.0);
    give!("random", random);
    give!("uuid", uuid);
    let timers = shared.timers.clone();
    give!("setTimer", move |id: u32, ms: f64| {
        let after = Duration::from_secs_f64((ms / 1_000.0).clamp(0.0, 1e9));
        timers.borrow_mut().push((process_age() + after, id));
    });
    let timers = shared.timers.clone();
    give!("clearTimer", move |id: u32| timers.borrow_mut().retain(|(_, other)| *other != id));

    let sockets = shared.sockets.clone();
    give!("connect", move |host: String, port: u16, is_tls: bool| sockets.borrow_mut().connect(&host, port, is_tls));
    let sockets = shared.sockets.clone();
    give!("send", move |id: u32, Bytes(text): Bytes| sockets.borrow_mut().send(id, &text));
    let sockets = shared.sockets.clone();
    give!("unsent", move |id: u32| sockets.borrow().unsent(id) as f64);
    let sockets = shared.sockets.clone();
    give!("keepAlive", move |id: u32, ms: f64| {
        sockets.borrow_mut().keep_alive(id, Duration::from_secs_f64((ms / 1_000.0).clamp(0.001, 1e9)));
    });
    let sockets = shared.sockets.clone();
    give!("close", move |id: u32| sockets.borrow_mut().close(id));

    give!("byteLength", byte_length);
    give!("encode", encode);
    give!("decode", decode);
    give!("indexOf", index_of);
    give!("sha256", sha256);
    give!("hmacSha256", hmac_sha256);
    give!("gzip", gzip);
    give!("crc32", crc32);

    give!("outline", outline);

    give!("hasZone", |name: String| zone(&name).is_some());
    give!("zoneOffset", zone_offset);
    ctx.globals().set("native", native)
}

/// A text in UTF-8, or what an array of bytes holds. Half of a surrogate pair is U+FFFD, as in Node.
struct Bytes(Vec<u8>);

impl<'js> FromJs<'js> for Bytes {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        if let Some(text) = value.as_string() {
            return Ok(Bytes(utf8_of(text.clone().to_cstring()?.as_ref())));
        }
        let Ok(array) = TypedArray::<u8>::from_value(value) else {
            return Err(Exception::throw_type(ctx, "neither text nor bytes"));
        };
        // SAFETY: nothing runs in the engine while they are copied.
        Ok(Bytes(unsafe { array.as_bytes() }.unwrap_or_default().to_vec()))
    }
}

/// Bytes for the engine: a `Uint8Array`.
struct Made(Vec<u8>);

impl<'js> IntoJs<'js> for Made {
    fn into_js(self, ctx: &Ctx<'js>) -> Result<Value<'js>> {
        TypedArray::new(ctx.clone(), self.0).map(TypedArray::into_value)
    }
}

/// The engine writes half of a surrogate pair as three bytes that are no UTF-8.
fn utf8_of(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if std::str::from_utf8(&bytes).is_err() {
        for at in 0..bytes.len().saturating_sub(2) {
            if bytes[at] == 0xed && bytes[at + 1] >= 0xa0 {
                bytes[at..at + 3].copy_from_slice("\u{fffd}".as_bytes());
            }
        }
    }
    bytes
}

/// One line on standard output, in one piece.
fn log(Bytes(mut line): Bytes) {
    line.push(b'\n');
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(&line).and_then(|()| out.flush());
}

/// By the system, and not by a generator whose state a snapshot would copy.
fn random_bytes<const COUNT: usize>(ctx: &Ctx) -> Result<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Exception::throw_message(ctx, "no random numbers"))?;
    Ok(bytes)
}

/// Uniform in [0, 1).
fn random(ctx: Ctx<'_>) -> Result<f64> {
    Ok((u64::from_le_bytes(random_bytes(&ctx)?) >> 11) as f64 / (1u64 << 53) as f64)
}

/// Version 4, RFC 9562.
fn uuid(ctx: Ctx<'_>) -> Result<String> {
    let mut bytes = random_bytes::<16>(&ctx)?;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(&bytes);
    Ok([&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn byte_length(Bytes(text): Bytes) -> f64 {
    text.len() as f64
}

/// As Node does: blanks count for nothing, nor does padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

fn encode(ctx: Ctx<'_>, Bytes(text): Bytes, encoding: String) -> Result<Made> {
    let bytes = match encoding.as_str() {
        "utf8" => text,
        "latin1" => String::from_utf8_lossy(&text).chars().map(|character| character as u32 as u8).collect(),
        "base64" => {
            let text: Vec<u8> = text.into_iter().filter(|byte| !byte.is_ascii_whitespace()).collect();
            BASE64.decode(text).map_err(|fault| Exception::throw_message(&ctx, &fault.to_string()))?
        }
        other => return Err(Exception::throw_type(&ctx, &format!("encoding {other}"))),
    };
    Ok(Made(bytes))
}

fn decode(ctx: Ctx<'_>, bytes: TypedArray<'_, u8>, encoding: String, from: usize, to: usize) -> Result<String> {
    // SAFETY: nothing runs in the engine until they are read.
    let all = unsafe { bytes.as_bytes() }.unwrap_or_default();
    let to = to.min(all.len());
    let part = &all[from.min(to)..to];
    Ok(match encoding.as_str() {
        "utf8" => String::from_utf8_lossy(part).into_owned(),
        "latin1" => part.iter().map(|&byte| byte as char).collect(),
        "hex" => hex(part),
        "base64" => BASE64.encode(part),
        other => return Err(Exception::throw_type(&ctx, &format!("encoding {other}"))),
    })
}

/// Of a text in Latin-1; -1 where there is none.
fn index_of(bytes: TypedArray<'_, u8>, text: String, from: usize) -> f64 {
    // SAFETY: nothing runs in the engine while they are searched.
    let all = unsafe { bytes.as_bytes() }.unwrap_or_default();
    let wanted: Vec<u8> = text.chars().map(|character| character as u32 as u8).collect();
    let found = all.get(from..).and_then(|rest| rest.windows(wanted.len().max(1)).position(|window| window == wanted));
    found.map_or(-1.0, |at| (from + at) as f64)
}

fn sha256(Bytes(bytes): Bytes) -> Made {
    Made(digest(&SHA256, &bytes).as_ref().to_vec())
}

fn hmac_sha256(Bytes(key): Bytes, Bytes(bytes): Bytes) -> Made {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    Made(hmac::sign(&key, &bytes).as_ref().to_vec())
}

/// Makes what Node makes at level 1, in size and time. This library's own level 1 takes a third of the time, and a half more
/// room: every part of which the table charges for.
const LEVEL: Compression = Compression::new(2);

fn gzip(ctx: Ctx<'_>, Bytes(bytes): Bytes) -> Result<Made> {
    let mut encoder = GzEncoder::new(Vec::new(), LEVEL);
    let zipped = encoder.write_all(&bytes).and_then(|()| encoder.finish());
    zipped.map(Made).map_err(|fault| Exception::throw_message(&ctx, &fault.to_string()))
}

fn crc32(Bytes(bytes): Bytes) -> f64 {
    let mut crc = Crc::new();
    crc.update(&bytes);
    crc.sum() as f64
}

/// Empty where the text is no JSON.
fn outline<'js>(text: rquickjs::String<'js>, asked: Object<'js>) -> Result<String> {
    let names = |name: &str| asked.get::<_, Vec<String>>(name).map(|names| names.into_iter().collect());
    let asked = Asked {
        whole: names("whole")?,
        presence: names("presence")?,
        headers: asked.get("headers")?,
        maps: names("maps")?,
        lists: names("lists")?,
        prefix: asked.get("prefix")?,
        stand_in: asked.get("standIn")?,
    };
    let text = text.to_cstring()?;
    let made = match std::str::from_utf8(text.as_ref()) {
        Ok(text) => outline_of(text, &asked),
        Err(_) => outline_of(&String::from_utf8_lossy(&utf8_of(text.as_ref())), &asked),
    };
    Ok(made.unwrap_or_default())
}

fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// Seconds east of Greenwich at an instant in epoch milliseconds. The year 9999 ends a day later than it does in the library.
fn zone_offset(ctx: Ctx<'_>, name: String, ms: f64) -> Result<i32> {
    let second = ((ms / 1_000.0).floor() as i64).clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    let instant = Timestamp::from_second(second).ok().zip(zone(&name));
    let (at, zone) = instant.ok_or_else(|| Exception::throw_range(&ctx, "no such instant or zone"))?;
    Ok(zone.to_offset(at).seconds())
}
