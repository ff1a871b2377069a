//! The engine without the rest of the proxy, for the tests: runs a bundle as the proxy runs the gate, as bytecode, with the
//! same loop, natives and sockets. Each line of standard input is a time, in milliseconds, and a question for the bundle's
//! `ask`; each answer is a line, as soon as there is one.
//!
//! Its clock stands still between two lines, so that a time limit is over when a test says so, and not when the machine is busy.

#![allow(dead_code)] // of the proxy's modules there is no more than the engine needs

#[path = "../src/engine.rs"]
mod engine;
#[path = "../src/natives.rs"]
mod natives;
#[path = "../src/outline.rs"]
mod outline;
#[path = "../src/quiet.rs"]
mod quiet;
#[path = "../src/say.rs"]
mod say;
#[path = "../src/settings.rs"]
mod settings;
#[path = "../src/sockets.rs"]
mod sockets;

use engine::{Ask, Engine, Fault};
use rquickjs::{CatchResultExt, Module, WriteOptions};
use std::io::BufRead;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

/// Milliseconds.
static TOLD_AGE: AtomicU64 = AtomicU64::new(0);

fn process_age() -> Duration {
    Duration::from_millis(TOLD_AGE.load(Relaxed))
}

fn main() {
    let bundle = std::env::args_os().nth(1).expect("usage: engine BUNDLE");
    let bytecode = compiled(std::fs::read(bundle).expect("the bundle"));
    let (engine, begun) = Engine::start(bytecode.leak(), "");
    if let Err(Fault { message, .. }) = begun.recv().expect("the engine") {
        panic!("{message}");
    }
    let (answer, answers) = channel();
    std::thread::spawn(move || ask_lines(&engine, &answer));
    for answer in answers {
        println!("{answer}");
    }
}

fn compiled(source: Vec<u8>) -> Vec<u8> {
    let (_runtime, context) = engine::make();
    context.with(|ctx| {
        let module =
            Module::declare(ctx.clone(), "tests", source).catch(&ctx).unwrap_or_else(|fault| panic!("{fault}"));
        let options = WriteOptions { strip_source: true, strip_debug: true, ..Default::default() };
        module.write(options).expect("bytecode")
    })
}

/// Until there are no more. What is not answered by then is asked by nobody.
fn ask_lines(engine: &Engine, answer: &Sender<String>) -> ! {
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("UTF-8");
        let (time, question) = line.split_once(' ').expect("a time before the question");
        TOLD_AGE.store(time.parse().expect("milliseconds"), Relaxed);
        engine.put(Ask::Context(question.to_owned()), answer.clone());
    }
    std::process::exit(0)
}
