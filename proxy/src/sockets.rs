//! The sockets of the engine's thread, none of which ever blocks it: TCP, and TLS over it.

use crate::engine::Waker;
use crate::say;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{CertificateError, ClientConfig, ClientConnection, RootCertStore};
use socket2::{Domain, Protocol, SockAddr, Socket as RawSocket, TcpKeepalive, Type};
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::os::fd::AsRawFd;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

/// What is read at once.
const ROOM: usize = 64 << 10;
/// Names are looked up by the system, on a thread that may take as long as it likes.
const LOOKUP_STACK: usize = 512 << 10;
/// How long an address may take where there is another one: Node's `autoSelectFamilyAttemptTimeout`. A dead one would take minutes.
const ATTEMPT: Duration = Duration::from_millis(250);
/// Certificates beside the bundled ones, by the names that Node and the AWS SDKs have for them.
const MORE_ROOTS: [&str; 2] = ["NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE"];

/// What a socket says, by its number.
pub enum Event {
    Connected,
    Data(Vec<u8>),
    /// The peer sends nothing more.
    Ended,
    Failed {
        code: &'static str,
        message: String,
    },
    Closed,
}

type Found = (u32, io::Result<Vec<SocketAddr>>);

pub struct Sockets {
    open: BTreeMap<u32, Socket>,
    latest: u32,
    found: Arc<Mutex<Vec<Found>>>,
    waker: Waker,
    events: VecDeque<(u32, Event)>,
}

struct Socket {
    state: State,
    addresses: VecDeque<SocketAddr>,
    /// When the next address is tried, if this one has not answered.
    moves_on: Option<Instant>,
    /// Over TLS: whom the certificate has to name.
    tls: Option<ServerName<'static>>,
    session: Option<ClientConnection>,
    output: VecDeque<u8>,
    is_made: bool,
    keep_alive: Option<Duration>,
}

enum State {
    LookedUp,
    Connecting(TcpStream),
    Open(TcpStream),
}

impl Sockets {
    pub fn new(waker: Waker) -> Sockets {
        Sockets { open: BTreeMap::new(), latest: 0, found: Arc::default(), waker, events: VecDeque::new() }
    }

    /// Begins a connection, and says its number.
    pub fn connect(&mut self, host: &str, port: u16, is_tls: bool) -> u32 {
        self.latest += 1;
        let id = self.latest;
        let tls = if is_tls { ServerName::try_from(host.to_owned()).ok() } else { None };
        let is_unnamed = is_tls && tls.is_none();
        let socket = Socket {
            state: State::LookedUp,
            addresses: VecDeque::new(),
            moves_on: None,
            tls,
            session: None,
            output: VecDeque::new(),
            is_made: false,
            keep_alive: None,
        };
        self.open.insert(id, socket);
        if is_unnamed {
            self.fail(id, "ERR_INVALID_ARG_VALUE", format!("{host} is no name of a host"));
        } else if let Ok(address) = host.parse::<IpAddr>() {
            self.found(id, Ok(vec![SocketAddr::new(address, port)]));
        } else {
            self.look_up(id, host.to_owned(), port);
        }
        id
    }

    fn look_up(&mut self, id: u32, host: String, port: u16) {
        let (found, waker) = (self.found.clone(), self.waker.clone());
        let looking = std::thread::Builder::new().stack_size(LOOKUP_STACK).spawn(move || {
            let addresses = (host.as_str(), port).to_socket_addrs().map(|found| found.collect());
            found.lock().unwrap().push((id, addresses));
            waker.wake();
        });
        if let Err(fault) = looking {
            self.fail(id, "EAGAIN", fault.to_string());
        }
    }

    fn found(&mut self, id: u32, addresses: io::Result<Vec<SocketAddr>>) {
        let Some(socket) = self.open.get_mut(&id) else { return };
        match addresses {
            Ok(addresses) if !addresses.is_empty() => {
                socket.addresses = addresses.into();
                self.try_next(id, None);
            }
            Ok(_) => self.fail(id, "ENOTFOUND", "the name has no address".to_owned()),
            Err(fault) => self.fail(id, "ENOTFOUND", fault.to_string()),
        }
    }

    /// Goes to the next of its addresses; fails as the latest did where there is none.
    fn try_next(&mut self, id: u32, latest: Option<io::Error>) {
        let Some(socket) = self.open.get_mut(&id) else { return };
        let mut fault = latest.unwrap_or_else(|| ErrorKind::NotFound.into());
        while let Some(address) = socket.addresses.pop_front() {
            match begin(address) {
                Ok(stream) => {
                    socket.state = State::Connecting(stream);
                    socket.moves_on = (!socket.addresses.is_empty()).then(|| Instant::now() + ATTEMPT);
                    return;
                }
                Err(other) => fault = other,
            }
        }
        self.fail(id, code_of(&fault), fault.to_string());
    }

    /// Bytes to send, now or once the connection is made.
    pub fn send(&mut self, id: u32, bytes: &[u8]) {
        let Some(socket) = self.open.get_mut(&id) else { return };
        socket.output.extend(bytes);
        self.flush(id);
    }

    /// How many bytes are not handed to the system yet.
    pub fn unsent(&self, id: u32) -> usize {
        let Some(socket) = self.open.get(&id) else { return 0 };
        socket.output.len() + socket.session.as_ref().map_or(0, |session| usize::from(session.wants_write()))
    }

    pub fn keep_alive(&mut self, id: u32, after: Duration) {
        let Some(socket) = self.open.get_mut(&id) else { return };
        socket.keep_alive = Some(after);
        if let State::Open(stream) = &socket.state {
            keep_alive(stream, after);
        }
    }

    /// Closes at once. Nothing more is heard of it.
    pub fn close(&mut self, id: u32) {
        if let Some(Socket { state: State::Open(mut stream), session: Some(mut session), .. }) = self.open.remove(&id) {
            session.send_close_notify();
            let _ = session.write_tls(&mut stream);
        }
    }

    /// What there is to be waited for.
    pub fn polled(&self) -> Vec<(u32, libc::pollfd)> {
        let polled = self.open.iter().filter_map(|(&id, socket)| {
            let (stream, events) = match &socket.state {
                State::LookedUp => return None,
                State::Connecting(stream) => (stream, libc::POLLOUT),
                State::Open(stream) => {
                    let room = socket.wants_room();
                    (stream, libc::POLLIN | if room { libc::POLLOUT } else { 0 })
                }
            };
            Some((id, libc::pollfd { fd: stream.as_raw_fd(), events, revents: 0 }))
        });
        polled.collect()
    }

    /// Goes on with a socket of which something has happened.
    pub fn go_on(&mut self, id: u32, happened: libc::c_short) {
        let Some(socket) = self.open.get_mut(&id) else { return };
        match std::mem::replace(&mut socket.state, State::LookedUp) {
            State::LookedUp => {}
            State::Connecting(stream) => match stream.take_error() {
                Ok(None) => self.made(id, stream),
                Ok(Some(fault)) | Err(fault) => self.try_next(id, Some(fault)),
            },
            State::Open(stream) => {
                socket.state = State::Open(stream);
                if happened & libc::POLLOUT != 0 {
                    self.flush(id);
                }
                if happened & !libc::POLLOUT != 0 {
                    self.read(id);
                }
            }
        }
    }

    fn made(&mut self, id: u32, stream: TcpStream) {
        let Some(socket) = self.open.get_mut(&id) else { return };
        if let Some(after) = socket.keep_alive {
            keep_alive(&stream, after);
        }
        socket.moves_on = None;
        socket.state = State::Open(stream);
        match socket.tls.clone().map(begin_session) {
            None => {
                socket.is_made = true;
                self.events.push_back((id, Event::Connected));
            }
            Some(Ok(session)) => socket.session = Some(session),
            Some(Err(fault)) => return self.fail(id, tls_code_of(&fault), fault.to_string()),
        }
        self.flush(id);
    }

    fn flush(&mut self, id: u32) {
        let Some(socket) = self.open.get_mut(&id) else { return };
        if let Err(fault) = socket.flush() {
            self.fail(id, code_of(&fault), fault.to_string());
        }
    }

    fn read(&mut self, id: u32) {
        let Some(socket) = self.open.get_mut(&id) else { return };
        let mut bytes = vec![];
        match socket.read(&mut bytes) {
            Ok(has_ended) => {
                let is_new =
                    !socket.is_made && socket.session.as_ref().is_some_and(|session| !session.is_handshaking());
                if is_new {
                    socket.is_made = true;
                    self.events.push_back((id, Event::Connected));
                }
                if !bytes.is_empty() {
                    self.events.push_back((id, Event::Data(bytes)));
                }
                if has_ended {
                    self.open.remove(&id);
                    self.events.push_back((id, Event::Ended));
                    self.events.push_back((id, Event::Closed));
                    return;
                }
                self.flush(id);
            }
            Err(fault) => {
                if !bytes.is_empty() {
                    self.events.push_back((id, Event::Data(bytes)));
                }
                let tls = fault.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
                let code = tls.map_or_else(|| code_of(&fault), tls_code_of);
                self.fail(id, code, fault.to_string());
            }
        }
    }

    fn fail(&mut self, id: u32, code: &'static str, message: String) {
        if let Some(mut socket) = self.open.remove(&id) {
            let _ = socket.flush(); // the alert that tells the peer why
            self.events.push_back((id, Event::Failed { code, message }));
            self.events.push_back((id, Event::Closed));
        }
    }

    /// How long nothing is to be done unless something happens: zero where there is something to be heard.
    pub fn patience(&self) -> Option<Duration> {
        if !self.events.is_empty() {
            return Some(Duration::ZERO);
        }
        let earliest = self.open.values().filter_map(|socket| socket.moves_on).min()?;
        Some(earliest.saturating_duration_since(Instant::now()))
    }

    /// What has been said since it was asked last.
    pub fn said(&mut self) -> VecDeque<(u32, Event)> {
        let now = Instant::now();
        let is_due = |(&id, socket): (&u32, &Socket)| socket.moves_on.is_some_and(|at| at <= now).then_some(id);
        for id in self.open.iter().filter_map(is_due).collect::<Vec<_>>() {
            self.try_next(id, Some(ErrorKind::TimedOut.into()));
        }
        let found = std::mem::take(&mut *self.found.lock().unwrap());
        for (id, addresses) in found {
            self.found(id, addresses);
        }
        std::mem::take(&mut self.events)
    }
}

impl Socket {
    fn wants_room(&self) -> bool {
        !self.output.is_empty() || self.session.as_ref().is_some_and(|session| session.wants_write())
    }

    /// Hands to the system what it takes.
    fn flush(&mut self) -> io::Result<()> {
        let State::Open(stream) = &mut self.state else { return Ok(()) };
        let Some(session) = &mut self.session else {
            while !self.output.is_empty() {
                match stream.write(self.output.as_slices().0) {
                    Ok(taken) => drop(self.output.drain(..taken)),
                    Err(fault) => return unless_full(fault),
                }
            }
            return Ok(());
        };
        // A record at a time, so that what is not sent yet stays in one place.
        while session.wants_write() || !(self.output.is_empty() || session.is_handshaking()) {
            if !session.wants_write() {
                let (piece, _) = self.output.as_slices();
                let taken = session.writer().write(piece)?;
                self.output.drain(..taken);
            }
            if let Err(fault) = session.write_tls(stream) {
                return unless_full(fault);
            }
        }
        Ok(())
    }

    /// Reads what is there. Whether the peer has ended the connection.
    fn read(&mut self, bytes: &mut Vec<u8>) -> io::Result<bool> {
        let State::Open(stream) = &mut self.state else { return Ok(false) };
        let Some(session) = &mut self.session else {
            let mut room = [0; ROOM];
            return match stream.read(&mut room) {
                Ok(0) => Ok(true),
                Ok(length) => {
                    bytes.extend_from_slice(&room[..length]);
                    Ok(false)
                }
                Err(fault) => unless_full(fault).map(|()| false),
            };
        };
        loop {
            let has_ended = match session.read_tls(stream) {
                Ok(length) => length == 0,
                Err(fault) => {
                    unless_full(fault)?;
                    return Ok(false);
                }
            };
            session.process_new_packets().map_err(|fault| io::Error::new(ErrorKind::InvalidData, fault))?;
            let mut room = [0; ROOM];
            loop {
                match session.reader().read(&mut room) {
                    Ok(0) => return Ok(true),
                    Ok(length) => bytes.extend_from_slice(&room[..length]),
                    Err(fault) if fault.kind() == ErrorKind::WouldBlock => break,
                    Err(_) => return Err(ErrorKind::ConnectionReset.into()), // cut off, not ended
                }
            }
            if has_ended {
                return Ok(true);
            }
        }
    }
}

fn unless_full(fault: io::Error) -> io::Result<()> {
    match fault.kind() {
        ErrorKind::WouldBlock | ErrorKind::Interrupted => Ok(()),
        _ => Err(fault),
    }
}

fn begin(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = RawSocket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    match socket.connect(&SockAddr::from(address)) {
        Err(fault) if fault.raw_os_error() != Some(libc::EINPROGRESS) => Err(fault),
        _ => Ok(socket.into()),
    }
}

fn keep_alive(stream: &TcpStream, after: Duration) {
    let _ = socket2::SockRef::from(stream).set_tcp_keepalive(&TcpKeepalive::new().with_time(after));
}

/// Made when the first connection over TLS is: functions whose endpoints are plain pay nothing.
fn begin_session(name: ServerName<'static>) -> Result<ClientConnection, rustls::Error> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    let config = CONFIG.get_or_init(|| {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for file in MORE_ROOTS.iter().filter_map(|name| crate::settings::variable(name)) {
            match CertificateDer::pem_file_iter(&file) {
                Ok(found) => drop(roots.add_parsable_certificates(found.flatten())),
                Err(fault) => say::warning(format_args!("the certificates in {file} cannot be read: {fault}")),
            }
        }
        Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
    });
    ClientConnection::new(config.clone(), name)
}

/// Codes as Node has them, by which `aws/request/aws-codes.ts` tells what may pass from what will not.
fn tls_code_of(fault: &rustls::Error) -> &'static str {
    match fault {
        rustls::Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "CERT_HAS_EXPIRED"
        }
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "ERR_TLS_CERT_ALTNAME_INVALID",
        rustls::Error::InvalidCertificate(_) => "CERT_UNTRUSTED",
        _ => "ERR_SSL_PROTOCOL_ERROR",
    }
}

fn code_of(fault: &io::Error) -> &'static str {
    match fault.raw_os_error() {
        Some(libc::ECONNREFUSED) => "ECONNREFUSED",
        Some(libc::ECONNRESET) => "ECONNRESET",
        Some(libc::EPIPE) => "EPIPE",
        Some(libc::ETIMEDOUT) => "ETIMEDOUT",
        Some(libc::EHOSTUNREACH) => "EHOSTUNREACH",
        Some(libc::ENETUNREACH) => "ENETUNREACH",
        Some(libc::EADDRNOTAVAIL) => "EADDRNOTAVAIL",
        Some(libc::EMFILE) => "EMFILE",
        _ if fault.kind() == ErrorKind::ConnectionReset => "ECONNRESET",
        _ => "EIO",
    }
}
