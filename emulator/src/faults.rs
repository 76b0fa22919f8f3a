//! Faults that tests ask for: what goes wrong, at which operation, how often.

mod answer;
mod fault;

use serde::Serialize;
use serde_json::Value;

pub use fault::{Content, Effect, Fault, Hold, Replacement};

use crate::ops;

/// How many rules there may be.
const MOST_RULES: usize = 1000;

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
    /// Adds a rule; its id is given here. Nothing where there is no room for another.
    pub fn add(&mut self, rule: Rule) -> Option<Rule> {
        if self.rules.len() == MOST_RULES {
            return None;
        }
        self.given += 1;
        let rule = Rule { id: self.given, ..rule };
        self.rules.push(rule.clone());
        Some(rule)
    }

    /// Every rule, with how often it fired.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Forgets them.
    pub fn clear(&mut self) {
        self.rules.clear();
    }

    /// What goes wrong at this request, with the id of the rule that says so.
    pub fn fire(&mut self, operation: &str) -> Option<(u64, Fault)> {
        let rule = self.rules.iter_mut().find(|rule| rule.concerns(operation))?;
        rule.fired += 1;
        if let Some(remaining) = &mut rule.remaining {
            *remaining -= 1;
        }
        Some((rule.id, rule.fault.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn add(faults: &mut Faults, rule: Value) {
        faults.add(Rule::parse(&rule).unwrap());
    }

    fn fired(faults: &mut Faults, operation: &str) -> Option<u64> {
        faults.fire(operation).map(|(id, _)| id)
    }

    #[test]
    fn a_rule_fires_as_often_as_it_says_and_then_no_more() {
        let mut faults = Faults::default();
        add(
            &mut faults,
            json!({"operation": "GetUser", "count": 2, "fault": {"status": 503}}),
        );
        assert_eq!(fired(&mut faults, "InitiateAuth"), None);
        for _ in 0..2 {
            assert_eq!(fired(&mut faults, "GetUser"), Some(1));
        }
        assert_eq!(fired(&mut faults, "GetUser"), None);
        assert_eq!(json!(faults.rules())[0]["fired"], 2);
    }

    #[test]
    fn a_rule_fires_once_unless_it_says_otherwise_and_for_ever_with_null() {
        let mut faults = Faults::default();
        add(&mut faults, json!({"operation": "*", "fault": {"truncate": true}}));
        add(
            &mut faults,
            json!({"operation": "*", "count": null, "fault": {"latencyMs": 5}}),
        );
        assert_eq!(fired(&mut faults, "GetUser"), Some(1));
        for _ in 0..10 {
            let (id, fault) = faults.fire("GetUser").unwrap();
            assert_eq!((id, fault.latency_ms), (2, 5));
        }
    }

    #[test]
    fn every_operation_can_go_wrong() {
        for operation in ops::names() {
            let rule = json!({"operation": operation, "fault": {"status": 503}});
            assert!(Rule::parse(&rule).is_ok(), "{operation}");
        }
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
            (json!({"operation": "*"}), "fault: missing"),
            (json!({"operation": "*", "fault": {"rest": true}}), "fault.rest"),
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
