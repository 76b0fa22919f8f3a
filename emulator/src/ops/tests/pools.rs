//! Administration of pools and clients.

use serde_json::json;

use crate::testing::{POOL, World};

fn client_request(id: &str) -> serde_json::Value {
    json!({"UserPoolId": POOL, "ClientId": id})
}

#[test]
fn a_pool_is_made_described_changed_listed_and_deleted() {
    let mut world = World::new();
    let policy = json!({"PasswordPolicy": {"MinimumLength": 6, "RequireSymbols": false}});
    let request = json!({"PoolName": "mine", "Policies": policy, "UsernameAttributes": ["email"]});
    let made = world.ok("CreateUserPool", request)["UserPool"].clone();
    let id = made["Id"].as_str().unwrap().to_owned();
    assert!(id.starts_with("us-east-1_") && id.len() == 19, "{id}");
    assert_eq!(made["Policies"]["PasswordPolicy"]["MinimumLength"], 6);
    assert_eq!(made["MfaConfiguration"], "OFF");
    assert_eq!(
        world.ok("DescribeUserPool", json!({"UserPoolId": id}))["UserPool"],
        made
    );

    world.ok(
        "UpdateUserPool",
        json!({"UserPoolId": id, "AutoVerifiedAttributes": ["email"]}),
    );
    let changed = world.ok("DescribeUserPool", json!({"UserPoolId": id}))["UserPool"].clone();
    assert_eq!(changed["AutoVerifiedAttributes"], json!(["email"]));
    assert_eq!(changed["Policies"]["PasswordPolicy"]["MinimumLength"], 8);
    assert_eq!(changed["UsernameAttributes"], json!(["email"]));
    assert_eq!(changed["Name"], "mine");

    let listed = world.ok("ListUserPools", json!({"MaxResults": 1}));
    assert_eq!(listed["UserPools"].as_array().unwrap().len(), 1);
    let rest = world.ok(
        "ListUserPools",
        json!({"MaxResults": 60, "NextToken": listed["NextToken"]}),
    );
    assert_eq!(rest["UserPools"].as_array().unwrap().len(), 1);

    world.ok("DeleteUserPool", json!({"UserPoolId": id}));
    assert_eq!(
        world.refused("DescribeUserPool", json!({"UserPoolId": id})),
        format!("ResourceNotFoundException: User pool {id} does not exist.")
    );
}

#[test]
fn a_setting_out_of_bounds_is_named_with_its_path() {
    let mut world = World::new();
    let policy = json!({"PasswordPolicy": {"MinimumLength": 5}});
    let refused = world.refused("CreateUserPool", json!({"PoolName": "p", "Policies": policy}));
    assert!(refused.contains("'policies.passwordPolicy.minimumLength'"), "{refused}");
    let request = json!({"UserPoolId": POOL, "ClientName": "c", "AuthSessionValidity": 16});
    let refused = world.refused("CreateUserPoolClient", request);
    assert!(refused.contains("'authSessionValidity'"), "{refused}");
}

#[test]
fn a_client_is_made_described_changed_listed_and_deleted() {
    let mut world = World::new();
    let request = json!({"UserPoolId": POOL, "ClientName": "mine", "GenerateSecret": true});
    let made = world.ok("CreateUserPoolClient", request)["UserPoolClient"].clone();
    let id = made["ClientId"].as_str().unwrap().to_owned();
    assert_eq!(id.len(), 26);
    assert_eq!(made["ClientSecret"].as_str().unwrap().len(), 52);
    assert_eq!(made["PreventUserExistenceErrors"], "LEGACY");
    assert_eq!(made["RefreshTokenValidity"], 30, "days, as where it was not given");
    assert_eq!(
        world.ok("DescribeUserPoolClient", client_request(&id))["UserPoolClient"],
        made
    );

    let mut request = client_request(&id);
    request["PreventUserExistenceErrors"] = json!("ENABLED");
    let changed = world.ok("UpdateUserPoolClient", request)["UserPoolClient"].clone();
    assert_eq!(changed["PreventUserExistenceErrors"], "ENABLED");
    assert_eq!(
        (&changed["ClientName"], &changed["ClientSecret"]),
        (&made["ClientName"], &made["ClientSecret"])
    );

    let listed = world.ok("ListUserPoolClients", json!({"UserPoolId": POOL, "MaxResults": 60}));
    assert_eq!(listed["UserPoolClients"].as_array().unwrap().len(), 5);

    world.ok("DeleteUserPoolClient", client_request(&id));
    assert_eq!(
        world.refused("DescribeUserPoolClient", client_request(&id)),
        format!("ResourceNotFoundException: User pool client {id} does not exist.")
    );
}

#[test]
fn rotation_and_the_older_refresh_flow_exclude_each_other() {
    let refused = World::new().refused(
        "CreateUserPoolClient",
        json!({
            "UserPoolId": POOL,
            "ClientName": "c",
            "RefreshTokenRotation": {"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
            "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
        }),
    );
    assert!(refused.starts_with("InvalidParameterException: "), "{refused}");
}
