//! The engine without the sockets, for the tests: evaluates a bundle as the proxy evaluates the gate, as bytecode, with the
//! same natives and the same stack. Then each line of standard input is given to its `answer`, and each answer is a line.

#![allow(dead_code)] // of the proxy's modules there is no more than the engine needs

#[path = "../src/engine.rs"]
mod engine;
#[path = "../src/natives.rs"]
mod natives;
#[path = "../src/quiet.rs"]
mod quiet;
#[path = "../src/settings.rs"]
mod settings;
#[path = "../src/sockets.rs"]
mod sockets;

use rquickjs::{CatchResultExt, Ctx, Function, Module, Promise, WriteOptions};
use std::io::{BufRead, Write};
use std::time::{Duration, Instant};

fn process_age() -> Duration {
    static STARTED: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    STARTED.get_or_init(Instant::now).elapsed()
}

fn main() {
    let bundle = std::env::args_os().nth(1).expect("usage: engine BUNDLE");
    let source = std::fs::read(bundle).expect("the bundle");
    engine::spawn(move || answer_lines(source)).join().expect("the engine's thread");
}

fn answer_lines(source: Vec<u8>) {
    let (_runtime, context) = engine::make();
    context.with(|ctx| {
        natives::give(&ctx, &natives::Shared::new(engine::Waker::new())).expect("natives");
        evaluate(&ctx, source).catch(&ctx).unwrap_or_else(|fault| panic!("{fault}"));
    });
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let answer = context.with(|ctx| {
            answer(&ctx, line.expect("UTF-8"))
                .catch(&ctx)
                .unwrap_or_else(|fault| format!("\"fault: {:?}\"", fault.to_string()))
        });
        out.write_all(answer.as_bytes())
            .and_then(|()| out.write_all(b"\n"))
            .and_then(|()| out.flush())
            .expect("a reader");
    }
}

fn evaluate(ctx: &Ctx, source: Vec<u8>) -> rquickjs::Result<()> {
    let bytecode = Module::declare(ctx.clone(), "tests", source)?
        .write(WriteOptions { strip_source: true, ..Default::default() })?;
    // SAFETY: the same engine made it.
    let (_, evaluated) = unsafe { Module::load(ctx.clone(), &bytecode)? }.eval()?;
    evaluated.finish()
}

fn answer(ctx: &Ctx, line: String) -> rquickjs::Result<String> {
    let answer: Function = ctx.globals().get("answer")?;
    answer.call::<_, Promise>((line,))?.finish()
}
