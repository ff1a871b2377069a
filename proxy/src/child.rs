//! The entry of an image: starts the runtime as a child, passes signals on, and ends as it ends.

use crate::end;
use crate::settings::variable;
use std::ffi::{OsStr, OsString};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

/// Signals that are no message to a runtime: a fault of this process raises them, or a terminal that stops its jobs. Of all
/// others the runtime is told, and the proxy goes on until it has ended.
const NOT_PASSED_ON: [libc::c_int; 12] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGILL,
    libc::SIGABRT,
    libc::SIGTRAP,
    libc::SIGSYS,
    libc::SIGPIPE,
    libc::SIGTSTP,
    libc::SIGTTIN,
    libc::SIGTTOU,
    libc::SIGCONT,
];
const SIGNALLED: i32 = 128;
/// Where images have AWS's emulator, beside the path.
const EMULATORS: [&str; 3] =
    ["/usr/local/bin/aws-lambda-rie", "/aws-lambda/aws-lambda-rie", "/var/rapid/aws-lambda-rie"];

/// Signals that this thread, and all that it starts, leave to [`run`]. Gives the mask from before, which is the runtime's.
pub fn hold_signals() -> libc::sigset_t {
    // SAFETY: any bytes are a set, and both live through the call.
    unsafe {
        let mut before = std::mem::zeroed();
        libc::pthread_sigmask(libc::SIG_BLOCK, &signals(), &mut before);
        before
    }
}

fn signals() -> libc::sigset_t {
    // SAFETY: a full set is made of any bytes.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigfillset(&mut set);
        for signal in NOT_PASSED_ON {
            libc::sigdelset(&mut set, signal);
        }
        set
    }
}

/// Runs the runtime to its end, and ends as it does. Of a container it may be the first process: it buries all others too.
pub fn run(command: &[OsString], port: u16, mask: libc::sigset_t) -> ! {
    let mut runtime = Command::new(&command[0]);
    runtime
        .args(&command[1..])
        .env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{port}"))
        .env(crate::BEHIND_PROXY, "1");
    // SAFETY: what runs between fork and exec takes no memory and no lock.
    unsafe {
        runtime.pre_exec(move || {
            libc::pthread_sigmask(libc::SIG_SETMASK, &mask, std::ptr::null_mut());
            Ok(())
        })
    };
    let child = match runtime.spawn() {
        Ok(child) => child.id() as libc::pid_t,
        Err(fault) => end(69, &format!("{} cannot be started: {}", command[0].display(), why_not(&command[0], &fault))),
    };
    loop {
        let mut signal = 0;
        // SAFETY: these signals are held in this thread.
        unsafe { libc::sigwait(&signals(), &mut signal) };
        if signal != libc::SIGCHLD {
            // SAFETY: has no conditions; the child is not buried yet.
            unsafe { libc::kill(child, signal) };
            continue;
        }
        while let Some((pid, status)) = buried() {
            if pid == child {
                std::process::exit(status.code().unwrap_or(SIGNALLED + status.signal().unwrap_or(0)));
            }
        }
    }
}

/// Why a program does not start. Of one that is there the system says that it is not, where it means what would run it.
fn why_not(program: &OsStr, fault: &io::Error) -> String {
    let is_there = program.as_bytes().contains(&b'/') && Path::new(program).exists();
    if is_there && fault.kind() == ErrorKind::NotFound {
        return "the interpreter that its first line names is not there (is there a carriage return behind it, CRLF?), or \
                it is built for another C library"
            .into();
    }
    fault.to_string()
}

/// A child that has ended.
fn buried() -> Option<(libc::pid_t, ExitStatus)> {
    let mut status = 0;
    // SAFETY: the status is written where it may be.
    let pid = unsafe { libc::waitpid(-1, &mut status, libc::WNOHANG) };
    (pid > 0).then(|| (pid, ExitStatus::from_raw(status)))
}

/// Outside Lambda: becomes AWS's emulator, which starts the same command again.
pub fn stand_under_emulator(command: &[OsString]) -> ! {
    let named = variable("AWS_LAMBDA_RIE");
    if let Some(file) = named.as_ref().filter(|file| !is_executable(&PathBuf::from(file))) {
        end(69, &format!("AWS_LAMBDA_RIE is \"{file}\", which is no executable file"));
    }
    let on_path = std::env::split_paths(&variable("PATH").unwrap_or_default())
        .map(|folder| folder.join("aws-lambda-rie"))
        .collect::<Vec<_>>();
    let places = named.map(PathBuf::from).into_iter().chain(on_path).chain(EMULATORS.map(PathBuf::from));
    let Some(emulator) = places.into_iter().find(is_executable) else {
        end(
            69,
            "this is not Lambda (AWS_LAMBDA_RUNTIME_API is not set), and there is no emulator to run under: name its file in \
             AWS_LAMBDA_RIE. https://github.com/aws/aws-lambda-runtime-interface-emulator/releases has it",
        )
    };
    let own = std::env::current_exe().unwrap_or_else(|_| "/proc/self/exe".into());
    // The level is given although it could come from LOG_LEVEL: that name is the function's.
    let fault = Command::new(&emulator).args(["--log-level", "error"]).arg(own).arg("--").args(command).exec();
    end(69, &format!("{} cannot be started: {fault}", emulator.display()))
}

fn is_executable(file: &PathBuf) -> bool {
    file.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
