//! The peer of the proxy's benchmark in Rust: a Runtime API proxy that passes everything on, and knows no windows. On hyper, as
//! whoever writes one would begin; in its favour: one thread, connections kept, bodies streamed and never looked into.

use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::HOST;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::net::Ipv4Addr;
use tokio::net::TcpListener;

type Body = BoxBody<Bytes, hyper::Error>;
type Lambda = Client<HttpConnector, Body>;

const ID: &str = "lambda-extension-identifier";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let address = std::env::var("AWS_LAMBDA_RUNTIME_API").expect("AWS_LAMBDA_RUNTIME_API");
    let port = std::env::var("LRAP_LISTENER_PORT")
        .expect("LRAP_LISTENER_PORT")
        .parse()
        .expect("a port");
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let lambda: Lambda = Client::builder(TokioExecutor::new()).build(connector);
    let address: &'static str = address.leak();

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .expect("a free port");
    let passing = lambda.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("a socket");
            let lambda = passing.clone();
            tokio::spawn(async move {
                let service = service_fn(|request| pass_on(&lambda, address, request));
                let _ = http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    be_extension(&lambda, address)
        .await
        .expect("Lambda's Extensions API");
}

async fn pass_on(
    lambda: &Lambda,
    address: &str,
    mut request: Request<Incoming>,
) -> Result<Response<Incoming>, Error> {
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", |path| path.as_str());
    *request.uri_mut() = format!("http://{address}{path}").parse().expect("a URI");
    request.headers_mut().remove(HOST);
    lambda.request(request.map(BodyExt::boxed)).await
}

/// Registers, and waits for an event that never comes.
async fn be_extension(lambda: &Lambda, address: &str) -> Result<(), Error> {
    let at = |path: &str| {
        Request::builder().uri(format!("http://{address}/2020-01-01/extension/{path}"))
    };
    let body = |text: &'static str| Full::from(text).map_err(|never| match never {}).boxed();
    let register = at("register")
        .method("POST")
        .header("Lambda-Extension-Name", "hyper-hop");
    let registered = lambda
        .request(register.body(body("{\"events\":[]}")).expect("a request"))
        .await?;
    let next = at("event/next").header(ID, &registered.headers()[ID]);
    lambda
        .request(next.body(body("")).expect("a request"))
        .await
        .map(drop)
}
