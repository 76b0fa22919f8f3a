//! Faults that tests ask for: what goes wrong, at which operation, how often.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::ops;

/// What goes wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fault {
    /// The answer waits this long.
    pub latency_ms: u64,
    /// What the answer is.
    pub effect: Effect,
}

/// What becomes of the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Effect {
    /// Nothing; the fault is its latency.
    #[default]
    None,
    /// A bare status without a body.
    Status(u16),
    /// An exception that the operation would not have thrown.
    Exception {
        /// Its name.
        name: String,
        /// Its message.
        message: String,
        /// The HTTP status.
        status: u16,
        /// `Retry-After`.
        retry_after_seconds: Option<u64>,
    },
    /// A page, such as a gateway or a captive portal sends.
    Html(u16),
    /// The operation runs; the second half of the answer's body is missing.
    Truncate,
    /// The connection is reset; with `after`, once the operation has run.
    Reset {
        /// Whether the operation runs.
        after: bool,
    },
    /// The operation runs; the answer comes without CORS headers.
    DropCors,
}

impl Fault {
    /// Reads the `fault` of a rule.
    pub fn parse(value: &Value) -> Result<Self, String> {
        let members = value.as_object().ok_or("fault: expected an object")?;
        let mut fault = Self::default();
        let mut effects = Vec::new();
        for (name, value) in members {
            match name.as_str() {
                "latencyMs" => fault.latency_ms = number(name, value)?,
                "status" if members.contains_key("exception") || members.contains_key("html") => {}
                "status" => effects.push(Effect::Status(status(members, 503)?)),
                "exception" => effects.push(Effect::Exception {
                    name: exception_name(value)?,
                    message: members
                        .get("message")
                        .map_or(Ok(String::new()), |value| text("message", value))?,
                    status: status(members, 400)?,
                    retry_after_seconds: members
                        .get("retryAfterSeconds")
                        .map(|value| number("retryAfterSeconds", value))
                        .transpose()?,
                }),
                "message" | "retryAfterSeconds" if members.contains_key("exception") => {}
                "html" => effects.push(Effect::Html(only_true(name, value).and(status(members, 403))?)),
                "truncate" => effects.push(only_true(name, value).map(|()| Effect::Truncate)?),
                "dropCors" => effects.push(only_true(name, value).map(|()| Effect::DropCors)?),
                "reset" if value == "after" => effects.push(Effect::Reset { after: true }),
                "reset" => effects.push(
                    only_true(name, value)
                        .map(|()| Effect::Reset { after: false })
                        .map_err(|_| "fault.reset: expected true or \"after\"")?,
                ),
                _ => return Err(format!("fault.{name}: unknown, or it does not belong to this fault")),
            }
        }
        match effects.len() {
            0 if fault.latency_ms > 0 => Ok(fault),
            0 => Err("fault: expected one of latencyMs, status, exception, html, truncate, reset, dropCors".to_owned()),
            1 => Ok(Self {
                effect: effects.pop().unwrap_or_default(),
                ..fault
            }),
            _ => Err("fault: expected one effect, found several".to_owned()),
        }
    }
}

fn number(name: &str, value: &Value) -> Result<u64, String> {
    value
        .as_u64()
        .ok_or_else(|| format!("fault.{name}: expected a whole number"))
}

fn text(name: &str, value: &Value) -> Result<String, String> {
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| format!("fault.{name}: expected a text"))
}

/// The name goes into a header, with a colon after it.
fn exception_name(value: &Value) -> Result<String, String> {
    let name = text("exception", value)?;
    if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()) {
        Ok(name)
    } else {
        Err("fault.exception: expected a name of letters and digits".to_owned())
    }
}

fn only_true(name: &str, value: &Value) -> Result<(), String> {
    if value == true {
        Ok(())
    } else {
        Err(format!("fault.{name}: expected true"))
    }
}

fn status(members: &Map<String, Value>, default: u16) -> Result<u16, String> {
    let Some(value) = members.get("status") else {
        return Ok(default);
    };
    let status = number("status", value)?;
    u16::try_from(status)
        .ok()
        .filter(|status| (200..600).contains(status))
        .ok_or_else(|| "fault.status: expected an HTTP status from 200 to 599".to_owned())
}

/// One rule.
#[derive(Debug, Clone, Serialize)]
pub struct Rule {
    id: u64,
    operation: String,
    /// How often it fires yet; nothing for ever.
    remaining: Option<u64>,
    fired: u64,
    /// As it was asked for.
    #[serde(rename = "fault")]
    asked: Value,
    #[serde(skip)]
    fault: Fault,
}

impl Rule {
    /// Reads a rule.
    pub fn parse(value: &Value) -> Result<Self, String> {
        let members = value
            .as_object()
            .ok_or("expected an object with operation, count and fault")?;
        if let Some(unknown) = members
            .keys()
            .find(|name| !["operation", "count", "fault"].contains(&name.as_str()))
        {
            return Err(format!("{unknown}: unknown"));
        }
        let operation = members
            .get("operation")
            .and_then(Value::as_str)
            .ok_or("operation: expected an operation's name, or \"*\"")?;
        if operation != "*" && !ops::exists(operation) {
            // It would never fire, and the test that asked for it would prove nothing.
            return Err(format!("operation: the emulator has no operation {operation:?}"));
        }
        let remaining = match members.get("count") {
            None => Some(1),
            Some(Value::Null) => None,
            Some(count) => Some(
                count
                    .as_u64()
                    .ok_or("count: expected a whole number, or null for ever")?,
            ),
        };
        let asked = members.get("fault").cloned().ok_or("fault: missing")?;
        let fault = Fault::parse(&asked)?;
        Ok(Self {
            id: 0,
            operation: operation.to_owned(),
            remaining,
            fired: 0,
            asked,
            fault,
        })
    }

    fn concerns(&self, operation: &str) -> bool {
        self.remaining != Some(0) && (self.operation == "*" || self.operation == operation)
    }
}

/// The rules, in the order they were given. One fires per request: the first that concerns it.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<Rule>,
    given: u64,
}

impl Faults {
    /// Adds a rule; its id is given here.
    pub fn add(&mut self, rule: Rule) -> Rule {
        self.given += 1;
        let rule = Rule { id: self.given, ..rule };
        self.rules.push(rule.clone());
        rule
    }

    /// Every rule, with how often it fired.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Forgets them.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// What goes wrong at this request.
    pub fn fire(&mut self, operation: &str) -> Fault {
        let Some(rule) = self.rules.iter_mut().find(|rule| rule.concerns(operation)) else {
            return Fault::default();
        };
        rule.fired += 1;
        if let Some(remaining) = &mut rule.remaining {
            *remaining -= 1;
        }
        rule.fault.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rule_fires_as_often_as_it_says_and_then_no_more() {
        let mut faults = Faults::default();
        faults.add(Rule::parse(&json!({"operation": "GetUser", "count": 2, "fault": {"status": 503}})).unwrap());
        assert_eq!(faults.fire("InitiateAuth"), Fault::default());
        for _ in 0..2 {
            assert_eq!(faults.fire("GetUser").effect, Effect::Status(503));
        }
        assert_eq!(faults.fire("GetUser"), Fault::default());
        assert_eq!(json!(faults.rules())[0]["fired"], 2);
    }

    #[test]
    fn a_rule_fires_once_unless_it_says_otherwise_and_for_ever_with_null() {
        let mut faults = Faults::default();
        faults.add(Rule::parse(&json!({"operation": "*", "fault": {"truncate": true}})).unwrap());
        faults.add(Rule::parse(&json!({"operation": "*", "count": null, "fault": {"latencyMs": 5}})).unwrap());
        assert_eq!(faults.fire("GetUser").effect, Effect::Truncate);
        for _ in 0..10 {
            assert_eq!(
                faults.fire("GetUser"),
                Fault {
                    latency_ms: 5,
                    effect: Effect::None
                }
            );
        }
    }

    #[test]
    fn latency_accompanies_any_other_fault() {
        let fault = Fault::parse(&json!({"latencyMs": 20, "reset": "after"})).unwrap();
        assert_eq!(
            fault,
            Fault {
                latency_ms: 20,
                effect: Effect::Reset { after: true }
            }
        );
    }

    #[test]
    fn a_rule_that_makes_no_sense_is_refused_with_its_reason() {
        for (rule, reason) in [
            (json!([]), "expected an object"),
            (json!({"fault": {"status": 503}}), "operation"),
            (json!({"operation": "", "fault": {"status": 503}}), "no operation \"\""),
            (
                json!({"operation": "GetUsers", "fault": {"status": 503}}),
                "no operation \"GetUsers\"",
            ),
            (
                json!({"operation": "*", "fault": {"exception": "No: Exception"}}),
                "fault.exception",
            ),
            (json!({"operation": "*", "fault": {"exception": ""}}), "fault.exception"),
            (json!({"operation": "*"}), "fault: missing"),
            (json!({"operation": "*", "fault": {}}), "expected one of"),
            (
                json!({"operation": "*", "fault": {"status": 503, "truncate": true}}),
                "several",
            ),
            (json!({"operation": "*", "fault": {"status": 99}}), "fault.status"),
            (json!({"operation": "*", "fault": {"rest": true}}), "fault.rest"),
            (json!({"operation": "*", "fault": {"reset": 1}}), "fault.reset"),
            (
                json!({"operation": "*", "count": -1, "fault": {"status": 503}}),
                "count",
            ),
            (json!({"operation": "*", "times": 1, "fault": {"status": 503}}), "times"),
        ] {
            let refused = Rule::parse(&rule).unwrap_err();
            assert!(refused.contains(reason), "{rule}: {refused}");
        }
    }
}
