//! The groups of a pool, and what they add to a user's tokens.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::User;
use crate::clock::{Millis, timestamp};

/// A group. Who is in it stands at each user.
#[derive(Debug, Clone)]
pub struct Group {
    /// `GroupName`.
    pub name: String,
    /// `Description`.
    pub description: Option<String>,
    /// `RoleArn`.
    pub role_arn: Option<String>,
    /// `Precedence`: the lowest number comes first, and nothing comes last.
    pub precedence: Option<usize>,
    /// When it was made.
    pub created: Millis,
    /// When it last changed.
    pub modified: Millis,
}

impl Group {
    /// `GroupType`.
    pub fn describe(&self, pool_id: &str) -> Value {
        let mut described = json!({
            "GroupName": self.name,
            "UserPoolId": pool_id,
            "CreationDate": timestamp(self.created),
            "LastModifiedDate": timestamp(self.modified),
        });
        if let Some(members) = described.as_object_mut() {
            for (name, value) in [
                ("Description", json!(self.description)),
                ("RoleArn", json!(self.role_arn)),
                ("Precedence", json!(self.precedence)),
            ] {
                if !value.is_null() {
                    members.insert(name.to_owned(), value);
                }
            }
        }
        described
    }

    fn rank(&self) -> usize {
        self.precedence.unwrap_or(usize::MAX)
    }
}

/// Every group of a pool, by name.
#[derive(Debug, Clone, Default)]
pub struct Groups(BTreeMap<String, Group>);

impl Groups {
    /// Adds a group.
    pub fn insert(&mut self, group: Group) {
        self.0.insert(group.name.clone(), group);
    }

    /// The group of this name.
    pub fn get(&self, name: &str) -> Option<&Group> {
        self.0.get(name)
    }

    /// The group of this name.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Group> {
        self.0.get_mut(name)
    }

    /// Takes a group out.
    pub fn remove(&mut self, name: &str) -> Option<Group> {
        self.0.remove(name)
    }

    /// Every group.
    pub fn iter(&self) -> impl Iterator<Item = &Group> {
        self.0.values()
    }

    /// The groups of a user, the one that takes precedence first.
    pub fn of(&self, user: &User) -> Vec<&Group> {
        let mut groups: Vec<&Group> = user.groups.iter().filter_map(|name| self.0.get(name)).collect();
        groups.sort_by_key(|group| group.rank());
        groups
    }

    /// What the ID token says of them. The preferred role is that of the group that takes precedence; where several do,
    /// there is one only if they agree on it.
    pub fn id_claims(&self, user: &User) -> Map<String, Value> {
        let groups = self.of(user);
        let mut claims = self.access_claims(user);
        let roles: BTreeSet<&str> = groups.iter().filter_map(|group| group.role_arn.as_deref()).collect();
        if !roles.is_empty() {
            claims.insert("cognito:roles".to_owned(), json!(roles));
        }
        let first = groups.first().map(|group| group.rank());
        let mut preferred = groups
            .iter()
            .filter(|group| Some(group.rank()) == first)
            .map(|group| group.role_arn.as_deref());
        if let Some(Some(role)) = preferred.next()
            && preferred.all(|other| other == Some(role))
        {
            claims.insert("cognito:preferred_role".to_owned(), json!(role));
        }
        claims
    }

    /// What the access token says of them.
    pub fn access_claims(&self, user: &User) -> Map<String, Value> {
        let names: Vec<&str> = self.of(user).iter().map(|group| group.name.as_str()).collect();
        let mut claims = Map::new();
        if !names.is_empty() {
            claims.insert("cognito:groups".to_owned(), json!(names));
        }
        claims
    }
}
