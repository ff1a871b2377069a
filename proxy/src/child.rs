//! The entry of an image: starts the runtime as a child, passes signals on, and ends as it ends.

use crate::end;
use crate::settings::variable;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Command, ExitStatus};

/// What a runtime may be sent: it is told, and the proxy goes on until the runtime has ended.
const SIGNALS: [libc::c_int; 5] = [libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGQUIT, libc::SIGUSR1];
const SIGNALLED: i32 = 128;
/// Where images have AWS's emulator, beside the path.
const EMULATORS: [&str; 3] =
    ["/usr/local/bin/aws-lambda-rie", "/aws-lambda/aws-lambda-rie", "/var/rapid/aws-lambda-rie"];

/// Signals that this thread, and all that it starts, leave to [`run`].
pub fn hold_signals() {
    // SAFETY: the set is made before it is used.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &signals(), std::ptr::null_mut()) };
}

fn signals() -> libc::sigset_t {
    // SAFETY: an empty set is made of any bytes.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        for signal in SIGNALS.into_iter().chain([libc::SIGCHLD]) {
            libc::sigaddset(&mut set, signal);
        }
        set
    }
}

/// Runs the runtime to its end, and ends as it does. Of a container it may be the first process: it buries all others too.
pub fn run(command: &[OsString], port: u16) -> ! {
    let mut runtime = Command::new(&command[0]);
    runtime
        .args(&command[1..])
        .env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{port}"))
        .env(crate::BEHIND_PROXY, "1");
    // SAFETY: what runs between fork and exec takes no memory and no lock.
    unsafe {
        runtime.pre_exec(|| {
            libc::pthread_sigmask(libc::SIG_UNBLOCK, &signals(), std::ptr::null_mut());
            Ok(())
        })
    };
    let child = match runtime.spawn() {
        Ok(child) => child.id() as libc::pid_t,
        Err(fault) => end(69, &format!("{} cannot be started: {fault}", command[0].display())),
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
