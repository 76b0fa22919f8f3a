//! Sending codes: to which address, and what the caller is told of it.

use serde_json::{Value, json};

use crate::attributes::is_email;
use crate::clock::Millis;
use crate::outbox::{Medium, Message, Outbox, Trigger};
use crate::state::{PoolSettings, User};

/// What goes into a message beside its address.
#[derive(Debug)]
pub struct Letter<'a> {
    /// The pool of the user.
    pub pool_id: &'a str,
    /// The client that asked for it.
    pub client_id: Option<&'a str>,
    /// Why it is sent.
    pub trigger: Trigger,
    /// The code in it.
    pub code: Option<String>,
    /// The temporary password in it.
    pub temporary_password: Option<String>,
}

impl<'a> Letter<'a> {
    /// An empty letter.
    pub fn new(pool_id: &'a str, client_id: Option<&'a str>, trigger: Trigger) -> Self {
        Self {
            pool_id,
            client_id,
            trigger,
            code: None,
            temporary_password: None,
        }
    }
}

/// Sends a letter to the address in one of the user's attributes and returns `CodeDeliveryDetails`.
pub fn send(outbox: &mut Outbox, user: &User, attribute: &str, letter: Letter<'_>, now: Millis) -> Value {
    let destination = user.attribute(attribute).unwrap_or_default().to_owned();
    send_to(outbox, user, attribute, destination, letter, now)
}

/// Sends a letter to an address that is not, or not yet, the user's attribute.
pub fn send_to(
    outbox: &mut Outbox,
    user: &User,
    attribute: &str,
    destination: String,
    letter: Letter<'_>,
    now: Millis,
) -> Value {
    let details = details(attribute, &destination);
    let mut also_known_as = vec![user.sub.clone()];
    also_known_as.extend(
        ["email", "phone_number", "preferred_username"]
            .into_iter()
            .filter_map(|name| user.attribute(name))
            .map(str::to_owned),
    );
    outbox.send(Message {
        id: 0,
        user_pool_id: letter.pool_id.to_owned(),
        client_id: letter.client_id.map(str::to_owned),
        username: user.username.clone(),
        trigger: letter.trigger,
        medium: Medium::of(attribute),
        destination,
        code: letter.code,
        temporary_password: letter.temporary_password,
        sent_at: now,
        also_known_as,
    });
    details
}

/// The attribute that a new user's code goes to: of those the pool verifies, the phone number comes first.
pub fn verified_at_sign_up(settings: &PoolSettings, user: &User) -> Option<&'static str> {
    ["phone_number", "email"].into_iter().find(|attribute| {
        settings.auto_verified_attributes.iter().any(|name| name == attribute) && user.attribute(attribute).is_some()
    })
}

/// `CodeDeliveryDetails`, with the address masked.
pub fn details(attribute: &str, destination: &str) -> Value {
    json!({
        "AttributeName": attribute,
        "DeliveryMedium": Medium::of(attribute),
        "Destination": match Medium::of(attribute) {
            Medium::Email => mask_email(destination),
            Medium::Sms => mask_phone_number(destination),
        },
    })
}

/// What AWS says of a code it did not send, where it hides that the user does not exist.
pub fn simulated(name: &str) -> Value {
    if is_email(name) {
        details("email", name)
    } else {
        details("email", &format!("{name}@example.com"))
    }
}

fn mask_email(address: &str) -> String {
    let (local, domain) = address.split_once('@').unwrap_or((address, ""));
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    format!("{}***@{}***", first(local), first(domain))
}

fn mask_phone_number(number: &str) -> String {
    let digits: Vec<char> = number.chars().skip_while(|c| *c == '+').collect();
    let hidden = digits.len().saturating_sub(4);
    let shown: String = digits.iter().skip(hidden).collect();
    format!("+{}{shown}", "*".repeat(hidden))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_masked_as_aws_masks_them() {
        assert_eq!(mask_email("frank@example.com"), "f***@e***");
        assert_eq!(mask_phone_number("+120655541114"), "+********1114");
    }
}
