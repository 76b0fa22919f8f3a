//! Groups: making and changing them, and who is in them.

use serde_json::{Value, json};

use super::admin_user::with_user;
use super::answer::Answer;
use crate::clock::Millis;
use crate::error::Exception;
use crate::input::Input;
use crate::state::{Group, Pool, State};

/// The largest page of a list.
const PAGE: usize = 60;

/// CreateGroup.
pub fn create_group(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let name = input.text("GroupName")?;
    let pool = pool(state, input)?;
    if pool.groups.get(name).is_some() {
        return Err(Exception::new(
            "GroupExistsException",
            "A group with the name already exists.",
        ));
    }
    let group = Group {
        name: name.to_owned(),
        description: input.optional_text("Description")?.map(str::to_owned),
        role_arn: input.optional_text("RoleArn")?.map(str::to_owned),
        precedence: input.number("Precedence")?,
        created: now,
        modified: now,
    };
    let described = group.describe(&pool.id);
    pool.groups.insert(group);
    Ok(json!({ "Group": described }))
}

/// GetGroup.
pub fn get_group(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let pool = pool(state, input)?;
    let group = pool.groups.get(input.text("GroupName")?).ok_or_else(no_group)?;
    Ok(json!({ "Group": group.describe(&pool.id) }))
}

/// UpdateGroup. What is not given stays.
pub fn update_group(state: &mut State, input: Input<'_>, now: Millis) -> Answer {
    let pool = pool(state, input)?;
    let group = pool.groups.get_mut(input.text("GroupName")?).ok_or_else(no_group)?;
    if let Some(description) = input.optional_text("Description")? {
        group.description = Some(description.to_owned());
    }
    if let Some(role) = input.optional_text("RoleArn")? {
        group.role_arn = Some(role.to_owned());
    }
    group.precedence = input.number("Precedence")?.or(group.precedence);
    group.modified = now;
    let described = group.describe(&pool.id);
    Ok(json!({ "Group": described }))
}

/// DeleteGroup. Its users stay.
pub fn delete_group(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let name = input.text("GroupName")?;
    let pool = pool(state, input)?;
    pool.groups.remove(name).ok_or_else(no_group)?;
    for user in pool.users.iter_mut() {
        user.groups.remove(name);
    }
    Ok(Value::Null)
}

/// ListGroups.
pub fn list_groups(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let pool = pool(state, input)?;
    let groups = pool.groups.iter().map(|group| group.describe(&pool.id)).collect();
    page(groups, "Groups", input)
}

/// AdminAddUserToGroup. The user's next tokens show it.
pub fn admin_add_user_to_group(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let name = existing_group(state, input)?;
    with_user(state, input, |user, _| {
        user.groups.insert(name.to_owned());
        Ok(Value::Null)
    })
}

/// AdminRemoveUserFromGroup.
pub fn admin_remove_user_from_group(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let name = existing_group(state, input)?;
    with_user(state, input, |user, _| {
        user.groups.remove(name);
        Ok(Value::Null)
    })
}

/// AdminListGroupsForUser.
pub fn admin_list_groups_for_user(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let sub = with_user(state, input, |user, _| Ok(json!(user.sub)))?;
    let pool = pool(state, input)?;
    let user = pool.users.get(sub.as_str().unwrap_or_default());
    let groups = user.map(|user| pool.groups.of(user)).unwrap_or_default();
    let groups = groups.into_iter().map(|group| group.describe(&pool.id)).collect();
    page(groups, "Groups", input)
}

/// ListUsersInGroup.
pub fn list_users_in_group(state: &mut State, input: Input<'_>, _now: Millis) -> Answer {
    let name = existing_group(state, input)?;
    let users = pool(state, input)?
        .users
        .iter()
        .filter(|user| user.groups.contains(name))
        .map(|user| user.describe("Attributes"))
        .collect();
    page(users, "Users", input)
}

fn pool<'a>(state: &'a mut State, input: Input<'_>) -> Result<&'a mut Pool, Exception> {
    state.pool(input.text("UserPoolId")?)
}

fn existing_group<'a>(state: &mut State, input: Input<'a>) -> Result<&'a str, Exception> {
    let name = input.text("GroupName")?;
    pool(state, input)?.groups.get(name).ok_or_else(no_group)?;
    Ok(name)
}

fn page(entries: Vec<Value>, member: &str, input: Input<'_>) -> Answer {
    let limit = input.page_size("Limit", PAGE)?;
    super::page(entries, member, "NextToken", limit, input.optional_text("NextToken")?)
}

fn no_group() -> Exception {
    Exception::resource_not_found("Group not found.")
}
