//! The gate: our TypeScript as bytecode, in an engine on a thread of its own. It sleeps while nobody asks.

use crate::natives::{self, Shared};
use crate::say;
use crate::sockets::Event;
use rquickjs::function::Args;
use rquickjs::{CatchResultExt, Context, Ctx, Function, Module, Object, Runtime, TypedArray, qjs};
use std::cell::RefCell;
use std::collections::HashMap;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

const STACK: usize = 2 << 20;
const ENGINE_STACK: usize = 1 << 20;
/// Text of an event that leaves so much unused memory behind that it is given back.
const LARGE: usize = 1 << 20;

/// A question to the gate. `proxy/main.ts` has the answers.
pub enum Ask {
    /// Answered once the first read of the windows is settled, or INIT's time is up.
    Start,
    /// `passes`, once old windows are read again; else the event is to be read whole.
    Arrive,
    /// `dispatch`, or `answered`, or `unanswered` where Lambda did not take any answer.
    Handle { headers: Vec<(String, String)>, text: Arc<Vec<u8>> },
    /// A client context as the handler may have it.
    Context(String),
    /// Answered once everything that was known before a snapshot is known anew.
    Restored,
    /// No runtime has connected: says so in the log, and counts it.
    Unused { seconds: u32 },
}

type Question = (Ask, Sender<String>);

/// The engine's thread, as others see it.
#[derive(Clone)]
pub struct Engine {
    questions: Arc<Mutex<Vec<Question>>>,
    waker: Waker,
    first_read: Arc<Once>,
}

/// A fault that ends the start.
pub struct Fault {
    pub name: String,
    pub message: String,
    pub exit_code: i32,
}

impl Engine {
    /// Starts it with the bytecode of the gate, which [`make`]'s engine has made. The first read of the windows has begun once
    /// the receiver has something.
    pub fn start(gate: &'static [u8], upstream: &str) -> (Engine, Receiver<Result<(), Fault>>) {
        let engine = Engine { questions: Arc::default(), waker: Waker::new(), first_read: Arc::new(Once::new()) };
        let (tell, told) = channel();
        let (own, upstream) = (engine.clone(), upstream.to_owned());
        spawn(move || run(&own, gate, &upstream, &tell));
        (engine, told)
    }

    /// Waits until the first read of the windows is settled, or INIT's time is up. Later on it costs nothing.
    pub fn await_first_read(&self) {
        self.first_read.call_once(|| drop(self.ask(Ask::Start)));
    }

    /// Asks, and waits for the answer.
    pub fn ask(&self, ask: Ask) -> String {
        let (answer, answered) = channel();
        self.put(ask, answer);
        answered.recv().unwrap_or_default()
    }

    /// Asks. The answer is sent once there is one.
    pub fn put(&self, ask: Ask, answer: Sender<String>) {
        self.questions.lock().unwrap().push((ask, answer));
        self.waker.wake();
    }
}

/// Wakes the engine's thread from its poll.
#[derive(Clone)]
pub struct Waker(Arc<OwnedFd>);

impl Waker {
    pub fn new() -> Waker {
        // SAFETY: a new descriptor, owned by nobody else.
        Waker(Arc::new(unsafe { OwnedFd::from_raw_fd(libc::eventfd(0, libc::EFD_NONBLOCK | libc::EFD_CLOEXEC)) }))
    }

    pub fn wake(&self) {
        // SAFETY: eight bytes are written from eight bytes.
        unsafe { libc::write(self.0.as_raw_fd(), (&raw const ONE).cast(), 8) };
    }

    fn calm(&self) {
        let mut count = 0u64;
        // SAFETY: eight bytes are read into eight bytes.
        unsafe { libc::read(self.0.as_raw_fd(), (&raw mut count).cast(), 8) };
    }
}

static ONE: u64 = 1;

/// Runs in a thread that is made for the engine.
fn spawn(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().name("gate".into()).stack_size(STACK).spawn(run).expect("a thread for the engine");
}

/// The engine, bounded by the stack of its thread.
pub fn make() -> (Runtime, Context) {
    let runtime = Runtime::new().expect("an engine");
    runtime.set_max_stack_size(ENGINE_STACK);
    let context = Context::full(&runtime).expect("an engine");
    (runtime, context)
}

fn run(engine: &Engine, gate: &[u8], upstream: &str, tell: &Sender<Result<(), Fault>>) {
    let (runtime, context) = make();
    let rejected = Rc::new(RefCell::new(HashMap::new()));
    let rejections = rejected.clone();
    runtime.set_host_promise_rejection_tracker(Some(Box::new(move |_, promise, reason, is_handled| {
        // SAFETY: the address is compared, and not followed.
        let promise = unsafe { qjs::JS_VALUE_GET_PTR(promise.as_raw()) } as usize;
        if is_handled {
            rejections.borrow_mut().remove(&promise);
        } else {
            let told = reason.as_exception().map_or_else(|| format!("{reason:?}"), |error| error.to_string());
            rejections.borrow_mut().insert(promise, told);
        }
    })));
    let shared = Shared::new(engine.waker.clone());
    context.with(|ctx| {
        let begun = begin(&ctx, &shared, gate, upstream).catch(&ctx).map_err(|fault| Fault {
            name: "MaintenanceWindow.Fault".into(),
            message: fault.to_string(),
            exit_code: 70,
        });
        let _ = tell.send(begun.and_then(|fault| fault.map_or(Ok(()), Err)));
    });
    loop {
        work_off(&runtime);
        for (_, told) in rejected.borrow_mut().drain() {
            complain(&told);
        }
        shared.give_back();
        wait(engine, &shared);
        let questions = std::mem::take(&mut *engine.questions.lock().unwrap());
        for (ask, answer) in questions {
            context.with(|ctx| put(&ctx, &shared, ask, answer));
            work_off(&runtime);
        }
        // Sockets before timers: after a freeze an answer that has come is seen before its time limit.
        let said = shared.sockets.borrow_mut().said();
        for (id, event) in said {
            context.with(|ctx| hear(&ctx, id, event));
            work_off(&runtime);
        }
        for id in shared.due_timers() {
            context.with(|ctx| call(&ctx, "due", |args| args.push_arg(id)));
            work_off(&runtime);
        }
    }
}

/// Evaluates the bytecode, and composes the gate: its fault, if the settings are not allowed.
fn begin(ctx: &Ctx, shared: &Shared, bytecode: &[u8], upstream: &str) -> rquickjs::Result<Option<Fault>> {
    natives::give(ctx, shared)?;
    // SAFETY: this very engine has made it.
    let (_, evaluated) = unsafe { Module::load(ctx.clone(), bytecode)? }.eval()?;
    evaluated.finish::<()>()?;
    let environment = Object::new(ctx.clone())?;
    for (name, value) in std::env::vars_os() {
        environment.set(&*name.to_string_lossy(), &*value.to_string_lossy())?;
    }
    let fault: Option<Object> = gate(ctx)?.get::<_, Function>("begin")?.call((environment, upstream))?;
    let Some(fault) = fault else { return Ok(None) };
    Ok(Some(Fault { name: fault.get("name")?, message: fault.get("message")?, exit_code: fault.get("exitCode")? }))
}

fn gate<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<Object<'js>> {
    ctx.globals().get("maintenanceWindow")
}

/// Runs what promises wait for.
fn work_off(runtime: &Runtime) {
    while runtime.is_job_pending() {
        if let Err(fault) = runtime.execute_pending_job() {
            complain(&fault.to_string());
        }
    }
}

fn wait(engine: &Engine, shared: &Shared) {
    let (ids, mut polled): (Vec<_>, Vec<_>) = shared.sockets.borrow().polled().into_iter().unzip();
    polled.push(libc::pollfd { fd: engine.waker.0.as_raw_fd(), events: libc::POLLIN, revents: 0 });
    let left_ms = |left: Duration| left.as_micros().div_ceil(1_000).try_into().unwrap_or(libc::c_int::MAX);
    let timeout = shared.patience().map_or(-1, left_ms);
    // SAFETY: the list is as long as it says, and lives through the call.
    unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, timeout) };
    if polled.pop().is_some_and(|waker| waker.revents != 0) {
        engine.waker.calm();
    }
    for (id, libc::pollfd { revents, .. }) in ids.into_iter().zip(polled) {
        if revents != 0 {
            shared.sockets.borrow_mut().go_on(id, revents);
        }
    }
}

fn put<'js>(ctx: &Ctx<'js>, shared: &Shared, ask: Ask, answer: Sender<String>) {
    let is_large = matches!(&ask, Ask::Handle { text, .. } if text.len() > LARGE);
    let id = shared.expect(answer, is_large);
    call(ctx, "ask", |args| {
        args.push_arg(id)?;
        match ask {
            Ask::Start => args.push_arg("start"),
            Ask::Arrive => args.push_arg("arrive"),
            Ask::Handle { headers, text } => {
                let given = Object::new(ctx.clone())?;
                for (name, value) in headers {
                    given.set(name, value)?;
                }
                args.push_arg("handle")?;
                args.push_arg(given)?;
                args.push_arg(&*String::from_utf8_lossy(&text))
            }
            Ask::Context(context) => {
                args.push_arg("context")?;
                args.push_arg(context)
            }
            Ask::Restored => args.push_arg("restored"),
            Ask::Unused { seconds } => {
                args.push_arg("unused")?;
                args.push_arg(seconds)
            }
        }
    });
}

fn hear(ctx: &Ctx, id: u32, event: Event) {
    call(ctx, "heard", |args| {
        args.push_arg(id)?;
        match event {
            Event::Connected => args.push_arg("connect"),
            Event::Data(bytes) => {
                args.push_arg("data")?;
                args.push_arg(TypedArray::<u8>::new(ctx.clone(), bytes)?)
            }
            Event::Ended => args.push_arg("end"),
            Event::Failed { code, message } => {
                args.push_arg("error")?;
                args.push_arg(code)?;
                args.push_arg(message)
            }
            Event::Closed => args.push_arg("close"),
        }
    });
}

/// Calls one of the gate's functions. A fault in it is a defect of ours: the log has it.
fn call<'js>(ctx: &Ctx<'js>, name: &str, push: impl FnOnce(&mut Args<'js>) -> rquickjs::Result<()>) {
    let called = || -> rquickjs::Result<()> {
        let mut args = Args::new_unsized(ctx.clone());
        push(&mut args)?;
        gate(ctx)?.get::<_, Function>(name)?.call_arg(args)
    };
    if let Err(fault) = called().catch(ctx) {
        complain(&fault.to_string());
    }
}

/// Where the gate's own log is not to be had.
fn complain(what: &str) {
    say::error(format_args!("a fault of the gate: {what}"));
}
