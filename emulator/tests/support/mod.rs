//! The real binary on a free port, and a plain HTTP client that hides nothing of the wire.

// Each test file uses its own part of this.
#![allow(dead_code)]

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_secs(20);

pub const POOL: &str = "us-east-1_Emulator1";
pub const CLIENT: &str = "emulatorwebclient00000001";
pub const ROTATING: &str = "emulatorrotatingclient001";

/// A command line of the emulator.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cognito-emulator"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A running emulator; it ends with the test.
pub struct Server {
    pub process: Child,
    pub address: String,
}

impl Server {
    pub fn start(arguments: &[&str]) -> Self {
        let mut process = command(&[&["--port", "0"], arguments].concat()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim_end()
            .strip_prefix("cognito-emulator listening on http://")
            .unwrap_or_else(|| panic!("not the line that was promised: {line:?}"))
            .to_owned();
        Self { process, address }
    }

    /// Sends a request and reads the answer to its end.
    pub fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> std::io::Result<Answer> {
        let mut stream = self.send(method, path, headers, body)?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes)?;
        Ok(Answer::parse(&String::from_utf8_lossy(&bytes)))
    }

    /// Sends a request and leaves its answer unread.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> std::io::Result<TcpStream> {
        let mut stream = TcpStream::connect(&self.address)?;
        // An answer that never comes is to fail its test, not to hang it.
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
        if headers.iter().all(|(name, _)| *name != "host") {
            head += &format!("host: {}\r\n", self.address);
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("content-length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())?;
        Ok(stream)
    }

    /// An operation, as a browser sends it.
    pub fn call(&self, operation: &str, request: Value) -> Answer {
        self.try_call(operation, request).unwrap()
    }

    pub fn try_call(&self, operation: &str, request: Value) -> std::io::Result<Answer> {
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", target.as_str()),
        ];
        self.request("POST", "/", &headers, &request.to_string())
    }

    /// Sends an operation that will not be answered while the test runs, and waits until it has arrived.
    pub fn hang(&self, operation: &str) -> TcpStream {
        self.post(
            "/_emulator/faults",
            json!({"operation": operation, "fault": {"latencyMs": 3_600_000}}),
        );
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        let stream = self.send("POST", "/", &[("x-amz-target", &target)], "{}").unwrap();
        // Each look is a round trip; the request needs one.
        let arrived = (0..1000).any(|_| self.get("/_emulator/requests").json()["requests"] != json!([]));
        assert!(arrived, "{operation} did not arrive");
        stream
    }

    pub fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &[], "").unwrap()
    }

    pub fn post(&self, path: &str, body: Value) -> Answer {
        self.request("POST", path, &[], &body.to_string()).unwrap()
    }

    pub fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path, &[], "").unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An HTTP answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Answer {
    fn parse(text: &str) -> Self {
        let (head, body) = text
            .split_once("\r\n\r\n")
            .unwrap_or_else(|| panic!("not HTTP: {text:?}"));
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .map(|line| line.split_once(": ").unwrap_or((line, "")))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        Self {
            status,
            headers,
            body: body.to_owned(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {:?}", self.body))
    }
}
