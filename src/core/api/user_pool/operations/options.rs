//! Options on their way into a request.

use std::borrow::Cow;

use crate::core::json::{self, ObjectWriter, Reader, StringMap};

/// An option, and the member of the request that it becomes.
#[derive(Debug)]
pub(super) struct Member {
    /// The option.
    pub(super) option: &'static str,
    wire: &'static str,
    kind: Kind,
    is_required: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    Flag,
    /// Names and texts; an empty map is left out, because the service refuses one in some places.
    Map,
    /// Names and texts, as a list of `Name` and `Value`.
    Pairs,
    /// The same, of the user's attributes.
    Attributes,
    /// The name of an attribute.
    AttributeName,
    /// Several.
    AttributeNames,
    /// `remembered` or `not_remembered`, from a flag.
    Remembered,
    /// `LINKED` or `NONE`, from a flag.
    Linked,
    /// `Enabled` and `PreferredMfa`, from one word.
    Preference,
    /// `Enabled` alone, from one word.
    Enabling,
}

pub(super) const fn required(option: &'static str, wire: &'static str, kind: Kind) -> Member {
    Member {
        option,
        wire,
        kind,
        is_required: true,
    }
}

pub(super) const fn optional(option: &'static str, wire: &'static str, kind: Kind) -> Member {
    Member {
        option,
        wire,
        kind,
        is_required: false,
    }
}

impl Member {
    pub(super) fn write(&self, options: &Reader<'_>, body: ObjectWriter) -> ObjectWriter {
        let Self { option, wire, kind, .. } = *self;
        if !options.has(option) {
            if self.is_required {
                options.refuse(option, kind.expected(), "missing");
            }
            return body;
        }
        match kind {
            Kind::Text => body.text(wire, options.required_filled_text(option)),
            Kind::AttributeName => body.text(wire, &attribute_name(options.required_filled_text(option))),
            Kind::AttributeNames => {
                let names = options.texts(option);
                if names.iter().any(String::is_empty) {
                    options.refuse(option, "a list of names", "a list with an empty one");
                }
                let names: Vec<_> = names.iter().map(|name| attribute_name(name)).collect();
                body.texts(wire, names.iter().map(|name| &**name))
            }
            Kind::Flag => body.flag(wire, options.flag(option) == Some(true)),
            Kind::Map => with_map(body, wire, &options.text_map(option)),
            Kind::Pairs => with_pairs(body, wire, &options.text_map(option)),
            Kind::Attributes => with_pairs(body, wire, &attributes(options, option)),
            Kind::Remembered => body.text(wire, choice(options, option, "remembered", "not_remembered")),
            Kind::Linked => body.text(wire, choice(options, option, "LINKED", "NONE")),
            Kind::Preference | Kind::Enabling => body.object(wire, preference(options, option, kind)),
        }
    }
}

impl Kind {
    fn expected(self) -> &'static str {
        match self {
            Kind::Flag | Kind::Remembered | Kind::Linked => "true or false",
            Kind::Map | Kind::Pairs | Kind::Attributes => "an object",
            Kind::AttributeNames => "a list of strings",
            Kind::Text | Kind::AttributeName | Kind::Preference | Kind::Enabling => "a string",
        }
    }
}

fn choice(options: &Reader<'_>, option: &str, yes: &'static str, no: &'static str) -> &'static str {
    if options.flag(option) == Some(true) { yes } else { no }
}

/// What Amplify means by the same words.
fn preference(options: &Reader<'_>, option: &str, kind: Kind) -> ObjectWriter {
    let settings = ObjectWriter::with_capacity(64);
    match (options.text(option).unwrap_or_default(), kind) {
        ("enabled", _) => settings.flag("Enabled", true),
        ("disabled", _) => settings.flag("Enabled", false),
        ("preferred", Kind::Preference) => settings.flag("Enabled", true).flag("PreferredMfa", true),
        ("notPreferred", Kind::Preference) => settings.flag("Enabled", true).flag("PreferredMfa", false),
        (_, Kind::Preference) => {
            let words = "\"enabled\", \"disabled\", \"preferred\" or \"notPreferred\"";
            options.refuse(option, words, "a different string");
            settings
        }
        _ => {
            options.refuse(option, "\"enabled\" or \"disabled\"", "a different string");
            settings
        }
    }
}

/// The service refuses empty maps in some places, so an empty one is left out in all.
pub(in crate::core::api::user_pool) fn with_map(body: ObjectWriter, member: &str, map: &StringMap) -> ObjectWriter {
    body.when(!map.is_empty(), |body| {
        body.text_map(member, map.iter().map(|(name, value)| (&**name, &**value)))
    })
}

fn with_pairs(body: ObjectWriter, member: &str, map: &StringMap) -> ObjectWriter {
    let pairs = map
        .iter()
        .map(|(name, value)| ObjectWriter::with_capacity(256).text("Name", name).text("Value", value));
    body.when(!map.is_empty(), |body| body.objects(member, pairs))
}

/// The attributes that every pool has. All others are the pool's own.
const STANDARD: &[&str] = &[
    "address",
    "birthdate",
    "email",
    "email_verified",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "phone_number_verified",
    "picture",
    "preferred_username",
    "profile",
    "sub",
    "updated_at",
    "website",
    "zoneinfo",
];

/// Attributes under the names that the service wants. One that is named twice, with and without `custom:`, is refused:
/// it is unknown which of its values the app means.
pub fn attributes(options: &Reader<'_>, option: &'static str) -> StringMap {
    let mut attributes = StringMap::new();
    for (name, value) in options.text_map(option) {
        let wire = attribute_name(&name);
        attributes.push((wire.into(), value));
    }
    let names = || attributes.iter().map(|(name, _)| &**name);
    if names().any(|name| name == "custom:") || json::has_twice(names()) {
        options.refuse(
            option,
            "attributes with a name each",
            "an empty name, or one with and without `custom:`",
        );
    }
    attributes
}

/// An attribute's name as the service wants it: the pool's own begin with `custom:`, whether the app says so or not.
fn attribute_name(name: &str) -> Cow<'_, str> {
    if name.contains(':') || STANDARD.contains(&name) {
        name.into()
    } else {
        ["custom:", name].concat().into()
    }
}
