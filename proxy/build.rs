//! Makes bytecode of the gate, by the very engine that runs it.

use rquickjs::{CatchResultExt, Context, Module, Runtime, WriteOptions, WriteOptionsEndianness};
use std::path::Path;
use std::{env, fs};

/// Where `build/proxy.ts` puts the gate's text.
const GATE: &str = "../dist/proxy-gate/gate.js";

fn main() {
    println!("cargo::rerun-if-changed={GATE}");
    let source = fs::read(GATE).unwrap_or_else(|fault| panic!("{GATE}: {fault}; run  node build/proxy.ts"));
    let runtime = Runtime::new().unwrap();
    let context = Context::full(&runtime).unwrap();
    let bytecode = context.with(|ctx| {
        let module = Module::declare(ctx.clone(), "gate", source).catch(&ctx).unwrap_or_else(|fault| panic!("{fault}"));
        let options = WriteOptions {
            endianness: WriteOptionsEndianness::Little,
            strip_source: true,
            strip_debug: true,
            ..Default::default()
        };
        module.write(options).unwrap()
    });
    fs::write(Path::new(&env::var("OUT_DIR").unwrap()).join("gate.bc"), bytecode).unwrap();
}
