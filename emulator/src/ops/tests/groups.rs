//! Groups, and what they add to tokens.

use serde_json::{Value, json};

use crate::testing::{CLIENT, POOL, World};

fn group(name: &str) -> Value {
    json!({"UserPoolId": POOL, "GroupName": name})
}

fn create(world: &mut World, name: &str, more: Value) -> Value {
    let mut request = group(name);
    request
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    world.ok("CreateGroup", request)["Group"].clone()
}

fn member(name: &str) -> Value {
    json!({"UserPoolId": POOL, "GroupName": name, "Username": "alice"})
}

fn role(name: &str) -> String {
    format!("arn:aws:iam::000000000000:role/{name}")
}

#[test]
fn a_group_is_made_described_changed_listed_and_deleted() {
    let mut world = World::with_user("alice");
    let made = create(&mut world, "staff", json!({"Description": "all", "Precedence": 2}));
    assert_eq!(
        (&made["GroupName"], &made["UserPoolId"], &made["Precedence"]),
        (&json!("staff"), &json!(POOL), &json!(2))
    );
    assert_eq!(made.get("RoleArn"), None);
    assert_eq!(
        world.refused("CreateGroup", group("staff")),
        "GroupExistsException: A group with the name already exists."
    );
    world.now += 1000;
    let mut request = group("staff");
    request["RoleArn"] = json!(role("staff"));
    let changed = world.ok("UpdateGroup", request)["Group"].clone();
    assert_eq!(
        (&changed["Description"], &changed["RoleArn"]),
        (&json!("all"), &json!(role("staff")))
    );
    assert_ne!(changed["LastModifiedDate"], changed["CreationDate"]);
    assert_eq!(world.ok("GetGroup", group("staff"))["Group"], changed);

    create(&mut world, "admins", json!({}));
    let listed = world.ok("ListGroups", json!({"UserPoolId": POOL, "Limit": 1}));
    assert_eq!(listed["Groups"].as_array().unwrap().len(), 1);
    let rest = world.ok(
        "ListGroups",
        json!({"UserPoolId": POOL, "NextToken": listed["NextToken"]}),
    );
    assert_eq!(rest["Groups"], json!([changed]));

    world.ok("AdminAddUserToGroup", member("staff"));
    world.ok("DeleteGroup", group("staff"));
    for operation in ["GetGroup", "UpdateGroup", "DeleteGroup", "ListUsersInGroup"] {
        assert_eq!(
            world.refused(operation, group("staff")),
            "ResourceNotFoundException: Group not found."
        );
    }
    create(&mut world, "staff", json!({}));
    let users = world.ok("ListUsersInGroup", group("staff"));
    assert_eq!(users["Users"], json!([]), "another group of that name has no users yet");
}

#[test]
fn users_are_in_groups_until_they_are_taken_out() {
    let mut world = World::with_user("alice");
    create(&mut world, "staff", json!({"Precedence": 2}));
    create(&mut world, "admins", json!({"Precedence": 1}));
    for _ in 0..2 {
        assert_eq!(world.ok("AdminAddUserToGroup", member("staff")), Value::Null);
    }
    world.ok("AdminAddUserToGroup", member("admins"));
    let user = json!({"UserPoolId": POOL, "Username": "alice"});
    let of_alice = world.ok("AdminListGroupsForUser", user.clone());
    let names: Vec<_> = of_alice["Groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| &group["GroupName"])
        .collect();
    assert_eq!(names, ["admins", "staff"], "the one that takes precedence first");
    assert_eq!(
        world.ok("ListUsersInGroup", group("staff"))["Users"][0]["Username"],
        "alice"
    );

    world.ok("AdminRemoveUserFromGroup", member("admins"));
    assert_eq!(
        world.ok("AdminListGroupsForUser", user)["Groups"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let unknown = json!({"UserPoolId": POOL, "GroupName": "staff", "Username": "nobody"});
    assert_eq!(
        world.refused("AdminAddUserToGroup", unknown),
        "UserNotFoundException: User does not exist."
    );
    assert_eq!(
        world.refused("AdminAddUserToGroup", member("missing")),
        "ResourceNotFoundException: Group not found."
    );
}

#[test]
fn tokens_name_the_groups_and_the_role_that_takes_precedence() {
    let mut world = World::with_user("alice");
    let tokens = world.tokens(CLIENT, "alice");
    for name in ["IdToken", "AccessToken"] {
        assert_eq!(tokens.claims(name).get("cognito:groups"), None);
    }
    create(&mut world, "staff", json!({"Precedence": 2, "RoleArn": role("staff")}));
    create(
        &mut world,
        "admins",
        json!({"Precedence": 1, "RoleArn": role("admins")}),
    );
    create(&mut world, "guests", json!({}));
    for name in ["guests", "staff", "admins"] {
        world.ok("AdminAddUserToGroup", member(name));
    }
    let tokens = world.tokens(CLIENT, "alice");
    let (id, access) = (tokens.claims("IdToken"), tokens.claims("AccessToken"));
    let names = json!(["admins", "staff", "guests"]);
    assert_eq!((&id["cognito:groups"], &access["cognito:groups"]), (&names, &names));
    assert_eq!(id["cognito:roles"], json!([role("admins"), role("staff")]));
    assert_eq!(id["cognito:preferred_role"], role("admins"));
    assert_eq!(
        (access.get("cognito:roles"), access.get("cognito:preferred_role")),
        (None, None)
    );

    let refreshed = world.ok(
        "GetTokensFromRefreshToken",
        json!({"ClientId": CLIENT, "RefreshToken": tokens.refresh()}),
    );
    assert!(refreshed["AuthenticationResult"]["IdToken"].is_string());
}

#[test]
fn groups_of_equal_precedence_prefer_a_role_only_if_they_agree_on_it() {
    let mut world = World::with_user("alice");
    create(&mut world, "one", json!({"RoleArn": role("one")}));
    create(&mut world, "two", json!({"RoleArn": role("two")}));
    for name in ["one", "two"] {
        world.ok("AdminAddUserToGroup", member(name));
    }
    let id = world.tokens(CLIENT, "alice").claims("IdToken");
    assert_eq!(id.get("cognito:preferred_role"), None);
    assert_eq!(id["cognito:roles"], json!([role("one"), role("two")]));
    let mut request = group("two");
    request["RoleArn"] = json!(role("one"));
    world.ok("UpdateGroup", request);
    let id = world.tokens(CLIENT, "alice").claims("IdToken");
    assert_eq!(id["cognito:preferred_role"], role("one"));
}
