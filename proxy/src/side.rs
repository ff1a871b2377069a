//! One end of a pair of connections: what it has sent and nobody has read yet, what it is to get and has not taken yet.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::AsRawFd;

/// Room for what is read at once; for long bodies more.
const ROOM: usize = 16 << 10;
const LONG_ROOM: usize = 256 << 10;
const FOR_EVER: libc::c_int = -1;

pub struct Side {
    stream: TcpStream,
    input: Vec<u8>,
    start: usize,
    end: usize,
    output: Vec<u8>,
    written: usize,
    /// Nothing more comes from it.
    pub has_ended: bool,
    /// It takes nothing any more.
    pub is_broken: bool,
}

impl Side {
    pub fn new(stream: TcpStream) -> io::Result<Side> {
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        Ok(Side {
            stream,
            input: vec![0; ROOM],
            start: 0,
            end: 0,
            output: vec![],
            written: 0,
            has_ended: false,
            is_broken: false,
        })
    }

    /// What has come and was not consumed yet.
    pub fn received(&self) -> &[u8] {
        &self.input[self.start..self.end]
    }

    pub fn consume(&mut self, length: usize) {
        self.start += length;
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Reads what is there; nothing where nothing is.
    pub fn read(&mut self, is_long: bool) {
        if is_long && self.input.len() < LONG_ROOM {
            self.input.resize(LONG_ROOM, 0);
        }
        if self.end == self.input.len() {
            if self.start > 0 {
                self.input.copy_within(self.start..self.end, 0);
                (self.start, self.end) = (0, self.end - self.start);
            } else {
                self.input.resize(self.input.len() * 2, 0);
            }
        }
        match self.stream.read(&mut self.input[self.end..]) {
            Ok(0) => self.has_ended = true,
            Ok(length) => self.end += length,
            Err(fault) if matches!(fault.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
            Err(_) => self.has_ended = true,
        }
    }

    /// To be sent with what comes next, or by [`Side::flush`].
    pub fn queue(&mut self, bytes: &[u8]) {
        if !self.is_broken {
            self.output.extend_from_slice(bytes);
        }
    }

    /// Sends what it takes now, and queues the rest.
    pub fn send(&mut self, bytes: &[u8]) {
        if !self.output.is_empty() {
            self.queue(bytes);
            return self.flush();
        }
        let taken = self.write(bytes);
        self.queue(&bytes[taken..]);
    }

    /// Sends what it takes now of what is queued.
    pub fn flush(&mut self) {
        if self.output.is_empty() {
            return;
        }
        let output = std::mem::take(&mut self.output);
        let taken = self.write(&output[self.written..]);
        self.written += taken;
        if self.written < output.len() && !self.is_broken {
            self.output = output;
        } else {
            self.written = 0;
            self.output = output;
            self.output.clear();
        }
    }

    fn write(&mut self, bytes: &[u8]) -> usize {
        let mut taken = 0;
        while taken < bytes.len() && !self.is_broken {
            match self.stream.write(&bytes[taken..]) {
                Ok(0) => self.is_broken = true,
                Ok(length) => taken += length,
                Err(fault) if fault.kind() == ErrorKind::WouldBlock => break,
                Err(fault) if fault.kind() == ErrorKind::Interrupted => {}
                Err(_) => self.is_broken = true,
            }
        }
        taken
    }

    /// Whether the peer sends nothing more, or is not there any more, as far as is known at this instant.
    pub fn is_gone(&self) -> bool {
        let [happened] = poll([(self, Wanted { end: true, ..Wanted::default() })], 0);
        happened.gone
    }

    /// Whether it has yet to take what it was sent.
    pub fn is_behind(&self) -> bool {
        !self.output.is_empty()
    }

    /// Gives back the room that a long body has taken.
    pub fn rest(&mut self) {
        if self.start == self.end && self.input.len() > ROOM {
            self.input = vec![0; ROOM];
        }
        if self.output.is_empty() && self.output.capacity() > ROOM {
            self.output = vec![];
        }
    }
}

/// What is waited for on a side. Where it is nothing at all, nothing of it is heard.
#[derive(Clone, Copy, Default)]
pub struct Wanted {
    pub bytes: bool,
    pub room: bool,
    /// That it goes away.
    pub end: bool,
}

/// What came of it.
#[derive(Clone, Copy, Default)]
pub struct Happened {
    pub bytes: bool,
    /// The peer sends nothing more, or is not there any more.
    pub gone: bool,
}

/// Waits until something of it happens.
pub fn wait<const COUNT: usize>(sides: [(&Side, Wanted); COUNT]) -> [Happened; COUNT] {
    poll(sides, FOR_EVER)
}

fn poll<const COUNT: usize>(sides: [(&Side, Wanted); COUNT], limit_ms: libc::c_int) -> [Happened; COUNT] {
    let mut polled = sides.map(|(side, Wanted { bytes, room, end })| libc::pollfd {
        fd: if bytes || room || end { side.stream.as_raw_fd() } else { -1 },
        events: (if bytes { libc::POLLIN } else { 0 })
            | (if room { libc::POLLOUT } else { 0 })
            | (if end { libc::POLLRDHUP } else { 0 }),
        revents: 0,
    });
    // SAFETY: the array is as long as it says, and lives through the call.
    unsafe { libc::poll(polled.as_mut_ptr(), COUNT as libc::nfds_t, limit_ms) };
    polled.map(|libc::pollfd { revents, .. }| Happened {
        bytes: revents & libc::POLLIN != 0,
        gone: revents & (libc::POLLRDHUP | libc::POLLHUP | libc::POLLERR) != 0,
    })
}
