//! What goes wrong, as a test asks for it.

use serde_json::{Map, Value};

use crate::clock::{Millis, SECOND};

/// What goes wrong.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fault {
    /// The request waits this long before anything is done with it.
    pub latency_ms: u64,
    /// The request, or its answer, waits until it is released.
    pub hold: Option<Hold>,
    /// What the answer is.
    pub effect: Effect,
    /// Whether the operation is carried out even though its answer is replaced.
    pub after: bool,
    /// The answer comes without CORS headers.
    pub drop_cors: bool,
    /// How far the answer's `Date` is from the emulator's time.
    pub date_offset: Millis,
}

/// What waits to be released.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// The request: the operation is not carried out yet.
    Before,
    /// The answer: the operation has been carried out.
    After,
}

/// What becomes of the answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Effect {
    /// Nothing; the fault is in what accompanies it.
    #[default]
    None,
    /// Another answer in its place.
    Replace(Replacement),
    /// The second half of its body is missing.
    Truncate,
    /// Its body is missing.
    Empty,
    /// The connection is reset.
    Reset,
}

/// An answer that the operation would not have given.
#[derive(Debug, Clone, PartialEq)]
pub struct Replacement {
    /// The HTTP status.
    pub status: u16,
    /// What it carries.
    pub content: Content,
    /// `Retry-After`.
    pub retry_after_seconds: Option<u64>,
}

/// What an answer carries.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Nothing.
    Nothing,
    /// A text, or any other JSON.
    Body(Value),
    /// A service exception.
    Exception {
        /// Its name.
        name: String,
        /// Its message.
        message: String,
    },
    /// A page, such as a gateway or a captive portal sends.
    Html,
}

/// The members that make a fault, of which there may be one.
const EFFECTS: [&str; 5] = ["status", "exception", "html", "truncate", "empty"];

impl Fault {
    /// Reads the `fault` of a rule.
    pub fn parse(value: &Value) -> Result<Self, String> {
        let members = value.as_object().ok_or("fault: expected an object")?;
        let mut fault = Self {
            effect: effect(members)?,
            ..Self::default()
        };
        let replaces = matches!(fault.effect, Effect::Replace(_));
        for (name, value) in members {
            match name.as_str() {
                "latencyMs" => fault.latency_ms = number(name, value)?,
                "hold" => fault.hold = Some(hold(value)?),
                "dropCors" => {
                    only_true(name, value)?;
                    fault.drop_cors = true;
                }
                "dateOffsetSeconds" => fault.date_offset = offset(value)?,
                "reset" => fault.after = value == "after",
                "after" if replaces => {
                    only_true(name, value)?;
                    fault.after = true;
                }
                "retryAfterSeconds" if replaces => {}
                "message" if members.contains_key("exception") => {}
                "body" if is_bare_status(members) => {}
                effect if EFFECTS.contains(&effect) => {}
                _ => return Err(format!("fault.{name}: unknown, or it does not belong to this fault")),
            }
        }
        if fault == Self::default() {
            return Err(format!(
                "fault: expected one of {}, reset, latencyMs, hold, dropCors, dateOffsetSeconds",
                EFFECTS.join(", ")
            ));
        }
        if fault.hold == Some(Hold::After) && !fault.lets_run() {
            return Err("fault.hold: \"after\" is for an operation that is carried out; say \"before\"".to_owned());
        }
        Ok(fault)
    }

    /// Whether the operation is carried out.
    pub fn lets_run(&self) -> bool {
        self.after || matches!(self.effect, Effect::None | Effect::Truncate | Effect::Empty)
    }
}

fn effect(members: &Map<String, Value>) -> Result<Effect, String> {
    let mut effects = Vec::new();
    for (name, value) in members {
        match name.as_str() {
            "status" if is_bare_status(members) => {
                let content = members
                    .get("body")
                    .map_or(Content::Nothing, |body| Content::Body(body.clone()));
                effects.push(Effect::Replace(replacement(members, content, 503)?));
            }
            "exception" => {
                let (name, status) = (exception_name(value)?, default_status(value));
                let message = match members.get("message") {
                    Some(message) => text("message", message)?,
                    None => default_message(&name).to_owned(),
                };
                let content = Content::Exception { name, message };
                effects.push(Effect::Replace(replacement(members, content, status)?));
            }
            "html" => {
                only_true(name, value)?;
                effects.push(Effect::Replace(replacement(members, Content::Html, 403)?));
            }
            "truncate" => effects.push(only_true(name, value).map(|()| Effect::Truncate)?),
            "empty" => effects.push(only_true(name, value).map(|()| Effect::Empty)?),
            "reset" if value == "after" || value == true => effects.push(Effect::Reset),
            "reset" => return Err("fault.reset: expected true or \"after\"".to_owned()),
            _ => {}
        }
    }
    if effects.len() > 1 {
        return Err("fault: expected one effect, found several".to_owned());
    }
    Ok(effects.pop().unwrap_or_default())
}

fn replacement(members: &Map<String, Value>, content: Content, default_status: u16) -> Result<Replacement, String> {
    Ok(Replacement {
        status: status(members, default_status)?,
        content,
        retry_after_seconds: members
            .get("retryAfterSeconds")
            .map(|value| number("retryAfterSeconds", value))
            .transpose()?,
    })
}

/// Beside an exception or a page, `status` is theirs.
fn is_bare_status(members: &Map<String, Value>) -> bool {
    members.contains_key("status") && !members.contains_key("exception") && !members.contains_key("html")
}

/// What the service says with its commonest refusals of no fault of the client's.
fn default_message(exception: &str) -> &'static str {
    match exception {
        "TooManyRequestsException" => "Rate exceeded",
        "LimitExceededException" => "Attempt limit exceeded, please try after some time.",
        _ => "",
    }
}

fn default_status(exception: &Value) -> u16 {
    if exception == "InternalErrorException" {
        500
    } else {
        400
    }
}

fn hold(value: &Value) -> Result<Hold, String> {
    match value.as_str() {
        Some("before") => Ok(Hold::Before),
        Some("after") => Ok(Hold::After),
        _ => Err("fault.hold: expected \"before\" or \"after\"".to_owned()),
    }
}

fn offset(value: &Value) -> Result<Millis, String> {
    value
        .as_i64()
        .and_then(|seconds| seconds.checked_mul(SECOND))
        .ok_or_else(|| "fault.dateOffsetSeconds: expected a whole number, negative for the past".to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parsed(fault: Value) -> Fault {
        Fault::parse(&fault).unwrap_or_else(|refused| panic!("{fault}: {refused}"))
    }

    fn exception(fault: Value) -> (u16, String) {
        match parsed(fault).effect {
            Effect::Replace(Replacement {
                status,
                content: Content::Exception { message, .. },
                ..
            }) => (status, message),
            other => panic!("not an exception: {other:?}"),
        }
    }

    #[test]
    fn latency_a_hold_a_wrong_date_and_missing_cors_headers_accompany_any_other_fault() {
        for effect in [
            json!({}),
            json!({"status": 503}),
            json!({"exception": "X"}),
            json!({"truncate": true}),
            json!({"empty": true}),
            json!({"reset": "after"}),
        ] {
            let mut asked = json!({"latencyMs": 20, "hold": "before", "dropCors": true, "dateOffsetSeconds": -60});
            let plain = Fault::parse(&effect).unwrap_or_default();
            let members = effect.as_object().unwrap().clone();
            asked.as_object_mut().unwrap().extend(members);
            let fault = parsed(asked);
            assert_eq!(
                (fault.latency_ms, fault.hold, fault.drop_cors, fault.date_offset),
                (20, Some(Hold::Before), true, -60_000)
            );
            assert_eq!((fault.effect, fault.after), (plain.effect, plain.after));
        }
    }

    #[test]
    fn the_commonest_exceptions_bring_their_own_words() {
        assert_eq!(
            exception(json!({"exception": "TooManyRequestsException"})),
            (400, "Rate exceeded".to_owned())
        );
        assert_eq!(
            exception(json!({"exception": "LimitExceededException"})),
            (400, "Attempt limit exceeded, please try after some time.".to_owned())
        );
        assert_eq!(exception(json!({"exception": "InternalErrorException"})).0, 500);
        assert_eq!(
            exception(json!({"exception": "TooManyRequestsException", "message": "Slowly", "status": 429})),
            (429, "Slowly".to_owned())
        );
    }

    #[test]
    fn an_operation_runs_unless_its_answer_is_replaced_before_it() {
        for (fault, runs) in [
            (json!({"latencyMs": 1}), true),
            (json!({"hold": "before"}), true),
            (json!({"truncate": true}), true),
            (json!({"empty": true}), true),
            (json!({"dropCors": true}), true),
            (json!({"dateOffsetSeconds": 1}), true),
            (json!({"status": 503}), false),
            (json!({"status": 503, "after": true}), true),
            (json!({"html": true}), false),
            (json!({"exception": "X", "after": true}), true),
            (json!({"reset": true}), false),
            (json!({"reset": "after"}), true),
        ] {
            assert_eq!(parsed(fault.clone()).lets_run(), runs, "{fault}");
        }
    }

    #[test]
    fn a_fault_that_makes_no_sense_is_refused_with_its_reason() {
        for (fault, reason) in [
            (json!([]), "expected an object"),
            (json!({}), "expected one of"),
            (json!({"exception": "No: Exception"}), "fault.exception"),
            (json!({"exception": ""}), "fault.exception"),
            (json!({"status": 503, "truncate": true}), "several"),
            (json!({"empty": true, "reset": true}), "several"),
            (json!({"status": 99}), "fault.status"),
            (json!({"rest": true}), "fault.rest"),
            (json!({"reset": 1}), "fault.reset"),
            (json!({"reset": true, "after": true}), "fault.after"),
            (
                json!({"truncate": true, "retryAfterSeconds": 1}),
                "fault.retryAfterSeconds",
            ),
            (
                json!({"status": 503, "retryAfterSeconds": -1}),
                "fault.retryAfterSeconds",
            ),
            (json!({"html": true, "body": "x"}), "fault.body"),
            (json!({"status": 503, "message": "x"}), "fault.message"),
            (json!({"hold": true}), "fault.hold"),
            (json!({"hold": "after", "status": 503}), "fault.hold"),
            (json!({"dropCors": false}), "fault.dropCors"),
            (json!({"dateOffsetSeconds": "1"}), "fault.dateOffsetSeconds"),
        ] {
            let refused = Fault::parse(&fault).unwrap_err();
            assert!(refused.contains(reason), "{fault}: {refused}");
        }
    }
}
