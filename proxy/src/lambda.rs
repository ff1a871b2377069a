//! What the proxy itself says to Lambda, as an extension or in the place of a runtime that cannot start.

use framing::{Response, head_length};
use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

const JSON: &str = "application/json";

/// An extension that is registered. It hears of no event: neither of invocations, which would cost each of them a request,
/// nor of the end, before which there is nothing left to do.
pub struct Extension {
    lambda: String,
    id: String,
}

impl Extension {
    /// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
    pub fn register(lambda: &str, name: &str) -> io::Result<Extension> {
        let more = format!("Lambda-Extension-Name: {name}\r\nContent-Type: {JSON}\r\n");
        let (head, body) = call(lambda, "POST", "/2020-01-01/extension/register", &more, "{\"events\":[]}")?;
        match head.header("lambda-extension-identifier") {
            Some(id) if head.status == 200 => Ok(Extension { lambda: lambda.to_owned(), id }),
            _ => Err(io::Error::other(format!("Lambda does not register it ({}): {body}", head.status))),
        }
    }

    /// Ends INIT for the extension, and waits for ever.
    pub fn wait(&self) -> io::Result<()> {
        let more = format!("Lambda-Extension-Identifier: {}\r\n", self.id);
        let (head, body) = call(&self.lambda, "GET", "/2020-01-01/extension/event/next", &more, "")?;
        if head.status == 200 { Ok(()) } else { Err(io::Error::other(format!("it refuses ({}): {body}", head.status))) }
    }

    /// Says why INIT fails, before the process ends.
    pub fn fail_init(&self, name: &str, message: &str) {
        let more = format!(
            "Lambda-Extension-Identifier: {}\r\nLambda-Extension-Function-Error-Type: {name}\r\nContent-Type: {JSON}\r\n",
            self.id
        );
        let _ = call(&self.lambda, "POST", "/2020-01-01/extension/init/error", &more, &error_json(name, message));
    }
}

/// Says why the runtime is not started.
pub fn fail_runtime_init(api: &str, name: &str, message: &str) {
    let more = format!("Lambda-Runtime-Function-Error-Type: {name}\r\nContent-Type: {JSON}\r\n");
    let _ = call(api, "POST", "/2018-06-01/runtime/init/error", &more, &error_json(name, message));
}

fn error_json(name: &str, message: &str) -> String {
    let mut text = String::new();
    for character in message.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            '\n' => text.push_str("\\n"),
            character if character < ' ' => text.push(' '),
            character => text.push(character),
        }
    }
    format!("{{\"errorType\":\"{name}\",\"errorMessage\":\"{text}\",\"stackTrace\":[]}}")
}

fn call(address: &str, method: &str, path: &str, more: &str, body: &str) -> io::Result<(Response, String)> {
    let mut stream = TcpStream::connect(address)?;
    let length = body.len();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{more}Content-Length: {length}\r\n\r\n{body}")?;
    let (mut received, mut room) = (vec![], [0; 4096]);
    let length = loop {
        if let Some(length) = head_length(&received, 0) {
            break length;
        }
        match stream.read(&mut room)? {
            0 => return Err(ErrorKind::UnexpectedEof.into()),
            more => received.extend_from_slice(&room[..more]),
        }
    };
    let mut rest = received.split_off(length);
    let head = Response::parse(received, false)?;
    let (mut body, mut content) = (head.body, vec![]);
    loop {
        body.take(&rest, |bytes| content.extend_from_slice(bytes))?;
        if body.is_done() {
            break;
        }
        match stream.read(&mut room)? {
            0 => break,
            more => rest = room[..more].to_vec(),
        }
    }
    Ok((head, String::from_utf8_lossy(&content).into_owned()))
}
