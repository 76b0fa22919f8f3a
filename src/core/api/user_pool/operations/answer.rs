//! Answers on their way to the app.

use super::super::answers::delivery_medium;
use crate::core::json::{ObjectWriter, Reader, StringMap};
use crate::core::totp;

/// A member of the answer, and what the app calls it.
#[derive(Debug)]
pub(super) struct Field(pub(super) &'static str, pub(super) &'static str, pub(super) Told);

#[derive(Clone, Copy, Debug)]
pub(super) enum Told {
    Text,
    RequiredText,
    Flag,
    /// Seconds since 1970.
    Time,
    Texts,
    /// A list of `Name` and `Value`, as an object.
    Pairs,
    /// `CodeDeliveryDetails`.
    Delivery,
    /// A list of them.
    Deliveries,
    Object(&'static [Field]),
    RequiredObject(&'static [Field]),
    List(&'static [Field]),
    /// `confirmed` or `unconfirmed`, from a flag.
    Confirmed,
    /// What the attributes of a device say of it.
    Remembered,
    /// The URI that sets up an authenticator app with this secret.
    SetupUri,
    /// Always this.
    Fixed(&'static str),
}

/// How an authenticator app names the account that it is set up for.
#[derive(Clone, Copy, Debug)]
pub struct AppAccount<'a> {
    /// The name of the site or company.
    pub issuer: &'a str,
    /// The user.
    pub name: &'a str,
}

pub(super) fn tell(fields: &[Field], from: &Reader<'_>, account: AppAccount<'_>, told: ObjectWriter) -> ObjectWriter {
    fields.iter().fold(told, |told, field| field.tell(from, account, told))
}

impl Field {
    fn tell(&self, from: &Reader<'_>, account: AppAccount<'_>, told: ObjectWriter) -> ObjectWriter {
        let Field(wire, name, kind) = *self;
        match kind {
            Told::Text => told.maybe_text(name, from.filled_text(wire)),
            Told::RequiredText => told.text(name, from.required_text(wire)),
            Told::Flag => match from.flag(wire) {
                Some(flag) => told.flag(name, flag),
                None => told,
            },
            Told::Time => match from.integer(wire) {
                Some(time) => told.integer(name, time),
                None => told,
            },
            Told::Texts => told.texts(name, from.texts(wire).iter().map(|text| &**text)),
            Told::Pairs => told.text_map(name, pairs(from, wire).iter().map(|(name, value)| (&**name, &**value))),
            Told::Delivery if !from.has(wire) => told,
            Told::Delivery => told.object(name, delivery(&from.section(wire))),
            Told::Deliveries => told.objects(name, from.objects(wire).iter().map(delivery)),
            Told::Object(_) if !from.has(wire) => told,
            Told::Object(fields) | Told::RequiredObject(fields) => {
                told.object(name, tell(fields, &from.section(wire), account, ObjectWriter::new()))
            }
            Told::List(fields) => told.objects(
                name,
                from.objects(wire)
                    .iter()
                    .map(|item| tell(fields, item, account, ObjectWriter::new())),
            ),
            Told::Remembered => match pairs(from, wire)
                .iter()
                .find(|(name, _)| name == "dev:device_remembered_status")
            {
                Some((_, status)) => told.flag(name, status == "remembered"),
                None => told,
            },
            Told::Confirmed => told.text(
                name,
                if from.flag(wire) == Some(true) {
                    "confirmed"
                } else {
                    "unconfirmed"
                },
            ),
            Told::SetupUri => {
                let secret = from.text(wire).unwrap_or_default();
                told.text(name, &totp::setup_uri(account.issuer, account.name, secret))
            }
            Told::Fixed(text) => told.text(name, text),
        }
    }
}

/// A list of `Name` and `Value`. One without a value was never set.
fn pairs(from: &Reader<'_>, wire: &'static str) -> StringMap {
    from.objects(wire)
        .iter()
        .map(|pair| {
            let value = pair.text("Value").unwrap_or_default();
            (pair.required_text("Name").into(), value.into())
        })
        .collect()
}

fn delivery(details: &Reader<'_>) -> ObjectWriter {
    ObjectWriter::with_capacity(256)
        .text(
            "deliveryMedium",
            delivery_medium(details.text("DeliveryMedium").unwrap_or_default()),
        )
        .maybe_text("destination", details.filled_text("Destination"))
        .maybe_text("attributeName", details.filled_text("AttributeName"))
}
