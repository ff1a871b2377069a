//! What the runtime client of Rust is invoked with, under test.

use futures::stream::{self, BoxStream, StreamExt};
use lambda_runtime::{run_concurrent, service_fn, streaming::Response, Error, LambdaEvent};
use serde_json::Value;
use std::{env, path::Path, time::Duration};

async fn values(event: LambdaEvent<Value>) -> Result<Value, Error> {
    if event.payload.get("fail").is_some() {
        return Err("on purpose: é €".into());
    }
    Ok(event.payload)
}

/// Gives its first piece at once, and what follows when the test has seen that piece.
async fn pieces(
    event: LambdaEvent<Value>,
) -> Result<Response<BoxStream<'static, Result<String, Error>>>, Error> {
    let fails = event.payload.get("fail").is_some();
    let stream = stream::unfold(1, move |piece| async move {
        let given = match piece {
            1 => Ok("first piece, ".to_string()),
            2 => {
                released().await;
                Ok("second piece: é €".to_string())
            }
            3 if fails => Err("in the middle: é €".into()),
            _ => return None,
        };
        Some((given, piece + 1))
    });
    Ok(Response::from(stream.boxed()))
}

async fn released() {
    let file = env::var("RELEASE_FILE").expect("RELEASE_FILE is set");
    while !Path::new(&file).exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    if env::var("_HANDLER").as_deref() == Ok("stream") {
        run_concurrent(service_fn(pieces)).await
    } else {
        run_concurrent(service_fn(values)).await
    }
}
