//! The directory of a pool: who is meant by a name.

use std::collections::BTreeMap;

use super::{PoolSettings, User};

/// The attributes that can stand for a user.
const NAMING_ATTRIBUTES: [&str; 3] = ["email", "phone_number", "preferred_username"];

/// Every user of a pool, by `sub`.
#[derive(Debug, Clone, Default)]
pub struct Users(BTreeMap<String, User>);

impl Users {
    /// Adds a user.
    pub fn insert(&mut self, user: User) {
        self.0.insert(user.sub.clone(), user);
    }

    /// Takes a user out.
    pub fn remove(&mut self, sub: &str) -> Option<User> {
        self.0.remove(sub)
    }

    /// The user of this `sub`.
    pub fn get(&self, sub: &str) -> Option<&User> {
        self.0.get(sub)
    }

    /// The user of this `sub`.
    pub fn get_mut(&mut self, sub: &str) -> Option<&mut User> {
        self.0.get_mut(sub)
    }

    /// Every user.
    pub fn iter(&self) -> impl Iterator<Item = &User> {
        self.0.values()
    }

    /// Every user, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut User> {
        self.0.values_mut()
    }

    /// Who signs in under this name: a username, an attribute the pool's users sign in with, or an alias that its owner
    /// has verified.
    pub fn sign_in_name(&mut self, settings: &PoolSettings, name: &str) -> Option<&mut User> {
        let name = settings.fold(name);
        let sub = self
            .0
            .values()
            .find(|user| answers_to(user, settings, &name))?
            .sub
            .clone();
        self.0.get_mut(&sub)
    }

    /// Who is meant by an administrator, who may also give the `sub`.
    pub fn any_name(&mut self, settings: &PoolSettings, name: &str) -> Option<&mut User> {
        if self.0.contains_key(name) {
            return self.0.get_mut(name);
        }
        self.sign_in_name(settings, name)
    }

    /// Who already signs in with this value of an attribute, other than `sub`.
    pub fn holder_of(&self, settings: &PoolSettings, attribute: &str, value: &str, sub: &str) -> Option<&User> {
        let value = settings.fold(value);
        self.0.values().find(|user| {
            user.sub != sub
                && user.attribute(attribute) == Some(value.as_str())
                && (settings.signs_in_with(attribute)
                    || attribute == "preferred_username"
                    || user.is_verified(attribute))
        })
    }
}

fn answers_to(user: &User, settings: &PoolSettings, name: &str) -> bool {
    if user.username == name {
        return true;
    }
    NAMING_ATTRIBUTES.into_iter().any(|attribute| {
        let serves = settings.signs_in_with(attribute)
            || (settings.has_alias(attribute) && (attribute == "preferred_username" || user.is_verified(attribute)));
        serves && user.attribute(attribute) == Some(name)
    })
}
