//! Runtime API proxy: between a runtime of any language and Lambda. Bytes pass; inside a maintenance window the gate, our
//! TypeScript, answers in the runtime's place.
//!
//! As an extension, in this order: listen, register, the first read of the windows, `event/next`. Lambda starts the runtime
//! once every extension is registered, and INIT is over once each has called `event/next`: so nobody meets a closed port,
//! and no invocation comes before the first reading.

mod child;
mod engine;
mod hop;
mod lambda;
mod natives;
mod outline;
mod quiet;
mod say;
mod settings;
mod side;
mod sockets;

use engine::{Ask, Engine, Fault};
use lambda::Extension;
use settings::{Settings, variable};
use std::ffi::OsString;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// What the engine runs: see `build.rs`.
const GATE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/gate.bc"));
const USAGE: &str = "usage: proxy --extension NAME       as /opt/extensions/maintenance-window starts it
       proxy -- COMMAND [ARGUMENT]…   starts the runtime behind the proxy; the entry of an image";
/// Tells the client in an image or layer that a proxy guards the function already: two gates would both store.
const BEHIND_PROXY: &str = "_MAINTENANCE_WINDOW_PROXY";
/// The wrapper that runs next, where Lambda runs ours.
const NEXT_WRAPPER: &str = "MAINTENANCE_WINDOW_EXEC_WRAPPER";
/// The client's own file, if its layer is here, too.
const CLIENT: &str = "maintenance-window.mjs";

/// A connection's thread passes bytes; certificates are verified on the engine's.
const SERVE_STACK: usize = 128 << 10;
/// INIT has ten seconds on demand; elsewhere a runtime may take a quarter of an hour until it polls.
const UNUSED_SECONDS: u32 = 12;
const UNUSED_SECONDS_LONG: u32 = 920;

static IS_USED: AtomicBool = AtomicBool::new(false);
static STARTED: OnceLock<Instant> = OnceLock::new();

/// How old this process is.
fn process_age() -> Duration {
    STARTED.get().map_or(Duration::ZERO, Instant::elapsed)
}

/// Ends the process, and with it the environment, with one line that says why.
fn end(exit_code: i32, why: &str) -> ! {
    say::error(why);
    std::process::exit(exit_code)
}

fn main() {
    STARTED.get_or_init(Instant::now);
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    // A command's words are the runtime's: bytes of any kind.
    match arguments.iter().map(|word| word.to_str().unwrap_or_default()).collect::<Vec<_>>().as_slice() {
        ["--extension", name] => be_extension(name),
        ["--", _, ..] => be_entry(&arguments[1..]),
        _ => {
            say::line(USAGE);
            std::process::exit(64)
        }
    }
}

fn be_extension(name: &str) -> ! {
    let Some(lambda) = variable("AWS_LAMBDA_RUNTIME_API") else {
        end(69, "this is not Lambda (AWS_LAMBDA_RUNTIME_API is not set)")
    };
    let started = start();
    let extension =
        Extension::register(&lambda, name).unwrap_or_else(|fault| end(69, &format!("the extension {name}: {fault}")));
    match started {
        Ok(Started { engine, .. }) => engine.await_first_read(),
        Err(Fault { name, message, exit_code }) => {
            extension.fail_init(&name, &message);
            end(exit_code, &format!("{name}: {message}"))
        }
    }
    match extension.wait() {
        Ok(()) => end(0, "Lambda has ended the environment"),
        Err(fault) => end(70, &format!("Lambda's Extensions API: {fault}")),
    }
}

fn be_entry(command: &[OsString]) -> ! {
    let Some(lambda) = variable("AWS_LAMBDA_RUNTIME_API") else { child::stand_under_emulator(command) };
    let mask = child::hold_signals();
    match refuse_skipped_wrapper().and_then(|()| start()) {
        Ok(Started { port, .. }) => child::run(command, port, mask),
        Err(Fault { name, message, exit_code }) => {
            lambda::fail_runtime_init(&lambda, &name, &message);
            end(exit_code, &format!("{name}: {message}"))
        }
    }
}

struct Started {
    engine: Engine,
    port: u16,
}

/// Listens, and begins the first read of the windows. Extensions register where Lambda is, whatever stands in between;
/// requests of the runtime go up the chain.
fn start() -> Result<Started, Fault> {
    refuse_client()?;
    let config = |message| Fault { name: "MaintenanceWindow.Config".into(), message, exit_code: 78 };
    let Settings { upstream, port } = Settings::read().map_err(config)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|fault| Fault {
        name: "MaintenanceWindow.Missing".into(),
        message: match fault.kind() {
            ErrorKind::AddrInUse => format!(
                "port {port} is taken, maybe by another proxy or extension: set MAINTENANCE_WINDOW_PROXY_PORT to a free one"
            ),
            _ => format!("port {port} cannot be listened on ({fault}): set MAINTENANCE_WINDOW_PROXY_PORT to another one"),
        },
        exit_code: 69,
    })?;
    let upstream: &'static str = upstream.leak();
    let (engine, begun) = Engine::start(GATE, upstream);
    begun.recv().map_err(|_| Fault {
        name: "MaintenanceWindow.Fault".into(),
        message: "the engine has not started".into(),
        exit_code: 70,
    })??;
    let accepting = engine.clone();
    spawn(move || accept(&listener, upstream, &accepting));
    let watching = engine.clone();
    spawn(move || watch(&watching));
    Ok(Started { engine, port })
}

/// Nobody runs a wrapper in an image of one's own. One that the function relies on must not be left out in silence.
fn refuse_skipped_wrapper() -> Result<(), Fault> {
    match variable(NEXT_WRAPPER).filter(|wrapper| wrapper != "none") {
        None => Ok(()),
        Some(wrapper) => Err(Fault {
            name: "MaintenanceWindow.Config".into(),
            message: format!(
                "{NEXT_WRAPPER}: \"{wrapper}\" was not run, since the proxy is the image's entry; write it behind the -- of the \
                 ENTRYPOINT, before the command"
            ),
            exit_code: 78,
        }),
    }
}

/// With the client's layer beside it there would be two gates.
fn refuse_client() -> Result<(), Fault> {
    let own = std::env::current_exe().unwrap_or_default();
    let folder = own.parent().unwrap_or(Path::new("/opt/maintenance-window"));
    if !folder.join(CLIENT).exists() {
        return Ok(());
    }
    Err(Fault {
        name: "MaintenanceWindow.Config".into(),
        message: format!(
            "{} holds both the client for Node and the proxy, which would both store each event: take one of the two layers away",
            folder.display()
        ),
        exit_code: 78,
    })
}

fn accept(listener: &TcpListener, upstream: &'static str, engine: &Engine) {
    for client in listener.incoming() {
        match client {
            Ok(client) => {
                IS_USED.store(true, Relaxed);
                let engine = engine.clone();
                spawn(move || {
                    if let Err(fault) = hop::serve(client, upstream, &engine)
                        && fault.kind() == ErrorKind::InvalidData
                    {
                        say::error(format_args!("a connection of the runtime's is closed: {fault}"));
                    }
                });
            }
            Err(fault) => {
                say::error(format_args!("a connection of the runtime's could not be taken: {fault}"));
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }
}

/// Says once that the function is not guarded, where no runtime has connected. Seconds in which the environment is frozen
/// count as one.
fn watch(engine: &Engine) {
    let is_patient = variable("AWS_LAMBDA_INITIALIZATION_TYPE").is_some_and(|how| how != "on-demand");
    let limit = if is_patient { UNUSED_SECONDS_LONG } else { UNUSED_SECONDS };
    for _ in 0..limit {
        std::thread::sleep(Duration::from_secs(1));
        if IS_USED.load(Relaxed) {
            return;
        }
    }
    engine.ask(Ask::Unused { seconds: limit });
}

fn spawn(run: impl FnOnce() + Send + 'static) {
    if let Err(fault) = std::thread::Builder::new().stack_size(SERVE_STACK).spawn(run) {
        end(70, &format!("no thread can be started: {fault}"));
    }
}
