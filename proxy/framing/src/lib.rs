//! How messages of HTTP/1.1 begin and end. Pure: fed with bytes as they come, and it changes none. RFC 9112.

use std::fmt;

/// The longest head that is waited for. Java's and Node's clients send an X-Ray cause of any length in one.
pub const HEAD_LIMIT: usize = 8 << 20;
const FIRST_HEADERS: usize = 64;
const MOST_HEADERS: usize = 16_384;

/// What is not HTTP/1.1, or not as it says itself: nobody could tell where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed(pub &'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "not HTTP/1.1: {}", self.0)
    }
}

impl From<Malformed> for std::io::Error {
    fn from(fault: Malformed) -> Self {
        std::io::Error::new(std::io::ErrorKind::InvalidData, fault.to_string())
    }
}

/// Length of the head that these bytes begin with, its empty line included.
///
/// `seen`: so many bytes are known to hold no end of it.
pub fn head_length(bytes: &[u8], seen: usize) -> Option<usize> {
    let mut at = seen.saturating_sub(3);
    while let Some(found) = bytes[at..].iter().position(|&byte| byte == b'\n') {
        at += found + 1;
        match bytes[at..] {
            [b'\n', ..] => return Some(at + 1),
            [b'\r', b'\n', ..] => return Some(at + 2),
            _ => {}
        }
    }
    None
}

/// Which of the Runtime API's calls a request is, as far as the proxy has to know.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Call {
    /// `GET …/invocation/next`, whatever body it has
    Next,
    /// `GET …/restore/next`: SnapStart
    RestoreNext,
    /// `POST …/invocation/ID/response` with a streaming response
    StreamedResponse,
    Other,
}

/// Head of a request.
pub struct Request {
    pub bytes: Vec<u8>,
    pub call: Call,
    pub is_head: bool,
    pub body: Body,
}

impl Request {
    pub fn parse(bytes: Vec<u8>) -> Result<Request, Malformed> {
        let (call, is_head, body) = with_headers(&bytes, |bytes, headers| {
            let mut parsed = httparse::Request::new(headers);
            parsed.parse(bytes).map_err(|fault| fault_of(fault, "a request"))?;
            let (method, path) = (parsed.method.unwrap_or(""), parsed.path.unwrap_or(""));
            let headers = Headers(parsed.headers);
            let body = Body::of_request(&headers)?;
            Ok((call_of(method, path, &headers), method == "HEAD", body))
        })?;
        Ok(Request { bytes, call, is_head, body })
    }
}

fn call_of(method: &str, path: &str, headers: &Headers) -> Call {
    let path = path.split('?').next().unwrap_or("");
    if method == "GET" {
        if path.ends_with("/runtime/invocation/next") {
            return Call::Next;
        }
        if path.ends_with("/runtime/restore/next") {
            return Call::RestoreNext;
        }
    }
    let streams = headers.get("lambda-runtime-function-response-mode").is_some_and(|mode| mode == b"streaming");
    if method == "POST" && streams && path.ends_with("/response") { Call::StreamedResponse } else { Call::Other }
}

/// Head of a response.
pub struct Response {
    pub bytes: Vec<u8>,
    pub status: u16,
    pub body: Body,
    /// Whether its sender ends the connection behind it. RFC 9112, section 9.3.
    pub is_last: bool,
}

impl Response {
    /// `to_head`: the request's method is HEAD, so no body comes.
    pub fn parse(bytes: Vec<u8>, to_head: bool) -> Result<Response, Malformed> {
        let (status, body, is_last) = with_headers(&bytes, |bytes, headers| {
            let mut parsed = httparse::Response::new(headers);
            parsed.parse(bytes).map_err(|fault| fault_of(fault, "a response"))?;
            let (status, headers) = (parsed.code.unwrap_or(0), Headers(parsed.headers));
            let body = Body::of_response(status, to_head, &headers)?;
            let keeps = parsed.version == Some(1) || headers.connection(b"keep-alive");
            Ok((status, body, body == Body::UntilClose || !keeps || headers.connection(b"close")))
        })?;
        Ok(Response { bytes, status, body, is_last })
    }

    /// A response that comes before the one that counts: 100, 103.
    pub fn is_interim(&self) -> bool {
        (100..200).contains(&self.status) && self.status != 101
    }

    /// Headers by lower-case names, as texts.
    pub fn headers(&self) -> Vec<(String, String)> {
        self.each_header(|name, value| (name.to_ascii_lowercase(), String::from_utf8_lossy(value).into_owned()))
    }

    /// Value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers().into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// The head with another value for one header; all else stays as it came.
    pub fn bytes_with(&self, name: &str, value: &str) -> Vec<u8> {
        let start = self.bytes.as_ptr() as usize;
        let spans = self.each_header(|known, value| {
            (known.eq_ignore_ascii_case(name), value.as_ptr() as usize - start, value.len())
        });
        let mut bytes = self.bytes.clone();
        for (_, at, length) in spans.into_iter().rev().filter(|(is_meant, ..)| *is_meant) {
            bytes.splice(at..at + length, value.bytes());
        }
        bytes
    }

    fn each_header<T>(&self, mut read: impl FnMut(&str, &[u8]) -> T) -> Vec<T> {
        with_headers(&self.bytes, |bytes, headers| {
            let mut parsed = httparse::Response::new(headers);
            parsed.parse(bytes).map_err(|fault| fault_of(fault, "a response"))?;
            Ok(parsed.headers.iter().map(|header| read(header.name, header.value)).collect())
        })
        .unwrap_or_default()
    }
}

/// Gives as much room for headers as they take.
fn with_headers<'b, T>(
    bytes: &'b [u8],
    mut parse: impl FnMut(&'b [u8], &mut [httparse::Header<'b>]) -> Result<T, Malformed>,
) -> Result<T, Malformed> {
    let mut room = FIRST_HEADERS;
    loop {
        // Not on the stack: a connection's thread has little of it.
        let mut headers = vec![httparse::EMPTY_HEADER; room];
        match parse(bytes, &mut headers) {
            Err(TOO_MANY_HEADERS) if room < MOST_HEADERS => room *= 8,
            outcome => return outcome,
        }
    }
}

const TOO_MANY_HEADERS: Malformed = Malformed("too many headers");

fn fault_of(fault: httparse::Error, of: &'static str) -> Malformed {
    match fault {
        httparse::Error::TooManyHeaders => TOO_MANY_HEADERS,
        _ => Malformed(of),
    }
}

struct Headers<'a, 'b>(&'a [httparse::Header<'b>]);

impl Headers<'_, '_> {
    fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| header.value)
    }

    /// Whether `Connection` has this option.
    fn connection(&self, option: &[u8]) -> bool {
        self.0
            .iter()
            .filter(|header| header.name.eq_ignore_ascii_case("connection"))
            .flat_map(|header| header.value.split(|&byte| byte == b','))
            .any(|found| found.trim_ascii().eq_ignore_ascii_case(option))
    }

    /// Whether the last transfer coding is `chunked`; none where there is no coding.
    fn chunked(&self) -> Option<bool> {
        let codings = self.0.iter().filter(|header| header.name.eq_ignore_ascii_case("transfer-encoding"));
        let last = codings.last()?.value.rsplit(|&byte| byte == b',').next().unwrap_or_default();
        Some(last.trim_ascii().eq_ignore_ascii_case(b"chunked"))
    }

    fn length(&self) -> Result<Option<u64>, Malformed> {
        let mut found = None;
        for header in self.0.iter().filter(|header| header.name.eq_ignore_ascii_case("content-length")) {
            let text = std::str::from_utf8(header.value).unwrap_or("").trim();
            let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let length =
                text.parse::<u64>().ok().filter(|_| is_number).ok_or(Malformed("a length that is no number"))?;
            if found.is_some_and(|other| other != length) {
                return Err(Malformed("two lengths"));
            }
            found = Some(length);
        }
        Ok(found)
    }
}

/// Follows a body to its end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Body {
    Done,
    Length(u64),
    Chunks(Chunk),
    UntilClose,
}

/// Where in a chunked body the next byte stands. RFC 9112, section 7.1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Chunk {
    Size {
        bytes: u64,
        digits: u8,
    },
    /// Blanks and extensions behind the size.
    Extension {
        bytes: u64,
    },
    Data {
        left: u64,
    },
    AfterData,
    /// At the beginning of a line behind the last chunk.
    Trailer,
    InTrailer,
    /// Behind a carriage return that ends a line without content.
    End,
}

const FIRST_CHUNK: Chunk = Chunk::Size { bytes: 0, digits: 0 };

impl Body {
    fn of_request(headers: &Headers) -> Result<Body, Malformed> {
        match headers.chunked() {
            Some(true) => Ok(Body::Chunks(FIRST_CHUNK)),
            Some(false) => Err(Malformed("a request whose coding has no end")),
            None => Ok(Body::of_length(headers.length()?.unwrap_or(0))),
        }
    }

    fn of_response(status: u16, to_head: bool, headers: &Headers) -> Result<Body, Malformed> {
        if to_head || status < 200 || status == 204 || status == 304 {
            return Ok(Body::Done);
        }
        match headers.chunked() {
            Some(true) => Ok(Body::Chunks(FIRST_CHUNK)),
            Some(false) => Ok(Body::UntilClose),
            None => Ok(headers.length()?.map_or(Body::UntilClose, Body::of_length)),
        }
    }

    fn of_length(bytes: u64) -> Body {
        if bytes == 0 { Body::Done } else { Body::Length(bytes) }
    }

    pub fn is_done(&self) -> bool {
        *self == Body::Done
    }

    /// Whether much of it is still to come.
    pub fn is_long(&self) -> bool {
        matches!(self, Body::Length(left) | Body::Chunks(Chunk::Data { left }) if *left > 1 << 16)
    }

    /// How many of these bytes belong to the body. Its content, without framing, goes to `content`.
    pub fn take(&mut self, bytes: &[u8], mut content: impl FnMut(&[u8])) -> Result<usize, Malformed> {
        match self {
            Body::Done => Ok(0),
            Body::UntilClose => {
                content(bytes);
                Ok(bytes.len())
            }
            Body::Length(left) => {
                let taken = (*left).min(bytes.len() as u64) as usize;
                content(&bytes[..taken]);
                *self = Body::of_length(*left - taken as u64);
                Ok(taken)
            }
            Body::Chunks(chunk) => {
                let mut at = 0;
                while at < bytes.len() {
                    if let Chunk::Data { left } = *chunk {
                        let taken = left.min((bytes.len() - at) as u64) as usize;
                        content(&bytes[at..at + taken]);
                        at += taken;
                        let left = left - taken as u64;
                        *chunk = if left == 0 { Chunk::AfterData } else { Chunk::Data { left } };
                        continue;
                    }
                    let next = chunk.after(bytes[at])?;
                    at += 1;
                    match next {
                        Some(next) => *chunk = next,
                        None => {
                            *self = Body::Done;
                            return Ok(at);
                        }
                    }
                }
                Ok(at)
            }
        }
    }
}

impl Chunk {
    /// The place behind one byte of framing; none where the body has ended.
    fn after(self, byte: u8) -> Result<Option<Chunk>, Malformed> {
        let next = match (self, byte) {
            (Chunk::Size { bytes, digits }, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') if digits < 15 => {
                let digit = (byte as char).to_digit(16).unwrap_or(0) as u64;
                Chunk::Size { bytes: bytes << 4 | digit, digits: digits + 1 }
            }
            (Chunk::Size { bytes, digits: 1.. } | Chunk::Extension { bytes }, b'\n') => {
                if bytes == 0 {
                    Chunk::Trailer
                } else {
                    Chunk::Data { left: bytes }
                }
            }
            (Chunk::Size { bytes, digits: 1.. }, b'\r' | b';' | b' ' | b'\t') => Chunk::Extension { bytes },
            (Chunk::Size { .. }, _) => return Err(Malformed("a chunk without a size")),
            (Chunk::Extension { .. }, _) => self,
            (Chunk::AfterData, b'\r') => self,
            (Chunk::AfterData, b'\n') => FIRST_CHUNK,
            (Chunk::AfterData, _) => return Err(Malformed("a chunk that is longer than it says")),
            (Chunk::Trailer, b'\r') => Chunk::End,
            (Chunk::Trailer | Chunk::End, b'\n') => return Ok(None),
            (Chunk::InTrailer, b'\n') => Chunk::Trailer,
            (Chunk::Trailer | Chunk::InTrailer, _) => Chunk::InTrailer,
            (Chunk::End, _) => return Err(Malformed("a trailer that begins with a carriage return")),
            (Chunk::Data { .. }, _) => self,
        };
        Ok(Some(next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(head: &str) -> Result<Request, Malformed> {
        Request::parse(head.replace('\n', "\r\n").into_bytes())
    }

    fn response(head: &str) -> Response {
        Response::parse(head.replace('\n', "\r\n").into_bytes(), false).unwrap()
    }

    /// Content and rest of a stream that comes in these pieces.
    fn read(mut body: Body, pieces: &[&[u8]]) -> Result<(Vec<u8>, Vec<u8>), Malformed> {
        let (mut content, mut rest) = (vec![], vec![]);
        for piece in pieces {
            let taken = body.take(piece, |bytes| content.extend_from_slice(bytes))?;
            rest.extend_from_slice(&piece[taken..]);
        }
        assert!(body.is_done(), "the body has not ended: {body:?}");
        Ok((content, rest))
    }

    const CHUNKED: &[u8] =
        b"4;name=\"a;b\";x\r\nWiki\r\n05 \t;y\r\npedia\r\nE\r\n in\r\n\r\nchunks.\r\n0;last\r\nTrailer-A: 1\r\nTrailer-B: \r\n\r\n";
    const CONTENT: &[u8] = b"Wikipedia in\r\n\r\nchunks.";

    #[test]
    fn ends_a_chunked_body_wherever_it_is_split() {
        let stream = [CHUNKED, b"GET /next"].concat();
        for one in 0..=stream.len() {
            for two in one..=stream.len() {
                let pieces = [&stream[..one], &stream[one..two], &stream[two..]];
                let (content, rest) = read(Body::Chunks(FIRST_CHUNK), &pieces).unwrap();
                assert_eq!((content.as_slice(), rest.as_slice()), (CONTENT, &b"GET /next"[..]), "{one} {two}");
            }
        }
    }

    #[test]
    fn ends_a_chunked_body_that_comes_byte_by_byte() {
        let pieces: Vec<&[u8]> = CHUNKED.chunks(1).collect();
        assert_eq!(read(Body::Chunks(FIRST_CHUNK), &pieces).unwrap().0, CONTENT);
    }

    #[test]
    fn refuses_chunks_that_nobody_could_follow() {
        for odd in
            ["\r\n", ";x\r\n", "g\r\n", "-1\r\n", "0x4\r\nWiki", "4\r\nWikipedia", "10000000000000000\r\n", "0\r\n\rX"]
        {
            assert!(read(Body::Chunks(FIRST_CHUNK), &[odd.as_bytes()]).is_err(), "{odd:?}");
        }
    }

    #[test]
    fn never_takes_more_than_there_is_nor_goes_on_after_the_end() {
        // A small generator of its own: the same bytes each time.
        let mut seed = 0x2545_f491_4f6c_dd1du64;
        let mut random = move |below: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            (seed % below as u64) as usize
        };
        for _ in 0..20_000 {
            let alphabet = b"0123afF;\r\n \tx";
            let bytes: Vec<u8> = (0..random(40)).map(|_| alphabet[random(alphabet.len())]).collect();
            let whole = {
                let mut body = Body::Chunks(FIRST_CHUNK);
                let mut content = vec![];
                (body.take(&bytes, |piece| content.extend_from_slice(piece)), content, body)
            };
            let mut body = Body::Chunks(FIRST_CHUNK);
            let (mut content, mut taken) = (vec![], Ok(0));
            for byte in bytes.chunks(1) {
                match (taken.clone(), body.take(byte, |piece| content.extend_from_slice(piece))) {
                    (Ok(sum), Ok(one)) => taken = Ok(sum + one),
                    (Ok(_), Err(fault)) => taken = Err(fault),
                    _ => {}
                }
            }
            assert_eq!(taken.is_ok(), whole.0.is_ok(), "{bytes:?}");
            if let (Ok(sum), Ok(at_once)) = (&taken, &whole.0) {
                assert_eq!((sum, &content, body), (at_once, &whole.1, whole.2), "{bytes:?}");
            }
        }
    }

    #[test]
    fn finds_the_end_of_a_head_wherever_it_is_split() {
        let head = b"GET / HTTP/1.1\r\nA: 1\r\n\r\nrest";
        let end = head.len() - 4;
        for seen in 0..end {
            assert_eq!(head_length(head, seen), Some(end), "{seen}");
            assert_eq!(head_length(&head[..seen], 0), None, "{seen}");
        }
        assert_eq!(head_length(b"GET / HTTP/1.1\n\nrest", 0), Some(16));
    }

    #[test]
    fn knows_the_calls_that_matter() {
        let call = |head: &str| request(head).unwrap().call;
        assert_eq!(call("GET /2018-06-01/runtime/invocation/next HTTP/1.1\nHost: x\n\n"), Call::Next);
        assert_eq!(call("GET /2018-06-01/runtime/invocation/next?x HTTP/1.1\n\n"), Call::Next);
        assert_eq!(call("GET /2018-06-01/runtime/restore/next HTTP/1.1\n\n"), Call::RestoreNext);
        assert_eq!(call("GET /2018-06-01/runtime/invocation/next HTTP/1.1\nContent-Length: 2\n\n"), Call::Next);
        assert_eq!(
            call("GET /2018-06-01/runtime/restore/next HTTP/1.1\nTransfer-Encoding: chunked\n\n"),
            Call::RestoreNext
        );
        assert_eq!(call("POST /2018-06-01/runtime/invocation/next HTTP/1.1\n\n"), Call::Other);
        let streamed = "POST /2018-06-01/runtime/invocation/1/response HTTP/1.1\nlambda-runtime-function-response-mode: streaming\n\n";
        assert_eq!(call(streamed), Call::StreamedResponse);
        assert_eq!(call(&streamed.replace("/response", "/error")), Call::Other);
    }

    #[test]
    fn tells_how_a_body_is_framed() {
        let of = |headers: &str| request(&format!("POST / HTTP/1.1\n{headers}\n")).map(|request| request.body);
        assert_eq!(of("Content-Length: 12\n"), Ok(Body::Length(12)));
        assert_eq!(of("Content-Length: 12\ncontent-length: 12\n"), Ok(Body::Length(12)));
        assert_eq!(of("Transfer-Encoding: gzip, Chunked\n"), Ok(Body::Chunks(FIRST_CHUNK)));
        assert_eq!(of(""), Ok(Body::Done));
        for odd in [
            "Content-Length: 12\nContent-Length: 13\n",
            "Content-Length: +1\n",
            "Content-Length: \n",
            "Transfer-Encoding: gzip\n",
        ] {
            assert!(of(odd).is_err(), "{odd}");
        }
        assert_eq!(response("HTTP/1.1 200 OK\n\n").body, Body::UntilClose);
        assert_eq!(response("HTTP/1.1 204 No Content\nContent-Length: 3\n\n").body, Body::Done);
        assert!(response("HTTP/1.1 100 Continue\n\n").is_interim());
        assert_eq!(
            Response::parse(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n".to_vec(), true).unwrap().body,
            Body::Done
        );
    }

    #[test]
    fn tells_whether_a_connection_ends_behind_a_response() {
        let last = |head: &str| response(&format!("{head}\nContent-Length: 1\n\n")).is_last;
        for kept in
            ["HTTP/1.1 200 OK", "HTTP/1.1 200 OK\nConnection: keep-alive", "HTTP/1.0 200 OK\nconnection: Keep-Alive"]
        {
            assert!(!last(kept), "{kept}");
        }
        for ended in ["HTTP/1.1 200 OK\nConnection: TE, Close", "HTTP/1.0 200 OK"] {
            assert!(last(ended), "{ended}");
        }
        assert!(response("HTTP/1.1 200 OK\n\n").is_last);
    }

    #[test]
    fn takes_heads_of_any_size() {
        let long = "x".repeat(1 << 20);
        let head = format!("POST / HTTP/1.1\nLambda-Runtime-Function-XRay-Error-Cause: {long}\nContent-Length: 1\n\n");
        assert_eq!(request(&head).unwrap().body, Body::Length(1));
        let many: String = (0..5_000).map(|number| format!("X-{number}: 1\n")).collect();
        assert_eq!(request(&format!("POST / HTTP/1.1\n{many}Content-Length: 1\n\n")).unwrap().body, Body::Length(1));
    }

    #[test]
    fn writes_one_header_anew_and_leaves_the_rest() {
        let head = response("HTTP/1.1 200 OK\nA:  1 \nClient-Context: {\"é\":1}\nB: 2\n\n");
        assert_eq!(head.header("client-context").as_deref(), Some("{\"é\":1}"));
        let bytes = head.bytes_with("client-context", "{}");
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "HTTP/1.1 200 OK\r\nA:  1 \r\nClient-Context: {}\r\nB: 2\r\n\r\n"
        );
    }
}
