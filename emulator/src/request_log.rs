//! What was asked and how it ended. No password, token, code or session is in it.

use std::collections::{BTreeMap, VecDeque};

use axum::http::HeaderMap;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::clock::Millis;

/// Older requests are dropped beyond this many.
const KEPT: usize = 10_000;

/// Headers that carry credentials.
const SECRET_HEADERS: [&str; 3] = ["authorization", "cookie", "x-amz-security-token"];

/// One request.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    id: u64,
    at: Millis,
    operation: String,
    client_id: Option<String>,
    auth_flow: Option<String>,
    challenge_name: Option<String>,
    headers: BTreeMap<String, String>,
    /// Nothing while the answer is being made, and for ever where none was sent.
    status: Option<u16>,
    exception: Option<String>,
}

impl Entry {
    /// A request that has not been answered yet.
    pub fn new(operation: &str, members: &Map<String, Value>, headers: &HeaderMap, at: Millis) -> Self {
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
        let headers = headers
            .iter()
            .filter(|(name, _)| !SECRET_HEADERS.contains(&name.as_str()))
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        Self {
            id: 0,
            at,
            operation: operation.to_owned(),
            client_id: text("ClientId"),
            auth_flow: text("AuthFlow"),
            challenge_name: text("ChallengeName"),
            headers,
            status: None,
            exception: None,
        }
    }

    /// Whether this is a request for the operation.
    pub fn is_for(&self, operation: &str) -> bool {
        self.operation == operation
    }
}

/// The requests, oldest first.
#[derive(Debug, Default)]
pub struct RequestLog {
    entries: VecDeque<Entry>,
    seen: u64,
}

impl RequestLog {
    /// Adds a request as it arrives, and returns its id.
    pub fn arrived(&mut self, entry: Entry) -> u64 {
        self.seen += 1;
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry { id: self.seen, ..entry });
        self.seen
    }

    /// Notes how a request was answered.
    pub fn answered(&mut self, id: u64, status: u16, exception: Option<String>) {
        if let Some(entry) = self.entries.iter_mut().rfind(|entry| entry.id == id) {
            entry.status = Some(status);
            entry.exception = exception;
        }
    }

    /// The requests, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Throws them away. The ids go on counting.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}
