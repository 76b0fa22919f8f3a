//! Responses on their way to the app.

use super::super::answers::delivery_medium;
use crate::core::json::{ObjectWriter, Reader, StringMap};
use crate::core::totp;

/// A member of the response, what the app calls it, and how the app gets it.
#[derive(Debug)]
pub(super) struct Field(pub(super) &'static str, pub(super) &'static str, pub(super) As);

#[derive(Clone, Copy, Debug)]
pub(super) enum As {
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

pub(super) fn convert(
    fields: &[Field],
    from: &Reader<'_>,
    account: AppAccount<'_>,
    result: ObjectWriter,
) -> ObjectWriter {
    fields
        .iter()
        .fold(result, |result, field| field.convert(from, account, result))
}

impl Field {
    fn convert(&self, from: &Reader<'_>, account: AppAccount<'_>, result: ObjectWriter) -> ObjectWriter {
        let Field(wire, name, kind) = *self;
        match kind {
            As::Text => result.maybe_text(name, from.filled_text(wire)),
            As::RequiredText => result.text(name, from.required_text(wire)),
            As::Flag => match from.flag(wire) {
                Some(flag) => result.flag(name, flag),
                None => result,
            },
            As::Time => match from.integer(wire) {
                Some(time) => result.integer(name, time),
                None => result,
            },
            As::Texts => result.texts(name, from.texts(wire).iter().map(|text| &**text)),
            As::Pairs => result.text_map(name, pairs(from, wire).iter().map(|(name, value)| (&**name, &**value))),
            As::Delivery if !from.has(wire) => result,
            As::Delivery => result.object(name, delivery(&from.section(wire))),
            As::Deliveries => result.objects(name, from.objects(wire).iter().map(delivery)),
            As::Object(_) if !from.has(wire) => result,
            As::Object(fields) | As::RequiredObject(fields) => {
                result.object(name, convert(fields, &from.section(wire), account, ObjectWriter::new()))
            }
            As::List(fields) => result.objects(
                name,
                from.objects(wire)
                    .iter()
                    .map(|item| convert(fields, item, account, ObjectWriter::new())),
            ),
            As::Remembered => match pairs(from, wire)
                .iter()
                .find(|(name, _)| name == "dev:device_remembered_status")
            {
                Some((_, status)) => result.flag(name, status == "remembered"),
                None => result,
            },
            As::Confirmed => result.text(
                name,
                if from.flag(wire) == Some(true) {
                    "confirmed"
                } else {
                    "unconfirmed"
                },
            ),
            As::SetupUri => {
                let secret = from.text(wire).unwrap_or_default();
                result.text(name, &totp::setup_uri(account.issuer, account.name, secret))
            }
            As::Fixed(text) => result.text(name, text),
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
