//! What was asked and how it ended. No password, token, code or session is in it.

use std::collections::{BTreeMap, VecDeque};

use axum::http::HeaderMap;
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::sync::oneshot;

use crate::clock::Millis;
use crate::trace::{Refresh, Trace};

/// Older requests are dropped beyond this many.
const KEPT: usize = 10_000;

/// The longest text of a member that is kept. What the service knows by a name is shorter.
const LONGEST_TEXT: usize = 256;

/// How many bytes of headers are kept of a request, the first ones.
const HEADER_BYTES: usize = 4096;

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
    username: Option<String>,
    auth_flow: Option<String>,
    challenge_name: Option<String>,
    refresh: Option<Refresh>,
    /// The rule that made something go wrong.
    fault: Option<u64>,
    /// Whether it waits to be released.
    held: bool,
    /// What the operation came to, whether or not the client got it; nothing until it was carried out.
    outcome: Option<String>,
    answered_at: Option<Millis>,
    /// Nothing while the answer is being made, and for ever where none was sent.
    status: Option<u16>,
    exception: Option<String>,
    headers: BTreeMap<String, String>,
}

impl Entry {
    /// A request that has not been answered yet.
    pub fn new(operation: &str, members: &Map<String, Value>, headers: &HeaderMap, at: Millis) -> Self {
        let text = |name: &str| members.get(name).and_then(Value::as_str).map(shortened);
        Self {
            id: 0,
            at,
            operation: shortened(operation),
            client_id: text("ClientId"),
            username: None,
            auth_flow: text("AuthFlow"),
            challenge_name: text("ChallengeName"),
            refresh: None,
            fault: None,
            held: false,
            outcome: None,
            answered_at: None,
            status: None,
            exception: None,
            headers: kept(headers),
        }
    }

    /// The same request, at which this rule fired.
    pub fn with_fault(self, rule: Option<u64>) -> Self {
        Self { fault: rule, ..self }
    }

    /// Whether this is a request for the operation.
    pub fn is_for(&self, operation: &str) -> bool {
        self.operation == operation
    }
}

fn shortened(text: &str) -> String {
    text.chars().take(LONGEST_TEXT).collect()
}

fn kept(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut room = HEADER_BYTES;
    headers
        .iter()
        .filter(|(name, _)| !SECRET_HEADERS.contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .take_while(|(name, value)| {
            let left = room.checked_sub(name.len() + value.len());
            room = left.unwrap_or_default();
            left.is_some()
        })
        .collect()
}

/// Which of the requests that are held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// The one of this id.
    Request(u64),
    /// Those for this operation.
    Operation(String),
}

/// The requests, oldest first.
#[derive(Debug, Default)]
pub struct RequestLog {
    entries: VecDeque<Entry>,
    seen: u64,
    /// Those that wait to be released, by id, whether or not their entries are still there.
    held: BTreeMap<u64, Gate>,
}

#[derive(Debug)]
struct Gate {
    operation: String,
    open: oneshot::Sender<()>,
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

    /// Notes whom a request is about.
    pub fn traced(&mut self, id: u64, trace: Trace) {
        if let Some(entry) = self.entry(id) {
            entry.username = trace.username;
            entry.refresh = trace.refresh;
        }
    }

    /// Notes what an operation came to: nothing for a success, or the exception's name.
    pub fn carried_out(&mut self, id: u64, exception: Option<&str>) {
        if let Some(entry) = self.entry(id) {
            entry.outcome = Some(exception.unwrap_or("ok").to_owned());
        }
    }

    /// Notes how a request was answered.
    pub fn answered(&mut self, id: u64, status: u16, exception: Option<String>, at: Millis) {
        if let Some(entry) = self.entry(id) {
            entry.status = Some(status);
            entry.exception = exception;
            entry.answered_at = Some(at);
        }
    }

    /// Holds a request; what is returned resolves when it is released, or fails when it is cut off.
    pub fn hold(&mut self, id: u64, operation: &str) -> oneshot::Receiver<()> {
        let (open, released) = oneshot::channel();
        let operation = operation.to_owned();
        self.held.insert(id, Gate { operation, open });
        if let Some(entry) = self.entry(id) {
            entry.held = true;
        }
        released
    }

    /// Lets held requests go on, and returns their ids.
    pub fn release(&mut self, which: &Which) -> Vec<u64> {
        let released: Vec<u64> = self
            .held
            .iter()
            .filter(|(id, gate)| match which {
                Which::All => true,
                Which::Request(wanted) => *id == wanted,
                Which::Operation(wanted) => gate.operation == *wanted,
            })
            .map(|(id, _)| *id)
            .collect();
        for id in &released {
            if let Some(entry) = self.entry(*id) {
                entry.held = false;
            }
            if let Some(gate) = self.held.remove(id) {
                let _ = gate.open.send(());
            }
        }
        released
    }

    /// The requests, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// Throws them away. The ids go on counting, and what is held stays held.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Throws away those that are held, too.
    pub fn cut_off(&mut self) {
        self.clear();
        self.held.clear();
    }

    fn entry(&mut self, id: u64) -> Option<&mut Entry> {
        self.entries.iter_mut().rfind(|entry| entry.id == id)
    }
}
