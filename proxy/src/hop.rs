//! One connection of the runtime's, and its twin to Lambda: bytes pass as they come. Only an invocation that the gate is to
//! be asked for is held.
//!
//! Never swallowed:
//! 1. Each connection has a twin of its own, and ends with it: so a poll that goes away on one end goes away on the other.
//! 2. An event that was read whole is written whole to the runtime, or answered.
//! 3. Where it cannot be written, the process ends, and with it the environment: Lambda reports the invocation as failed.
//! 4. An answer is sent by the gate alone, which sends success only once DynamoDB has confirmed (`host/answer.ts`).

use crate::engine::{Ask, Engine};
use crate::side::{Side, Wanted, wait};
use crate::{end, quiet, say};
use framing::{Body, Call, HEAD_LIMIT, Malformed, Request, Response, head_length};
use std::io::{self, ErrorKind};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// Another proxy in the chain may be about to listen.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
const CONNECT_PAUSE: Duration = Duration::from_millis(20);
const CLIENT_CONTEXT: &str = "lambda-runtime-client-context";

enum After {
    KeepGoing,
    Close,
}

const BYTES: Wanted = Wanted { bytes: true, room: false, end: false };

/// Serves one connection until either end of it is closed.
pub fn serve(client: TcpStream, address: &str, engine: &Engine) -> io::Result<()> {
    let mut client = Side::new(client)?;
    let Some(mut request) = first_request(&mut client)? else { return Ok(()) };
    let mut upstream = Side::new(connect(address)?)?;
    loop {
        match exchange(&mut client, &mut upstream, address, &mut request, engine)? {
            After::Close => return Ok(()),
            After::KeepGoing => {
                client.rest();
                upstream.rest();
            }
        }
        match next_request(&mut client, &upstream)? {
            Some(next) => request = next,
            None => return Ok(()),
        }
    }
}

fn connect(address: &str) -> io::Result<TcpStream> {
    let until = Instant::now() + CONNECT_LIMIT;
    loop {
        let fault = match address.to_socket_addrs().and_then(|found| TcpStream::connect(&*found.collect::<Vec<_>>())) {
            Ok(stream) => return Ok(stream),
            Err(fault) => fault,
        };
        if fault.kind() != ErrorKind::ConnectionRefused || Instant::now() > until {
            say::error(format_args!("the proxy cannot reach the Runtime API at {address}: {fault}"));
            return Err(fault);
        }
        std::thread::sleep(CONNECT_PAUSE);
    }
}

fn first_request(client: &mut Side) -> io::Result<Option<Request>> {
    let mut seen = 0;
    loop {
        if let Some(request) = request_in(client, &mut seen)? {
            return Ok(Some(request));
        }
        if client.has_ended {
            return Ok(None);
        }
        wait([(client, BYTES)]);
        client.read(false);
    }
}

/// Waits for the runtime's next request. None where either end goes away, or the upstream speaks without being asked.
fn next_request(client: &mut Side, upstream: &Side) -> io::Result<Option<Request>> {
    let mut seen = 0;
    loop {
        if let Some(request) = request_in(client, &mut seen)? {
            return Ok(Some(request));
        }
        if client.has_ended || !upstream.received().is_empty() {
            return Ok(None);
        }
        let [from_client, from_upstream] = wait([(client, BYTES), (upstream, BYTES)]);
        if from_client.bytes || from_client.gone {
            client.read(false);
        } else if from_upstream.bytes || from_upstream.gone {
            return Ok(None);
        }
    }
}

fn request_in(client: &mut Side, seen: &mut usize) -> io::Result<Option<Request>> {
    let Some(bytes) = head_in(client, seen)? else { return Ok(None) };
    Ok(Some(Request::parse(bytes)?))
}

/// Takes a head, once it is whole. `seen`: so much was looked at in vain.
fn head_in(side: &mut Side, seen: &mut usize) -> io::Result<Option<Vec<u8>>> {
    let Some(length) = head_length(side.received(), *seen) else {
        *seen = side.received().len();
        return if *seen > HEAD_LIMIT { Err(Malformed("a head that does not end").into()) } else { Ok(None) };
    };
    *seen = 0;
    let bytes = side.received()[..length].to_vec();
    side.consume(length);
    Ok(Some(bytes))
}

/// One request and its response. Both ways at once: a response may come before the request is all there, and the runtime
/// may wait for an interim one (`Expect: 100-continue`).
fn exchange(
    client: &mut Side,
    upstream: &mut Side,
    address: &str,
    request: &mut Request,
    engine: &Engine,
) -> io::Result<After> {
    if request.call == Call::StreamedResponse {
        quiet::STREAMS.store(true, Relaxed);
    }
    if request.call == Call::Next {
        // As the entry of an image the proxy has no INIT of its own: the runtime's ends with its first poll.
        engine.await_first_read();
    }
    let mut answer = Answer { seen: 0, rest: None, delivers: false };
    upstream.queue(&request.bytes);
    pass_request_on(request, client, upstream)?;
    loop {
        upstream.flush();
        client.flush();
        if !upstream.is_behind() && !upstream.is_broken {
            pass_request_on(request, client, upstream)?;
        }
        if answer.rest.is_none() {
            answer.begin(client, upstream, address, request, engine)?;
        }
        if let Some(rest) = &mut answer.rest {
            if !client.is_behind() {
                pass_on(rest, upstream, client)?;
            }
        }
        if client.is_broken {
            return Ok(answer.unheard());
        }
        let is_answered = answer.rest.is_some_and(|rest| rest.is_done()) && !client.is_behind();
        if is_answered {
            answer.delivers = false;
            if request.body.is_done() && !upstream.is_behind() {
                return Ok(After::KeepGoing);
            }
        }
        // What is left of a request that was answered early goes on for as long as somebody takes it. A response that is
        // broken off is broken off here, too: the runtime's client sees what it would see without us.
        if (is_answered && upstream.is_broken) || (upstream.has_ended && !client.is_behind()) {
            return Ok(After::Close);
        }

        // A runtime may end as soon as it has written its request, most of all one that reports why it ends: that it has
        // gone is heard only once all that it wrote is on its way.
        let is_passed_on = request.body.is_done() && !upstream.is_behind();
        let of_client = Wanted {
            bytes: !request.body.is_done() && !upstream.is_behind() && !upstream.is_broken,
            room: client.is_behind(),
            end: is_passed_on || upstream.is_broken,
        };
        let of_upstream = Wanted {
            bytes: !is_answered && !client.is_behind(),
            room: upstream.is_behind() && !upstream.is_broken,
            end: is_answered,
        };
        let [from_client, from_upstream] = wait([(client, of_client), (upstream, of_upstream)]);
        if of_client.bytes && (from_client.bytes || from_client.gone) {
            client.read(request.body.is_long());
        } else if from_client.gone && of_client.end {
            client.has_ended = true;
        }
        if client.has_ended {
            return Ok(answer.unheard());
        }
        if of_upstream.bytes && (from_upstream.bytes || from_upstream.gone) {
            upstream.read(answer.rest.is_some_and(|rest| rest.is_long()));
        } else if from_upstream.gone && is_answered {
            return Ok(After::Close);
        }
    }
}

/// Passes on what is there of a body.
fn pass_on(body: &mut Body, from: &mut Side, to: &mut Side) -> io::Result<()> {
    let taken = body.take(from.received(), |_| {})?;
    if taken > 0 {
        to.send(&from.received()[..taken]);
        from.consume(taken);
    }
    Ok(())
}

/// Passes on what is there of a request's body. A poll's is kept: it may have to be sent again.
fn pass_request_on(request: &mut Request, client: &mut Side, upstream: &mut Side) -> io::Result<()> {
    if request.call == Call::Next {
        let mut body = request.body;
        let length = body.take(client.received(), |_| {})?;
        request.bytes.extend_from_slice(&client.received()[..length]);
    }
    pass_on(&mut request.body, client, upstream)
}

/// Polls in the runtime's place, whose invocation is answered: on another connection where Lambda ends this one, as it does
/// for a runtime that keeps none (`Connection: close`, HTTP/1.0), or because the event took long to store.
fn poll_again(upstream: &mut Side, address: &str, request: &Request, answered: &Response) -> io::Result<()> {
    if answered.is_last || !request.body.is_done() || upstream.is_gone() {
        *upstream = Side::new(connect(address)?)?;
    }
    upstream.send(&request.bytes);
    Ok(())
}

/// The response that counts, as far as it has come.
struct Answer {
    seen: usize,
    rest: Option<Body>,
    /// Whether this is an event that the runtime has not got whole yet.
    delivers: bool,
}

impl Answer {
    /// Reads heads until one counts. An invocation that the gate answers is followed by the runtime's own poll, again.
    fn begin(
        &mut self,
        client: &mut Side,
        upstream: &mut Side,
        address: &str,
        request: &Request,
        engine: &Engine,
    ) -> io::Result<()> {
        while let Some(bytes) = head_in(upstream, &mut self.seen)? {
            let head = Response::parse(bytes, request.is_head)?;
            if head.is_interim() {
                client.send(&head.bytes);
                continue;
            }
            match (request.call, head.status) {
                (Call::Next, 200) => {
                    let Admitted { bytes, rest } = match admit(upstream, &head, engine)? {
                        Some(admitted) => admitted,
                        // The next event would be nobody's.
                        None if client.is_gone() => return Ok(()),
                        None => {
                            poll_again(upstream, address, request, &head)?;
                            continue;
                        }
                    };
                    self.delivers = true;
                    self.rest = Some(rest);
                    client.queue(&bytes);
                }
                (Call::RestoreNext, 200) => {
                    quiet::forget();
                    engine.ask(Ask::Restored);
                    self.rest = Some(head.body);
                    client.queue(&head.bytes);
                }
                _ => {
                    self.rest = Some(head.body);
                    client.queue(&head.bytes);
                }
            }
            if let Some(rest) = &mut self.rest {
                pass_on(rest, upstream, client)?;
            }
            client.flush();
            return Ok(());
        }
        Ok(())
    }

    /// The runtime has gone away before it had all of it.
    fn unheard(&self) -> After {
        if self.delivers {
            end(
                70,
                "the runtime has gone away before it had an event whole, so the environment ends: Lambda reports the invocation as failed",
            );
        }
        After::Close
    }
}

/// What the runtime gets of an invocation.
struct Admitted {
    /// The head, and the event if it was read for the gate.
    bytes: Vec<u8>,
    /// What is still to come.
    rest: Body,
}

/// Asks the gate, unless its two numbers say that it need not be asked. None: it has answered the invocation.
///
/// Windows that are old are read again first, so that an event that passes is never held.
fn admit(upstream: &mut Side, head: &Response, engine: &Engine) -> io::Result<Option<Admitted>> {
    if quiet::passes() || engine.ask(Ask::Arrive) == "passes" {
        return Ok(Some(Admitted { bytes: for_runtime(head, engine), rest: head.body }));
    }
    let (raw, text) = read_event(upstream, head.body)?;
    match engine.ask(Ask::Handle { headers: head.headers(), text }).as_str() {
        "dispatch" => {
            let mut bytes = for_runtime(head, engine);
            bytes.extend_from_slice(&raw);
            Ok(Some(Admitted { bytes, rest: Body::Done }))
        }
        "answered" => Ok(None),
        _ => end(70, "an invocation could not be answered, so the environment ends: Lambda reports it as failed"),
    }
}

/// The head as the runtime may have it: without the proof by which a replay tells the gate's answer from a handler's.
fn for_runtime(head: &Response, engine: &Engine) -> Vec<u8> {
    let Some(context) = head.header(CLIENT_CONTEXT).filter(|context| !context.is_empty()) else {
        return head.bytes.clone();
    };
    let seen = engine.ask(Ask::Context(context.clone()));
    if seen == context { head.bytes.clone() } else { head.bytes_with(CLIENT_CONTEXT, &seen) }
}

/// An event as it came, and its text: the same bytes unless it came in chunks.
fn read_event(upstream: &mut Side, mut body: Body) -> io::Result<(Arc<Vec<u8>>, Arc<Vec<u8>>)> {
    let is_chunked = matches!(body, Body::Chunks(_));
    let (mut raw, mut text) = (vec![], vec![]);
    if let Body::Length(bytes) = body {
        raw.reserve_exact(bytes as usize);
    }
    while !body.is_done() {
        let taken = body.take(upstream.received(), |content| {
            if is_chunked {
                text.extend_from_slice(content);
            }
        })?;
        raw.extend_from_slice(&upstream.received()[..taken]);
        upstream.consume(taken);
        if body.is_done() {
            break;
        }
        if upstream.has_ended {
            if body == Body::UntilClose {
                break;
            }
            return Err(io::Error::new(ErrorKind::InvalidData, "an event was broken off before it was whole"));
        }
        wait([(upstream, BYTES)]);
        upstream.read(true);
    }
    let raw = Arc::new(raw);
    let text = if is_chunked { Arc::new(text) } else { raw.clone() };
    Ok((raw, text))
}
